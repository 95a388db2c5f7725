//! Making a file, and checking that it is as it has to be.

use std::path::Path;

use rusqlite::Connection;

use super::{Options, SqliteStore, connection, schema};
use crate::error::StoreError;
use crate::part::Part;

const FORM: &str = "form";
const JOURNAL: &str = "journal mode";
const INTEGRITY: &str = "integrity";

/// Findings of SQLite about one file that are told.
const FINDINGS: u32 = 20;

impl SqliteStore {
    /// Makes the file, or lifts an older one to today's form, and says what was done. May be called at any time.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn set_up(path: impl AsRef<Path>) -> Result<Vec<Part>, StoreError> {
        let path = path.as_ref();
        let options = Options::default();
        let before = match path.exists() {
            true => Some(schema::identify(&connection::file(path, &options, true)?, path)?),
            false => None,
        };
        drop(Self::open(path, options)?);
        let file = match before {
            None => Part::made(name(path)),
            Some(_) => Part::sound(name(path)),
        };
        let form = format!("{FORM} {}", schema::known());
        let form = if before == Some(schema::known()) { Part::sound(form) } else { Part::made(form) };
        Ok(vec![file, form])
    }

    /// How everything stands that the store consists of: the form, the journal mode, tables, indexes and triggers, and
    /// what SQLite itself finds. Reads the whole file, and only reads.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn check(path: impl AsRef<Path>) -> Result<Vec<Part>, StoreError> {
        let path = path.as_ref();
        if !path.exists() {
            return Ok(vec![Part::missing(name(path))]);
        }
        let conn = connection::file(path, &Options::default(), true)?;
        let found = match schema::identify(&conn, path) {
            Ok(found) => found,
            Err(StoreError::NotAStore { reason, .. } | StoreError::Damaged(reason)) => {
                return Ok(vec![Part::wrong(name(path), reason)]);
            }
            Err(error) => return Err(error),
        };
        let mut parts = vec![Part::sound(name(path))];
        let known = schema::known();
        if found != known {
            let what = match found {
                0 => "the file is empty: `reaper store init` makes the store in it".to_owned(),
                older if older < known => {
                    format!("it is {older}, it has to be {known}: `reaper store init` lifts it")
                }
                newer => format!("it is {newer}, this version reads up to {known}: use a newer version"),
            };
            parts.push(Part::wrong(FORM, what));
            return Ok(parts);
        }
        parts.push(Part::sound(format!("{FORM} {found}")));
        parts.push(journal(&conn)?);
        parts.extend(schema::deviations(&conn)?);
        parts.extend(integrity(&conn)?);
        Ok(parts)
    }
}

fn name(path: &Path) -> String {
    format!("file {}", path.display())
}

fn journal(conn: &Connection) -> Result<Part, StoreError> {
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    Ok(match mode.eq_ignore_ascii_case("wal") {
        true => Part::sound(JOURNAL),
        false => Part::wrong(JOURNAL, format!("it is {mode}, it has to be wal: `reaper store init` sets it")),
    })
}

/// What SQLite finds in the pages of the file, and rows that name others that are not there.
fn integrity(conn: &Connection) -> Result<Vec<Part>, StoreError> {
    let ask = |sql: &str| -> Result<Vec<String>, rusqlite::Error> {
        conn.prepare(sql)?.query_map((), |row| row.get(0))?.collect()
    };
    let found = match ask(&format!("PRAGMA integrity_check({FINDINGS})")) {
        Ok(found) => found.into_iter().filter(|line| line != "ok").collect(),
        Err(error) => match StoreError::from(error) {
            StoreError::Damaged(what) => vec![what],
            error => return Err(error),
        },
    };
    let homeless = ask("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1").unwrap_or_default();
    let homeless = homeless.iter().map(|table| format!("a row of {table} names a commit that is not there"));
    let wrong: Vec<Part> =
        found.into_iter().chain(homeless).map(|what| Part::wrong(INTEGRITY, what)).collect();
    Ok(if wrong.is_empty() { vec![Part::sound(INTEGRITY)] } else { wrong })
}
