//! Function identity-deleted
