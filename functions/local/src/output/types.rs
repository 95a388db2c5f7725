//! The types of events.

use kubeconfig::EventType;
use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use super::{Cell, Column, Listed};

/// A type in a list.
pub(crate) struct TypeRow(pub(crate) EventType);

impl Serialize for TypeRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("TypeRow", 2)?;
        row.serialize_field("type", self.0.name)?;
        row.serialize_field("meaning", self.0.meaning)?;
        row.end()
    }
}

const fn column(title: &'static str, cell: fn(&TypeRow) -> Cell) -> Column<TypeRow> {
    Column { title, wide: false, cell }
}

const COLUMNS: &[Column<TypeRow>] =
    &[column("TYPE", |row| row.0.name.into()), column("MEANING", |row| row.0.meaning.into())];

impl Listed for TypeRow {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        self.0.name.to_owned()
    }
}
