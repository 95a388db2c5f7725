//! Function Compute custom runtime with the shape and types of lambda_runtime.
