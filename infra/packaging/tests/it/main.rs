//! Specifications of the deployment.
