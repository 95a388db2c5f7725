//! Packages.

use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use packaging::package::{Budget, Size, Variant, bill, needs_libraries, pack, table};
use packaging::workspace;
use serde_json::Value;
use zip::ZipArchive;

mod dist;

#[test]
fn the_same_program_gives_the_same_package() {
    let package = pack(b"a program").unwrap();
    assert_eq!(package, pack(b"a program").unwrap());
    assert_ne!(package, pack(b"another program").unwrap());
}

#[test]
fn a_package_holds_one_executable_that_function_compute_starts() {
    let package = pack(b"a program").unwrap();
    let mut archive = ZipArchive::new(Cursor::new(package)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut file = archive.by_index(0).unwrap();
    assert_eq!(
        (file.name().unwrap().as_ref(), file.unix_mode().map(|mode| mode & 0o777)),
        ("bootstrap", Some(0o755))
    );
    let mut program = vec![];
    file.read_to_end(&mut program).unwrap();
    assert_eq!(program, b"a program");
}

#[test]
fn a_program_that_needs_the_libraries_of_its_machine_is_told_from_a_static_one() {
    // This test is one of them, unless it is built for musl itself.
    let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert_eq!(needs_libraries(&own), cfg!(not(target_env = "musl")));
    assert!(!needs_libraries(b"\x7fELF\x02\x01 cut short"));
    assert!(!needs_libraries(b"#!/bin/sh"));
}

#[test]
fn a_package_over_budget_is_told() {
    let size = |binary, zip| Size { name: "f".into(), binary, zip };
    let budget = Budget::FUNCTION;
    assert!(budget.holds(&size(8_999_999, 3_999_999)));
    assert!(!budget.holds(&size(9_000_000, 1)));
    assert!(!budget.holds(&size(1, 4_000_000)));
    let table = table(&[size(9_000_000, 1_234_567)], budget);
    assert!(table.contains("9.00 MB") && table.contains("1.23 MB") && table.contains("EXCEEDED"), "{table}");
}

#[test]
fn the_bill_of_materials_lists_what_is_linked_and_nothing_that_tests() {
    let bytes = bill(&workspace(), "history", Variant::DEPLOYED).unwrap();
    assert_eq!(bytes, bill(&workspace(), "history", Variant::DEPLOYED).unwrap(), "the same bytes again");
    let bill: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    let components = bill["components"].as_array().unwrap();
    let named = |name: &str| components.iter().find(|component| component["name"] == name);
    let axum = named("axum").expect("axum is linked");
    assert_eq!(axum["hashes"][0]["content"].as_str().map(str::len), Some(64));
    assert!(axum["licenses"][0]["expression"].is_string());
    assert!(named("cloud-emulator").is_none() && named("proptest").is_none());
    assert!(
        named("opentelemetry").is_none() && named("rusqlite").is_none(),
        "what another package of the workspace asks for is not linked here"
    );
    let dependencies = bill["dependencies"].as_array().unwrap();
    assert_eq!(dependencies.len(), components.len() + 1, "each component, and the function itself");
}

#[test]
fn what_is_built_besides_stands_in_the_bill() {
    let bytes = bill(&workspace(), "history", Variant { otlp: true, ..Variant::DEPLOYED }).unwrap();
    let bill: Value = serde_json::from_slice(&bytes).unwrap();
    let components = bill["components"].as_array().unwrap();
    assert!(components.iter().any(|component| component["name"] == "opentelemetry-otlp"));
}

/// A file of the workspace's `dist`, or of the directory in `REAPER_DIST`.
fn dist() -> PathBuf {
    std::env::var_os("REAPER_DIST").map_or_else(|| workspace().join("dist"), PathBuf::from)
}

/// Unpacks a package as Function Compute does.
fn unpack(package: &Path, to: &Path) {
    let mut archive = ZipArchive::new(std::fs::File::open(package).unwrap()).unwrap();
    archive.extract(to).unwrap();
}
