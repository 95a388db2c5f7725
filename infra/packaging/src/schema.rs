//! The schema of a Terraform provider, and what a module does that it does not allow.
//!
//! The form is that of `terraform providers schema -json` (Terraform JSON output format 1.0), one resource type to a key.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hcl_edit::structure::{Block, Body};
use serde::Deserialize;

use crate::module::{Module, labels};

/// Arguments that Terraform itself adds to every resource.
const META_ARGUMENTS: &[&str] = &["count", "depends_on", "for_each", "provider"];
/// Blocks that Terraform itself adds to every resource.
const META_BLOCKS: &[&str] = &["connection", "lifecycle", "provisioner"];

/// The resource types of a provider.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Schema {
    types: BTreeMap<String, ResourceType>,
}

#[derive(Debug, Deserialize)]
struct ResourceType {
    block: BlockType,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BlockType {
    attributes: BTreeMap<String, Attribute>,
    block_types: BTreeMap<String, NestedType>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attribute {
    required: bool,
    optional: bool,
    deprecated: bool,
}

#[derive(Debug, Deserialize)]
struct NestedType {
    block: BlockType,
    #[serde(default)]
    min_items: usize,
    max_items: Option<usize>,
}

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The file cannot be read.
    #[error("cannot read the schema: {0}")]
    Unreadable(#[from] std::io::Error),
    /// It is no schema.
    #[error("the schema is not understood: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// What a check looked at.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Blocks `resource`.
    pub resources: usize,
    /// Arguments in them, at every depth.
    pub arguments: usize,
    /// Blocks in them, at every depth.
    pub blocks: usize,
}

/// The outcome of a check.
#[derive(Debug, Default)]
pub struct Report {
    /// What was looked at.
    pub checked: Checked,
    /// What is wrong, each with its place.
    pub problems: Vec<String>,
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// It cannot be read, or has another form.
    pub fn read(path: &Path) -> Result<Self, SchemaError> {
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// Holds every resource of a module to the schema.
    pub fn check(&self, module: &Module) -> Report {
        let mut report = Report::default();
        for (file, block) in module.blocks("resource") {
            let place = format!("{}: {}", file.path.display(), labels(block).join("."));
            report.checked.resources += 1;
            let kind = labels(block).first().and_then(|kind| self.types.get(*kind));
            match kind {
                Some(kind) => check(&kind.block, &block.body, &place, true, &mut report),
                None => report.problems.push(format!("{place}: there is no such resource type")),
            }
        }
        report
    }
}

fn check(kind: &BlockType, body: &Body, place: &str, top: bool, report: &mut Report) {
    for attribute in body.attributes() {
        let key = attribute.key.as_str();
        if top && META_ARGUMENTS.contains(&key) {
            continue;
        }
        report.checked.arguments += 1;
        match kind.attributes.get(key) {
            None => report.problems.push(format!("{place}: there is no argument {key}")),
            Some(known) if !known.required && !known.optional => {
                report.problems.push(format!("{place}: {key} is an attribute, not an argument"));
            }
            Some(known) if known.deprecated => {
                report.problems.push(format!("{place}: {key} is deprecated"));
            }
            Some(_) => {}
        }
    }
    for (name, known) in &kind.attributes {
        if known.required && !body.has_attribute(name) {
            report.problems.push(format!("{place}: {name} is required"));
        }
    }
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut dynamic = BTreeSet::new();
    for block in body.blocks() {
        let Some((name, content)) = content(block) else {
            if !(top && META_BLOCKS.contains(&block.ident.as_str())) {
                report.problems.push(format!("{place}: a dynamic block without content"));
            }
            continue;
        };
        if top && META_BLOCKS.contains(&name) {
            continue;
        }
        report.checked.blocks += 1;
        if block.ident.as_str() == "dynamic" {
            dynamic.insert(name);
        }
        *counts.entry(name).or_default() += 1;
        match kind.block_types.get(name) {
            Some(nested) => check(&nested.block, content, &format!("{place}.{name}"), false, report),
            None => report.problems.push(format!("{place}: there is no block {name}")),
        }
    }
    for (name, nested) in &kind.block_types {
        let count = counts.get(name.as_str()).copied().unwrap_or_default();
        if count < nested.min_items && !dynamic.contains(name.as_str()) {
            report.problems.push(format!("{place}: at least {} {name}", nested.min_items));
        }
        if nested.max_items.is_some_and(|max| count > max) {
            report.problems.push(format!("{place}: more than {:?} {name}", nested.max_items));
        }
    }
}

/// The name of a nested block and its body; for `dynamic "x" { content {} }`, `x` and the body of `content`.
fn content(block: &Block) -> Option<(&str, &Body)> {
    if block.ident.as_str() != "dynamic" {
        return Some((block.ident.as_str(), &block.body));
    }
    let name = *labels(block).first()?;
    let content = block.body.get_blocks("content").next()?;
    Some((name, &content.body))
}
