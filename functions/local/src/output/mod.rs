//! Showing results: one set of rows in seven formats.

mod erased;
mod events;
mod findings;
mod held;
mod holders;
mod outcomes;
mod overview;
mod pairs;
mod parts;
mod promptness;
mod seals;
mod sheet;
mod types;
mod yaml;

use clap::ValueEnum;
use jiff::Timestamp;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

pub(crate) use erased::ErasedRow;
pub(crate) use events::EventRow;
pub(crate) use findings::FindingRow;
pub(crate) use overview::{overview, silence};
pub(crate) use parts::PartRow;
pub(crate) use seals::Verified;
pub(crate) use sheet::{Cell, Column, Tone};
pub(crate) use types::TypeRow;

/// A format of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    Table,
    /// The same with more columns
    Wide,
    /// One JSON document
    Json,
    /// One YAML document
    Yaml,
    /// One line of JSON for each entry
    Ndjson,
    /// Only names, e.g. kubeconfig/{cluster}/{uid}
    Name,
    /// Comma-separated values for spreadsheets, safe against formulas
    Csv,
}

/// How results are shown.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Options {
    /// How results are shown
    #[arg(short, long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    pub(crate) output: Format,
    /// Leave out the line with the names of the columns
    #[arg(long)]
    pub(crate) no_headers: bool,
}

/// What can stand in a list.
pub(crate) trait Listed: Serialize + Sized + 'static {
    /// Its columns. CSV has all of them.
    fn columns() -> &'static [Column<Self>];

    /// What `-o name` prints.
    fn name(&self) -> String;
}

impl Options {
    /// Whether people read it.
    pub(crate) const fn for_people(&self) -> bool {
        matches!(self.output, Format::Table | Format::Wide)
    }

    /// A list as text. `document` is the whole of it, for the formats that hold one document.
    ///
    /// # Errors
    /// It cannot be put into the format.
    pub(crate) fn list<T: Listed>(&self, rows: &[T], document: &impl Serialize) -> Result<String, Failure> {
        match self.output {
            Format::Json => json(document),
            Format::Yaml => yaml(document),
            _ => self.rows(rows, !self.no_headers),
        }
    }

    /// Rows alone; JSON and YAML as elements that can follow each other.
    ///
    /// # Errors
    /// They cannot be put into the format.
    pub(crate) fn rows<T: Listed>(&self, rows: &[T], headers: bool) -> Result<String, Failure> {
        match self.output {
            Format::Table => Ok(sheet::table(rows, false, headers)),
            Format::Wide => Ok(sheet::table(rows, true, headers)),
            Format::Csv => sheet::csv(rows, headers),
            Format::Name => Ok(rows.iter().map(|row| format!("{}\n", row.name())).collect()),
            Format::Yaml if rows.is_empty() => Ok(String::new()),
            Format::Yaml => yaml(&rows),
            Format::Json | Format::Ndjson => rows.iter().map(line).collect(),
        }
    }
}

/// One JSON document.
///
/// # Errors
/// It cannot be written as JSON.
pub(crate) fn json(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(document).map(|text| escaped(&text) + "\n").map_err(unwritable)
}

fn line(row: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(row).map(|text| escaped(&text) + "\n").map_err(unwritable)
}

fn yaml(document: &impl Serialize) -> Result<String, Failure> {
    yaml::document(document).map(|text| escaped(&text)).map_err(unwritable)
}

/// Escapes what JSON lets stand and a terminal obeys, or YAML forbids. It can only stand within quotes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c != '\n' && terminal::steers(c) {
            true => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => escaped.push(c),
        }
    }
    escaped
}

fn unwritable(error: impl std::error::Error) -> Failure {
    Failure::new(Exit::Failed, format!("the result cannot be written in this format: {error}"))
}

/// A time to the second, UTC.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Text from outside on a line for people.
pub(crate) fn clean(text: &str) -> String {
    terminal::clean(text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_reads_the_same() {
        let value = json!({ "name": "a\u{1b}\u{7f}\u{9b}2J\u{202e}b\nc 王" });
        for text in [json(&value).unwrap(), line(&value).unwrap(), yaml(&value).unwrap()] {
            assert!(!text.trim_end().chars().any(|c| c != '\n' && terminal::steers(c)), "{text:?}");
            assert_eq!(serde_norway::from_str::<Value>(&text).unwrap(), value);
        }
    }
}
