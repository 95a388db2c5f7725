//! The fields of log lines and the metrics are those of docs/LOGGING.md, and the words that alarms look for are written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const MACROS: [&str; 8] =
    ["event!(", "trace!(", "debug!(", "info!(", "warn!(", "error!(", "debug_span!(", "info_span!("];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What `tracing` is called with in the sources of functions and libraries.
fn calls(directory: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            // What is measured is no line.
            if !["tests", "examples", "benches", "target", "measure"]
                .iter()
                .any(|other| path.ends_with(other))
            {
                calls(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for name in MACROS {
                let call = format!("tracing::{name}");
                found.extend(text.split(&call).skip(1).flat_map(arguments));
            }
        }
    }
}

/// The arguments of a call, from behind its opening parenthesis.
fn arguments(text: &str) -> Vec<String> {
    let (mut all, mut argument, mut depth, mut quoted) = (vec![], String::new(), 0, false);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => break,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(std::mem::take(&mut argument));
                before = c;
                continue;
            }
            _ => {}
        }
        argument.push(c);
        before = c;
    }
    all.push(argument);
    all.into_iter()
        .map(|argument| argument.trim().to_owned())
        .filter(|argument| !argument.is_empty())
        .collect()
}

/// The field of an argument: `name = value`, or the name alone. Messages and targets are none.
fn field(argument: &str) -> Option<String> {
    if argument.starts_with('"') || argument.starts_with("target:") || argument.starts_with("Level::") {
        return None;
    }
    let name = argument.split('=').next().unwrap().trim().trim_start_matches(['%', '?']);
    Some(name.to_owned())
}

fn written() -> Vec<String> {
    let mut found = vec![];
    for part in ["functions", "shared"] {
        calls(&root().join(part), &mut found);
    }
    found
}

/// The first column of the table under a heading.
fn table(heading: &str) -> BTreeSet<String> {
    let guide = std::fs::read_to_string(root().join("docs/LOGGING.md")).unwrap();
    let (_, part) = guide.split_once(heading).unwrap();
    let lines = part.split("\n# ").next().unwrap().split("\n## ").next().unwrap().lines();
    lines.filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned)).collect()
}

#[test]
fn the_metrics_that_are_told_are_those_of_the_table() {
    let mut arguments = vec![];
    calls(&root().join("shared/measure/src"), &mut arguments);
    let fields: BTreeSet<String> = arguments.iter().filter_map(|argument| field(argument)).collect();
    let metric = |field: &String| {
        let (kind, name) = field.split_once('.')?;
        ["histogram", "monotonic_counter", "gauge"].contains(&kind).then(|| name.to_owned())
    };
    let told: BTreeSet<String> = fields.iter().filter_map(metric).collect();
    assert_eq!(told, table("## Metrics"));
    // Attributes are words, never ids or names.
    let attributes: Vec<_> = fields.iter().filter(|field| metric(field).is_none()).collect();
    assert_eq!(attributes, ["kind", "operation", "outcome", "service", "step"]);
}

#[test]
fn the_fields_that_are_written_are_those_of_the_table() {
    let listed = table("# Log lines");
    let fields: BTreeSet<String> = written().iter().filter_map(|argument| field(argument)).collect();
    let unlisted: Vec<_> = fields.difference(&listed).collect();
    assert!(unlisted.is_empty(), "not in docs/LOGGING.md: {unlisted:?}");
    let unwritten: Vec<_> = listed.difference(&fields).collect();
    assert!(unwritten.is_empty(), "in docs/LOGGING.md, and nobody writes it: {unwritten:?}");
}

#[test]
fn the_lines_that_alarms_look_for_are_written() {
    let alarms = std::fs::read_to_string(root().join("infra/terraform/alarms.tf")).unwrap();
    let written = written();
    for message in ["sweep done", "invocation"] {
        assert!(alarms.contains(message), "an alarm looks for {message}");
        assert!(written.contains(&format!("{message:?}")), "nobody writes {message}");
    }
    for path in alarms.split("'$.").skip(1) {
        let name = path.split('\'').next().unwrap();
        assert!(written.iter().filter_map(|argument| field(argument)).any(|field| field == name), "{name}");
    }
}
