//! The use cases: drives core, store and cloud, and is the only place that sequences side effects.
