//! End-to-end tests: real processes against the emulated cloud.
