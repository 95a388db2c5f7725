//! Packages: each function as one static program named `bootstrap`, in `dist/<function>.zip`.

mod archive;
mod budget;
mod compile;
mod elf;
mod sbom;
mod tools;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::description::{Description, DescriptionError};

pub use archive::{ArchiveError, pack};
pub use budget::{Budget, Size, table};
pub use elf::needs_libraries;
pub use sbom::{SbomError, bill};
pub use tools::missing;

/// What the packages are built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Static, runs on every runtime.
    Musl,
    /// Needs the C library of the machine that built it: for tests there.
    Gnu,
}

impl Target {
    /// Its name in Rust.
    pub const fn triple(self) -> &'static str {
        match self {
            Self::Musl => "x86_64-unknown-linux-musl",
            Self::Gnu => "x86_64-unknown-linux-gnu",
        }
    }
}

/// Which packages are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// What for.
    pub target: Target,
    /// With traces and metrics over OTLP.
    pub otlp: bool,
}

impl Variant {
    /// What functions are deployed as.
    pub const DEPLOYED: Self = Self { target: Target::Musl, otlp: false };

    /// The features of a package, as Cargo takes them beside several packages.
    fn features(self, name: &str) -> Option<String> {
        self.otlp.then(|| format!("{name}/otlp"))
    }
}

/// Why there are no packages.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// Something is not installed.
    #[error("the packages cannot be built here:\n{0}")]
    Missing(String),
    /// The description.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// The compiler, or Cargo.
    #[error("{0} failed")]
    Failed(String),
    /// A program that needs the C library of this machine does not start on another one.
    #[error("{0} is not static")]
    NotStatic(PathBuf),
    /// An archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The list of what is inside.
    #[error(transparent)]
    Sbom(#[from] SbomError),
    /// A file.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Builds and packs every function, and answers their sizes.
///
/// # Errors
/// Says what is missing, or what failed. A package over budget is none: see [`Budget`].
pub fn build(workspace: &Path, out: &Path, variant: Variant) -> Result<Vec<Size>, PackageError> {
    let missing = missing(variant.target);
    if !missing.is_empty() {
        return Err(PackageError::Missing(missing.join("\n")));
    }
    let description = Description::read(workspace)?;
    let names: Vec<&str> = description.functions.keys().map(String::as_str).collect();
    let programs = compile::programs(workspace, &names, variant)?;
    fs::create_dir_all(out).map_err(at(out))?;
    let mut sizes = Vec::new();
    let mut sums = String::new();
    for (name, program) in names.iter().zip(&programs) {
        let binary = fs::read(program).map_err(at(program))?;
        if variant.target == Target::Musl && needs_libraries(&binary) {
            return Err(PackageError::NotStatic(program.clone()));
        }
        let zip = pack(&binary)?;
        let bill = bill(workspace, name, variant)?;
        sizes.push(Size { name: (*name).to_owned(), binary: binary.len(), zip: zip.len() });
        for (file, bytes) in [(format!("{name}.zip"), zip), (format!("{name}.cdx.json"), bill)] {
            let path = out.join(&file);
            fs::write(&path, &bytes).map_err(at(&path))?;
            sums.push_str(&format!("{}  {file}\n", hex::encode(Sha256::digest(&bytes))));
        }
    }
    // What is built is no part of the sources, wherever it is put.
    for (file, text) in [("SHA256SUMS", sums.as_str()), (".gitignore", "*\n")] {
        let path = out.join(file);
        fs::write(&path, text).map_err(at(&path))?;
    }
    Ok(sizes)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PackageError {
    let path = path.to_owned();
    move |source| PackageError::Io { path, source }
}
