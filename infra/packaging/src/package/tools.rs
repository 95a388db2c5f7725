//! What a build needs, and how to get it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Target;

/// C compilers for musl that the `cc` crate finds by itself (cc 1.2, `Build::get_base_compiler`).
const MUSL_COMPILERS: &[&str] = &["x86_64-linux-musl-gcc", "musl-gcc"];

/// What is not installed here, one line each, with the command that installs it.
pub fn missing(target: Target) -> Vec<String> {
    let mut missing = Vec::new();
    if !has_standard_library(target) {
        let triple = target.triple();
        missing.push(format!(
            "- Rust's standard library for {triple}: `rustup target add {triple}`. Debian's libstd-rust-dev has none for \
             musl, and cargo-zigbuild brings a C compiler only."
        ));
    }
    if target == Target::Musl && !has_musl_compiler() {
        missing.push(
            "- A C compiler for musl, for ring: `apt-get install musl-tools`, or name one in \
             CC_x86_64_unknown_linux_musl."
                .to_owned(),
        );
    }
    missing
}

fn has_standard_library(target: Target) -> bool {
    let output =
        Command::new("rustc").args(["--print", "target-libdir", "--target", target.triple()]).output();
    let Ok(output) = output else { return false };
    let directory = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    output.status.success() && has_std(&directory)
}

fn has_std(directory: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(directory) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

fn has_musl_compiler() -> bool {
    let named = std::env::var_os("CC_x86_64_unknown_linux_musl").is_some();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories = std::env::split_paths(&path);
    named || directories.any(|directory| MUSL_COMPILERS.iter().any(|name| directory.join(name).is_file()))
}
