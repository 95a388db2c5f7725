//! From the sources to what is deployed.
//!
//! `infra/deployment.toml` describes the deployment once ([`description`]). From it come the policies of the roles
//! ([`policy`]), what the Terraform module reads ([`terraform`]) and the file of Serverless Devs ([`serverless_devs`]);
//! [`generated`] writes them and tells which are out of date. [`module`] reads the Terraform module, [`schema`] holds it
//! to the schema of the real provider. [`package`] builds the functions and packs them.

pub mod description;
pub mod generated;
pub mod module;
pub mod package;
pub mod policy;
pub mod readme;
pub mod schema;
pub mod serverless_devs;
pub mod terraform;

use std::path::PathBuf;

/// The directory of the workspace that this crate was built in.
pub fn workspace() -> PathBuf {
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).map_or_else(|| package.clone(), PathBuf::from)
}
