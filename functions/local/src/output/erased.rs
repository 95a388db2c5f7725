//! What is erased, type of event by type of event.

use serde::Serialize;

use super::{Cell, Column, Listed};

/// So many values in events of one type.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErasedRow {
    #[serde(rename = "type")]
    type_name: String,
    values: u64,
}

impl ErasedRow {
    pub(crate) fn new(type_name: &str, values: u64) -> Self {
        Self { type_name: type_name.to_owned(), values }
    }
}

const fn column(title: &'static str, wide: bool, cell: fn(&ErasedRow) -> Cell) -> Column<ErasedRow> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<ErasedRow>] = &[
    column("TYPE", false, |row| (&row.type_name).into()),
    column("VALUES", false, |row| row.values.to_string().into()),
];

impl Listed for ErasedRow {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        format!("type/{}", self.type_name)
    }
}
