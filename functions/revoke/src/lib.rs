//! Function revoke
