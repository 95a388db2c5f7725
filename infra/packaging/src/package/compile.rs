//! Building the programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{PackageError, Variant};

/// Profile of `Cargo.toml`.
const PROFILE: &str = "dist";

/// Builds the programs of these packages, and answers where they are, in the same order. Nothing else is built along with
/// them, so that no other package of the workspace asks for features in their name, e.g. for SQLite.
pub(super) fn programs(
    workspace: &Path,
    names: &[&str],
    variant: Variant,
) -> Result<Vec<PathBuf>, PackageError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let directory = target_directory(workspace);
    let target = variant.target;
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace)
        .args(["build", "--locked", "--profile", PROFILE, "--target", target.triple()])
        .arg("--target-dir")
        .arg(&directory)
        // Paths of the machine that builds are no part of a package: the same sources give the same bytes anywhere.
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags(workspace).join("\u{1f}"))
        .env(format!("CFLAGS_{}", target.triple().replace('-', "_")), c_flags(workspace).join(" "));
    for name in names {
        command.args(["-p", name]);
        command
            .args(variant.features(name).into_iter().flat_map(|feature| ["--features".to_owned(), feature]));
    }
    match command.status() {
        Ok(status) if status.success() => {
            let programs = directory.join(target.triple()).join(PROFILE);
            Ok(names.iter().map(|name| programs.join(name)).collect())
        }
        _ => Err(PackageError::Failed(format!("cargo build --profile {PROFILE}"))),
    }
}

/// Apart from the directory of `cargo build`: other flags would make Cargo build everything anew, here and there.
fn target_directory(workspace: &Path) -> PathBuf {
    let base = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    base.join("package")
}

/// Directories of this machine, and what stands for them.
fn directories(workspace: &Path) -> Vec<(PathBuf, &'static str)> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home?.join(".cargo")));
    let cargo = cargo.map(|cargo| (cargo, "/cargo"));
    std::iter::once((workspace.to_owned(), "/reaper")).chain(cargo).collect()
}

fn rust_flags(workspace: &Path) -> Vec<String> {
    let remap = |(from, to): (PathBuf, &str)| format!("--remap-path-prefix={}={to}", from.display());
    directories(workspace).into_iter().map(remap).collect()
}

fn c_flags(workspace: &Path) -> Vec<String> {
    let remap = |(from, to): (PathBuf, &str)| format!("-ffile-prefix-map={}={to}", from.display());
    directories(workspace).into_iter().map(remap).collect()
}
