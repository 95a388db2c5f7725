//! Which part may know which: read from what cargo would build.

use std::collections::BTreeSet;
use std::process::Command;

/// Parts of this project.
const OURS: [&str; 14] = [
    "alibaba-cloud",
    "cloud-emulator",
    "event-store",
    "expiry-sweep",
    "fc-runtime",
    "history",
    "http-api",
    "identity-deleted",
    "kubeconfig",
    "measure",
    "reaper",
    "revocation",
    "revoke",
    "tablestore-rs",
];

const FUNCTIONS: [&str; 4] = ["expiry-sweep", "history", "identity-deleted", "revoke"];

/// The crates that are built into a package, at most so far away.
fn built_into(package: &str, depth: Option<u32>) -> BTreeSet<String> {
    let depth = depth.map(|depth| depth.to_string());
    let mut selection = vec!["-p", package];
    if let Some(depth) = &depth {
        selection.extend(["--depth", depth]);
    }
    let mut names = tree(&selection);
    names.remove(package);
    names
}

/// The crates that are built, those that are asked for among them.
fn tree(selection: &[&str]) -> BTreeSet<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--locked", "--offline", "-e", "normal", "--prefix", "none", "--format", "{p}"]);
    command.args(selection).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn ours_in(package: &str) -> BTreeSet<String> {
    built_into(package, None).into_iter().filter(|name| OURS.contains(&name.as_str())).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn no_function_links_the_emulated_cloud_and_none_links_another() {
    for function in FUNCTIONS {
        let parts = ours_in(function);
        assert!(parts.contains("revocation"), "{function} is built from {parts:?}");
        assert!(!parts.contains("cloud-emulator"), "{function}");
        assert!(FUNCTIONS.iter().all(|other| !parts.contains(*other)), "{function}: {parts:?}");
    }
}

/// Packages are built together, and Cargo gives each crate in them the features that any of them asks for.
#[test]
fn no_function_carries_sqlite() {
    let together = tree(&FUNCTIONS.map(|function| ["-p", function]).concat());
    assert!(together.contains("tablestore-rs"), "{together:?}");
    for part in ["rusqlite", "libsqlite3-sys"] {
        assert!(!together.contains(part), "the packages of the functions hold {part}");
    }
    assert!(built_into("reaper", None).contains("rusqlite"), "the command line keeps its events in a file");
}

#[test]
fn the_core_knows_nobody_and_does_nothing_but_think() {
    assert_eq!(
        built_into("kubeconfig", Some(1)),
        names(&["jiff", "serde", "serde_json", "thiserror", "uuid"])
    );
    let core = built_into("kubeconfig", None);
    for doer in ["tokio", "reqwest", "hyper", "rusqlite", "tracing", "rand"] {
        assert!(!core.contains(doer), "the core does {doer}");
    }
}

#[test]
fn dependencies_point_one_way() {
    assert_eq!(ours_in("kubeconfig"), names(&[]));
    assert_eq!(ours_in("tablestore-rs"), names(&[]));
    assert_eq!(ours_in("fc-runtime"), names(&["measure"]));
    assert_eq!(ours_in("alibaba-cloud"), names(&["kubeconfig", "measure"]));
    let of_store = ours_in("event-store");
    assert!(of_store.is_subset(&names(&["kubeconfig", "tablestore-rs"])), "{of_store:?}");
    let of_use_cases = ours_in("revocation");
    for upward in FUNCTIONS.iter().chain(&["cloud-emulator", "http-api", "reaper"]) {
        assert!(!of_use_cases.contains(*upward), "revocation knows {upward}");
    }
    assert!(
        !ours_in("cloud-emulator").contains("alibaba-cloud"),
        "the check is written without what it checks"
    );
}
