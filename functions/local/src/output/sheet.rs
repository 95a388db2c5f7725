//! Tables for people and CSV for spreadsheets, from the same columns.

use comfy_table::{Cell as TableCell, Color, ContentArrangement, Table, presets};
use jiff::Timestamp;

use super::{Listed, moment};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal;

/// A column of a list.
pub(crate) struct Column<T> {
    /// Its title, upper case with `-`; CSV has it in lower case with `_`.
    pub(crate) title: &'static str,
    /// Only in wide tables.
    pub(crate) wide: bool,
    /// What stands in it.
    pub(crate) cell: fn(&T) -> Cell,
}

/// What stands in one place.
pub(crate) struct Cell {
    text: String,
    /// What stands there in CSV, where a table for people has less.
    exact: Option<String>,
    tone: Tone,
}

/// How loud it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As the rest.
    Plain,
    /// All is well.
    Good,
    /// Somebody should look.
    Warning,
    /// Something is wrong.
    Bad,
}

impl Cell {
    /// The same with a tone.
    #[must_use]
    pub(crate) fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// A time: to the second for people, as it is in CSV.
    pub(crate) fn time(at: Timestamp) -> Self {
        Self { exact: Some(at.to_string()), ..Self::from(moment(at)) }
    }
}

impl<T: ToString> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.to_string(), exact: None, tone: Tone::Plain }
    }
}

/// A table without lines. What is empty shows as `-`; without rows there is no table.
pub(super) fn table<T: Listed>(rows: &[T], wide: bool, headers: bool) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let columns: Vec<_> = T::columns().iter().filter(|column| wide || !column.wide).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if terminal::colours() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    if headers {
        table.set_header(columns.iter().map(|column| column.title));
    }
    for row in rows {
        table.add_row(columns.iter().map(|column| shown(&(column.cell)(row))));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn shown(cell: &Cell) -> TableCell {
    let text = terminal::clean(&cell.text);
    let shown = TableCell::new(if text.is_empty() { "-" } else { &text });
    match cell.tone {
        Tone::Plain => shown,
        Tone::Good => shown.fg(Color::Green),
        Tone::Warning => shown.fg(Color::Yellow),
        Tone::Bad => shown.fg(Color::Red),
    }
}

/// All columns as CSV (RFC 4180).
///
/// # Errors
/// Never by what the cells hold; the writer's own.
pub(super) fn csv<T: Listed>(rows: &[T], headers: bool) -> Result<String, Failure> {
    let columns = T::columns();
    let failed =
        |error: String| Failure::new(Exit::Failed, format!("the result cannot be written as CSV: {error}"));
    let mut writer = csv::Writer::from_writer(vec![]);
    if headers {
        let titles = columns.iter().map(|column| column.title.to_lowercase().replace('-', "_"));
        writer.write_record(titles).map_err(|error| failed(error.to_string()))?;
    }
    for row in rows {
        let cells = columns.iter().map(|column| {
            let Cell { text, exact, .. } = (column.cell)(row);
            without_formula(terminal::clean(&exact.unwrap_or(text)))
        });
        writer.write_record(cells).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

/// Spreadsheets run a cell that begins like a formula (OWASP, "CSV Injection"): such a cell begins with `'`. Tabs and line
/// breaks, which count, too, are gone by then.
fn without_formula(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::without_formula;

    #[test]
    fn no_cell_begins_like_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)"] {
            assert_eq!(without_formula(text.to_owned()), format!("'{text}"));
        }
        assert_eq!(without_formula("a=1".to_owned()), "a=1");
    }
}
