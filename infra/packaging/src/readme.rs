//! The README of the Terraform module.

use hcl_edit::structure::Block;

use crate::description::Description;
use crate::module::{File, Module, labels};
use crate::policy::Policy;

const HEAD: &str = include_str!("readme_head.md");

/// The text of the README: what somebody wrote, and tables made from the module.
pub fn of(module: &Module, description: &Description) -> String {
    let mut text = String::from(HEAD);
    text.push_str(
        "\n## Functions\n\n| function | what it does | triggers | actions allowed |\n|---|---|---|---|\n",
    );
    for (name, function) in &description.functions {
        let mut triggers = Vec::new();
        if function.events {
            triggers.push(format!("EventBridge, {} rules", description.events.rules.len()));
        }
        triggers.extend(function.timers.iter().map(|t| format!("timer `{}` (`{}`)", t.name, t.cron)));
        if !function.http.is_empty() {
            triggers.push(format!("HTTP ({})", function.http.join(", ")));
        }
        let allowed = Policy::of(description, function).map_or(0, |policy| policy.allowed().len());
        text.push_str(&format!("| {name} | {} | {} | {allowed} |\n", function.summary, triggers.join(", ")));
    }
    text.push_str("\n## Inputs\n\n| name | description | type | default |\n|---|---|---|---|\n");
    for (file, block) in module.blocks("variable") {
        let default = Module::source(file, block, "default").map_or("required".into(), code);
        let kind = Module::source(file, block, "type").map_or(String::new(), code);
        text.push_str(&format!("| {} | {} | {kind} | {default} |\n", name(block), told(file, block)));
    }
    text.push_str("\n## Outputs\n\n| name | description |\n|---|---|\n");
    for (file, block) in module.blocks("output") {
        text.push_str(&format!("| {} | {} |\n", name(block), told(file, block)));
    }
    text.push_str("\n## Resources\n\n");
    for resource in module.names("resource") {
        text.push_str(&format!("- `{resource}`\n"));
    }
    text
}

fn name(block: &Block) -> String {
    labels(block).join(".")
}

fn told(file: &File, block: &Block) -> String {
    let text = Module::source(file, block, "description").unwrap_or_default();
    text.trim_matches('"').replace("\\\"", "\"").replace('|', "\\|")
}

fn code(source: &str) -> String {
    let words: Vec<&str> = source.split_whitespace().collect();
    format!("`{}`", words.join(" "))
}
