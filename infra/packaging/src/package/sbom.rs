//! What is inside a package: a software bill of materials in CycloneDX 1.5, made from Cargo's own metadata, so that it
//! needs no further tool and the same sources give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Target, Variant};

/// Why there is no bill.
#[derive(Debug, thiserror::Error)]
pub enum SbomError {
    /// Cargo does not tell.
    #[error("cargo does not say what is built: {0}")]
    Metadata(String),
    /// What it tells, or the lock file, has another form.
    #[error("the metadata of Cargo is not understood: {0}")]
    Malformed(String),
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// `null` for what is linked, `build` and `dev` for the rest.
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// The bill of the package of that name: itself and every crate that it is linked from.
///
/// # Errors
/// Cargo does not tell, or tells it in another form.
pub fn bill(workspace: &Path, name: &str, variant: Variant) -> Result<Vec<u8>, SbomError> {
    let metadata = metadata(workspace, variant.target)?;
    let checksums = checksums(workspace)?;
    let packages: BTreeMap<&str, &Package> = metadata.packages.iter().map(|p| (p.id.as_str(), p)).collect();
    let nodes: BTreeMap<&str, &Node> = metadata.resolve.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    let root = metadata.packages.iter().find(|package| package.name == name && package.source.is_none());
    let root = root.ok_or_else(|| SbomError::Malformed(format!("there is no package {name}")))?;

    let built = built(workspace, name, variant)?;
    let is_built =
        |id: &str| packages.get(id).is_some_and(|p| built.contains(&(p.name.clone(), p.version.clone())));
    let mut linked = BTreeSet::new();
    let mut next = vec![root.id.as_str()];
    while let Some(id) = next.pop() {
        if is_built(id) && linked.insert(id) {
            next.extend(nodes.get(id).into_iter().flat_map(|node| of_node(node)));
        }
    }
    let mut components: Vec<(String, Value)> = Vec::new();
    let mut dependencies: Vec<(String, Vec<String>)> = Vec::new();
    for package in linked.iter().filter_map(|id| packages.get(id)) {
        if package.id != root.id {
            components.push((purl(package), component(package, &checksums)));
        }
        let of = nodes.get(package.id.as_str()).into_iter().flat_map(|node| of_node(node));
        let of = of.filter(|id| linked.contains(id)).filter_map(|id| packages.get(id));
        let mut of: Vec<String> = of.map(|p| purl(p)).collect();
        of.sort();
        of.dedup();
        dependencies.push((purl(package), of));
    }
    components.sort_by(|a, b| a.0.cmp(&b.0));
    dependencies.sort();
    let mut main = component(root, &checksums);
    main["type"] = "application".into();
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": main },
        "components": components.into_iter().map(|(_, component)| component).collect::<Vec<_>>(),
        "dependencies": dependencies
            .into_iter()
            .map(|(of, on)| json!({ "ref": of, "dependsOn": on }))
            .collect::<Vec<_>>(),
    });
    serde_json::to_vec_pretty(&bill).map_err(|error| SbomError::Malformed(error.to_string()))
}

/// What a package is linked from, not what built or tested it.
fn of_node(node: &Node) -> impl Iterator<Item = &str> {
    let linked = |dependency: &&Dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none());
    node.deps.iter().filter(linked).map(|dependency| dependency.pkg.as_str())
}

/// `pkg:cargo/name@version` (package-url specification, type cargo).
fn purl(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"))
}

fn component(package: &Package, checksums: &BTreeMap<(String, String), String>) -> Value {
    let purl = purl(package);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
    });
    if let Some(license) = &package.license {
        // Older crates separate licences by a slash, which SPDX spells OR.
        let license = license.replace('/', " OR ").replace("  ", " ");
        component["licenses"] = json!([{ "expression": license }]);
    }
    if let Some(checksum) = checksums.get(&(package.name.clone(), package.version.clone())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

/// Names and versions of what is built for the package alone. The metadata knows one set of features for the whole
/// workspace, in which another package may ask for more.
fn built(workspace: &Path, name: &str, variant: Variant) -> Result<BTreeSet<(String, String)>, SbomError> {
    let tree = ["tree", "--locked", "-e", "normal", "--prefix", "none", "--format", "{p}", "-p", name];
    let features = variant.features(name).unwrap_or_default();
    let chosen = ["--target", variant.target.triple(), "--features", &features];
    let text = cargo(workspace, &[&tree[..], &chosen].concat())?;
    let text = String::from_utf8_lossy(&text);
    let package = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    };
    Ok(text.lines().filter_map(package).collect())
}

fn metadata(workspace: &Path, target: Target) -> Result<Metadata, SbomError> {
    let asked = ["metadata", "--locked", "--format-version", "1", "--filter-platform", target.triple()];
    let told = cargo(workspace, &asked)?;
    serde_json::from_slice(&told).map_err(|error| SbomError::Malformed(error.to_string()))
}

/// What Cargo prints.
fn cargo(workspace: &Path, arguments: &[&str]) -> Result<Vec<u8>, SbomError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).current_dir(workspace).args(arguments).output();
    let output = output.map_err(|error| SbomError::Metadata(error.to_string()))?;
    if !output.status.success() {
        return Err(SbomError::Metadata(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(output.stdout)
}

/// SHA-256 of each crate's archive, from the lock file.
fn checksums(workspace: &Path) -> Result<BTreeMap<(String, String), String>, SbomError> {
    let malformed = |error: String| SbomError::Malformed(format!("Cargo.lock: {error}"));
    let text = std::fs::read_to_string(workspace.join("Cargo.lock")).map_err(|e| malformed(e.to_string()))?;
    let lock: Lock = toml::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    let with_checksum = lock.package.into_iter();
    Ok(with_checksum.filter_map(|p| Some(((p.name, p.version), p.checksum?))).collect())
}
