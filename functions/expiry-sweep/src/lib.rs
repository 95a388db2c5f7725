//! Function expiry-sweep
