//! Function history
