//! A Terraform module, read without Terraform: its blocks, and what its expressions refer to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hcl_edit::expr::{Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::visit::{self, Visit};

/// A module.
#[derive(Debug)]
pub struct Module {
    /// Its files, in the order of their names.
    pub files: Vec<File>,
}

/// A file of a module.
#[derive(Debug)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What it says.
    pub body: Body,
}

/// Why a module cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// The directory or a file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not HCL.
    #[error("{path}: {problem}")]
    NotHcl {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        problem: String,
    },
}

impl Module {
    /// Reads the `.tf` files of a directory.
    ///
    /// # Errors
    /// Says which file, and what is wrong with it.
    pub fn read(directory: &Path) -> Result<Self, ModuleError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| ModuleError::Unreadable { path, source }
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(directory).map_err(unreadable(directory))? {
            let path = entry.map_err(unreadable(directory))?.path();
            if path.extension().is_some_and(|extension| extension == "tf") {
                paths.push(path);
            }
        }
        paths.sort();
        let files = paths.into_iter().map(|path| {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            let body = text
                .parse::<Body>()
                .map_err(|error| ModuleError::NotHcl { path: path.clone(), problem: error.to_string() })?;
            Ok(File { path, text, body })
        });
        Ok(Self { files: files.collect::<Result<_, _>>()? })
    }

    /// Its blocks of one kind, e.g. `variable`, with the file of each.
    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.files.iter().flat_map(move |file| file.body.get_blocks(kind).map(move |block| (file, block)))
    }

    /// The labels of all blocks of one kind: names of variables and outputs, types and names of resources.
    pub fn names(&self, kind: &str) -> Vec<String> {
        self.blocks(kind).map(|(_, block)| labels(block).join(".")).collect()
    }

    /// What it declares, as expressions refer to it: `var.x`, `local.x`, `data.type.name`, `type.name`, `module.x`.
    pub fn declared(&self) -> BTreeSet<String> {
        let named = |kind: &'static str, prefix: &'static str| {
            self.names(kind).into_iter().map(move |name| format!("{prefix}{name}"))
        };
        let locals = self.blocks("locals").flat_map(|(_, block)| {
            block.body.attributes().map(|attribute| format!("local.{}", attribute.key.as_str()))
        });
        named("variable", "var.")
            .chain(named("data", "data."))
            .chain(named("resource", ""))
            .chain(named("module", "module."))
            .chain(locals)
            .collect()
    }

    /// Everything that its expressions refer to, in the form of [`Module::declared`].
    pub fn referred(&self) -> BTreeSet<String> {
        let mut references = References::default();
        for file in &self.files {
            references.visit_body(&file.body);
        }
        references.found
    }

    /// The text of an attribute's value as it is written, without the space around it.
    pub fn source<'a>(file: &'a File, block: &Block, attribute: &str) -> Option<&'a str> {
        use hcl_edit::Span;
        let span = block.body.get_attribute(attribute)?.value.span()?;
        file.text.get(span).map(str::trim)
    }
}

/// The labels of a block.
pub fn labels(block: &Block) -> Vec<&str> {
    block.labels.iter().map(|label| label.as_str()).collect()
}

#[derive(Default)]
struct References {
    found: BTreeSet<String>,
}

impl Visit for References {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        if let Some(root) = traversal.expr.as_variable() {
            let root = root.as_str();
            let attributes: Vec<&str> = traversal
                .operators
                .iter()
                .map_while(|operator| match operator.value() {
                    TraversalOperator::GetAttr(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            let words = match root {
                "each" | "self" | "count" | "path" => None,
                "var" | "local" | "module" => attributes.get(..1),
                "data" => attributes.get(..2),
                root if root.starts_with("alicloud_") => attributes.get(..1),
                // The variable of a `for` or a `dynamic`.
                _ => None,
            };
            if let Some(words) = words {
                self.found.insert(format!("{root}.{}", words.join(".")));
            }
        }
        visit::visit_traversal(self, traversal);
    }
}
