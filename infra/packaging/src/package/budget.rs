//! How large packages may be.

use comfy_table::{CellAlignment, Table, presets};

/// How large a package may be, in bytes. A cold start downloads and unpacks it: small is fast.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// The program.
    pub binary: usize,
    /// The archive.
    pub zip: usize,
}

impl Budget {
    /// Of every function.
    pub const FUNCTION: Self = Self { binary: 9_000_000, zip: 4_000_000 };

    /// Whether a package keeps within it.
    pub const fn holds(self, size: &Size) -> bool {
        size.binary < self.binary && size.zip < self.zip
    }
}

/// How large a package is, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// The function.
    pub name: String,
    /// The program.
    pub binary: usize,
    /// The archive.
    pub zip: usize,
}

/// The sizes, beside the budget.
pub fn table(sizes: &[Size], budget: Budget) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["FUNCTION", "PROGRAM", "ZIP", "BUDGET"]);
    for size in sizes {
        let verdict = if budget.holds(size) { "kept" } else { "EXCEEDED" };
        table.add_row([size.name.clone(), megabytes(size.binary), megabytes(size.zip), verdict.into()]);
    }
    table.add_row(["budget".into(), megabytes(budget.binary), megabytes(budget.zip), String::new()]);
    for column in table.column_iter_mut().skip(1).take(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn megabytes(bytes: usize) -> String {
    format!("{}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}
