//! The files that are made from the description, and whether they are up to date.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::description::{Description, DescriptionError};
use crate::module::{Module, ModuleError};
use crate::policy::{Policy, UnknownGroup};
use crate::{readme, serverless_devs, terraform};

/// A file that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Its place in the workspace.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Why files cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The description.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// A policy.
    #[error(transparent)]
    Policy(#[from] UnknownGroup),
    /// The Terraform module, which its README is made from.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// JSON.
    #[error("cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// YAML.
    #[error("cannot be written as YAML: {0}")]
    Yaml(#[from] serde_norway::Error),
    /// A file.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Every file that is made.
///
/// # Errors
/// The description or the Terraform module cannot be read.
pub fn all(workspace: &Path) -> Result<Vec<Generated>, GenerateError> {
    let description = Description::read(workspace)?;
    let generated = |path: &str, text| Generated { path: path.into(), text };
    let mut files = vec![
        generated("infra/terraform/deployment.json", terraform::deployment(&description)?),
        generated("infra/serverless-devs/s.yaml", serverless_devs::file(&description)?),
        generated("infra/serverless-devs/domain.yaml", serverless_devs::domain(&description)?),
    ];
    for (name, function) in &description.functions {
        let policy = Policy::of(&description, function)?;
        let text = serde_json::to_string_pretty(&policy)? + "\n";
        files.push(generated(&format!("infra/terraform/policies/{name}.json"), text));
    }
    let module = Module::read(&workspace.join("infra/terraform"))?;
    files.push(generated("infra/terraform/README.md", readme::of(&module, &description)));
    Ok(files)
}

/// Writes every file that is not up to date, and answers which.
///
/// # Errors
/// See [`GenerateError`].
pub fn write(workspace: &Path) -> Result<Vec<PathBuf>, GenerateError> {
    let stale = stale(workspace)?;
    for file in &stale {
        let path = workspace.join(&file.path);
        fs::write(&path, &file.text).map_err(|source| GenerateError::Io { path, source })?;
    }
    Ok(stale.into_iter().map(|file| file.path).collect())
}

/// The files that are not up to date.
///
/// # Errors
/// See [`GenerateError`].
pub fn stale(workspace: &Path) -> Result<Vec<Generated>, GenerateError> {
    let mut files = all(workspace)?;
    files.retain(|file| fs::read_to_string(workspace.join(&file.path)).ok().as_ref() != Some(&file.text));
    Ok(files)
}
