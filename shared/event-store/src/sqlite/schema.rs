//! Which file is ours, and how older files become today's.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::error::StoreError;
use crate::part::Part;

/// Marks our files (SQLite's `application_id`): "Reap".
const APPLICATION: i32 = 0x5265_6170;

/// Each lifts a file from the form before it. Their number is the newest form; a published one is never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_log.sql"),
    include_str!("migrations/0002_channel.sql"),
    include_str!("migrations/0003_disclosures.sql"),
];

/// All that a file is made of, in one word for people.
const OBJECTS: &str = "tables, indexes and triggers";

/// Form of a file (SQLite's `user_version`); 0 is one that holds nothing yet.
type Form = u32;

/// The form of a file that is ours, or empty.
pub(super) fn identify(conn: &Connection, path: &Path) -> Result<Form, StoreError> {
    let alien = |reason: String| StoreError::NotAStore { path: path.to_owned(), reason };
    // The tables first: another process may be making the store right now, and its tables and its mark appear at
    // once. Asked in the other order, it could look like another program's.
    let tables = conn.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get::<_, i64>(0));
    let tables = match tables {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            return Err(alien("it is no SQLite file".to_owned()));
        }
        other => other?,
    };
    let application: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    match application {
        APPLICATION => Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?),
        0 if tables == 0 => Ok(0),
        other => Err(alien(format!("it is a SQLite file of another program (application id {other})"))),
    }
}

/// Whether the file can be read as it is.
pub(super) fn check(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let known = known();
    match identify(conn, path)? {
        found if found > known => Err(StoreError::Newer { what: "the store".to_owned(), found, known }),
        found if found < known => Err(StoreError::Outdated { found, known }),
        _ => Ok(()),
    }
}

/// Brings the file to the newest form, in one transaction: it is in the old form or in the new one.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    apply(conn, path, MIGRATIONS)
}

fn apply(conn: &mut Connection, path: &Path, migrations: &[&str]) -> Result<(), StoreError> {
    let known = newest(migrations);
    if identify(conn, path)? == known {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Again, now that nobody else can change it.
    let found = identify(&tx, path)?;
    if found > known {
        return Err(StoreError::Newer { what: "the store".to_owned(), found, known });
    }
    for sql in migrations.iter().skip(found as usize) {
        tx.execute_batch(sql)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)?;
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    if found < known {
        tracing::info!(event_store.form = known, event_store.form_before = found, "store migrated");
    }
    Ok(())
}

/// The form that this version makes and reads.
pub(super) fn known() -> Form {
    newest(MIGRATIONS)
}

/// What a file of today's form has otherwise than it was made: tables, indexes and triggers.
pub(super) fn deviations(conn: &Connection) -> Result<Vec<Part>, StoreError> {
    let mut fresh = Connection::open_in_memory()?;
    apply(&mut fresh, Path::new(":memory:"), MIGRATIONS)?;
    let (expected, found) = (objects(&fresh)?, objects(conn)?);
    let wrong = expected.iter().filter_map(|(name, sql)| match found.get(name) {
        None => Some(Part::missing(name)),
        Some(other) if other != sql => Some(Part::wrong(name, "it is not made as this version makes it")),
        Some(_) => None,
    });
    let foreign = found.keys().filter(|name| !expected.contains_key(*name));
    let foreign = foreign.map(|name| Part::wrong(name, "it does not belong to the store"));
    let deviations: Vec<Part> = wrong.chain(foreign).collect();
    Ok(if deviations.is_empty() { vec![Part::sound(OBJECTS)] } else { deviations })
}

/// `table commits`, `index events_by_id`, … and how each was made. SQLite makes statistics by itself.
fn objects(conn: &Connection) -> Result<BTreeMap<String, String>, StoreError> {
    let mut all = conn.prepare(
        "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let objects = all.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(objects.collect::<Result<_, _>>()?)
}

fn newest(migrations: &[&str]) -> Form {
    Form::try_from(migrations.len()).unwrap_or(Form::MAX)
}

/// What cursors of this file are tied to.
pub(super) fn store_tag(conn: &Connection) -> Result<u32, StoreError> {
    let id: [u8; 16] = conn.query_row("SELECT id FROM store", (), |row| row.get(0))?;
    Ok(u32::from_be_bytes([id[0], id[1], id[2], id[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: &str = "ALTER TABLE store ADD COLUMN note TEXT NOT NULL DEFAULT 'migrated'";

    /// The first form alone.
    const FIRST: &[&str] = &[MIGRATIONS[0]];

    fn file() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn form(conn: &Connection) -> Form {
        conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn each_file_is_lifted_step_by_step_and_keeps_what_it_holds() {
        let mut conn = file();
        apply(&mut conn, Path::new("x"), FIRST).unwrap();
        assert_eq!(form(&conn), 1);
        let before = store_tag(&conn).unwrap();
        apply(&mut conn, Path::new("x"), &[MIGRATIONS[0], NEXT]).unwrap();
        assert_eq!((form(&conn), store_tag(&conn).unwrap()), (2, before));
        let note: String = conn.query_row("SELECT note FROM store", (), |row| row.get(0)).unwrap();
        assert_eq!(note, "migrated");
        apply(&mut conn, Path::new("x"), &[MIGRATIONS[0], NEXT]).unwrap();
    }

    #[test]
    fn events_that_are_there_are_found_by_their_channel_once_the_file_is_lifted() {
        let mut conn = file();
        apply(&mut conn, Path::new("x"), FIRST).unwrap();
        let two = r#"{"events":[{"actor":{"channel":"slack"}},{"actor":{"channel":"timer"}}]}"#;
        for (number, body, events) in [(1, two, 2), (2, "damaged", 1), (3, r#"{"events":[]}"#, 1)] {
            conn.execute(
                "INSERT INTO commits (number, stream, version, recorded_at, body) VALUES (?1, ?1, 1, 1, ?2)",
                (number, body.as_bytes()),
            )
            .unwrap();
            for place in 0..events {
                conn.execute(
                    "INSERT INTO events (position, commit_no, id, kind, actor, type, correlation)
                     VALUES (?1, ?2, randomblob(16), '', '', '', x'00')",
                    ((number << 8) + place, number),
                )
                .unwrap();
            }
        }
        migrate(&mut conn, Path::new("x")).unwrap();
        let mut read = conn.prepare("SELECT channel FROM events ORDER BY position").unwrap();
        let channels: Vec<String> =
            read.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(channels, ["slack", "timer", "", ""]);
    }

    #[test]
    fn a_migration_that_fails_half_way_changes_nothing() {
        let mut conn = file();
        apply(&mut conn, Path::new("x"), FIRST).unwrap();
        apply(
            &mut conn,
            Path::new("x"),
            &[MIGRATIONS[0], NEXT, "CREATE TABLE more (a INT) STRICT; nonsense"],
        )
        .unwrap_err();
        assert_eq!(form(&conn), 1);
        conn.prepare("SELECT note FROM store").unwrap_err();
        conn.prepare("SELECT a FROM more").unwrap_err();
    }

    #[test]
    fn a_newer_file_is_refused_and_left_alone() {
        let mut conn = file();
        apply(&mut conn, Path::new("x"), &[MIGRATIONS[0], NEXT]).unwrap();
        let refused = apply(&mut conn, Path::new("x"), FIRST).unwrap_err().to_string();
        assert_eq!(refused, "the store has form 2, this version reads up to 1: use a newer version");
        assert_eq!(form(&conn), 2);
    }

    #[test]
    fn reading_alone_does_not_migrate() {
        let known = known();
        for found in [0, 1] {
            let mut conn = file();
            if found > 0 {
                apply(&mut conn, Path::new("x"), FIRST).unwrap();
            }
            let refused = check(&conn, Path::new("x"));
            assert!(
                matches!(refused, Err(StoreError::Outdated { found: is, known: needs }) if (is, needs) == (found, known)),
                "{refused:?}"
            );
        }
    }
}
