//! Values of another type than the one that was stored, texts that are not UTF-8, and no value at all, in every column of every
//! table: that is damage and no failure, and the commit is named.

use std::path::Path;

use event_store::{Options, SqliteStore, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::log::{Base, look};

/// What is put into a column `{}`, as SQL.
const VALUES: &[&str] = &[
    "NULL",
    "70",
    "-1.5",
    "'x'",
    "x'ff'",
    "CAST(x'ff41' AS TEXT)",
    "CAST(x'ff' || {} AS TEXT)",
    "CAST({} AS TEXT)",
    "CAST({} AS BLOB)",
    "CAST({} AS INTEGER)",
    "CAST({} AS REAL)",
];

/// The commit that it is done to. It is by a person, and has values beside it and all that events are found by.
const COMMIT: u64 = 3;

/// A table, with what has to be known to put anything into it.
struct Table {
    name: &'static str,
    /// The row of the commit.
    row: &'static str,
    columns: Vec<String>,
    /// How it was made, and how it would have been made without types and conditions.
    strict: String,
    loose: String,
}

impl Table {
    fn of(conn: &Connection, name: &'static str) -> Self {
        let row = match name {
            "commits" => "number = 3",
            "events" => "commit_no = 3",
            "disclosures" => {
                "commit_no = 3 AND digest = (SELECT min(digest) FROM disclosures WHERE commit_no = 3)"
            }
            "store" => "only = 1",
            other => panic!("{other} is a new table: which of its rows belong to a commit?"),
        };
        let of_schema = "SELECT sql FROM sqlite_schema WHERE name = ?1";
        let strict = conn.query_row(of_schema, [name], |row| row.get(0)).unwrap();
        let mut read = conn.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid").unwrap();
        let columns: Vec<(String, u32)> = read
            .query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let keys: Vec<&str> =
            columns.iter().filter(|(_, key)| *key > 0).map(|(name, _)| name.as_str()).collect();
        let columns: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let all = columns.join(", ");
        let loose = match keys.as_slice() {
            [key] => format!(
                "CREATE TABLE {name} ({})",
                all.replacen(*key, &format!("{key} INTEGER PRIMARY KEY"), 1)
            ),
            keys => {
                format!("CREATE TABLE {name} ({all}, PRIMARY KEY ({})) WITHOUT ROWID", keys.join(", "))
            }
        };
        Self { name, row, columns, strict, loose }
    }

    fn remake(&self, conn: &Connection, sql: &str) {
        conn.execute_batch("PRAGMA writable_schema = ON").unwrap();
        conn.execute("UPDATE sqlite_schema SET sql = ?2 WHERE name = ?1", (self.name, sql)).unwrap();
        conn.execute_batch("PRAGMA writable_schema = OFF").unwrap();
    }

    /// Puts the value there and makes the table look as before. Whether there is another value then.
    fn put(&self, path: &Path, column: &str, value: &str) -> bool {
        let (name, row, value) = (self.name, self.row, value.replace("{}", column));
        let conn = Connection::open(path).unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF").unwrap();
        let same = format!(
            "({value}) IS {column} AND (typeof({value}) = typeof({column}) OR typeof({column}) = 'integer')"
        );
        // What numbers rows is never anything but a number.
        let changed =
            conn.execute(&format!("UPDATE {name} SET {column} = {value} WHERE {row} AND NOT ({same})"), ());
        self.remake(&conn, &self.strict);
        changed == Ok(1)
    }
}

fn tables(conn: &Connection) -> Vec<Table> {
    let mut read = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let names: Vec<String> = read.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    names.into_iter().map(|name| Table::of(conn, name.leak())).collect()
}

#[tokio::test]
async fn a_value_of_another_type_is_damage_and_names_the_commit() {
    let base = Base::new(&[12, 0]).await;
    let folder = TempDir::new().unwrap();
    let (loose, path) = (folder.path().join("loose.db"), folder.path().join("events.db"));
    for table in tables(&base.copy().conn()) {
        std::fs::copy(&base.path, &loose).unwrap();
        let conn = Connection::open(&loose).unwrap();
        conn.execute_batch(
            "DROP TRIGGER commits_are_not_changed; DROP TRIGGER disclosures_are_not_changed;
             PRAGMA journal_mode = DELETE",
        )
        .unwrap();
        table.remake(&conn, &table.loose);
        drop(conn);
        for column in &table.columns {
            let mut put = 0;
            for value in VALUES {
                std::fs::copy(&loose, &path).unwrap();
                if table.put(&path, column, value) {
                    put += 1;
                    found(&base, &path, table.name, &format!("{}.{column} = {value}", table.name)).await;
                }
            }
            assert!(put > 0, "{}.{column}: nothing was put there", table.name);
        }
    }
}

async fn found(base: &Base, path: &Path, table: &str, what: &str) {
    let opened = SqliteStore::open(path, Options { read_only: true, ..Options::default() });
    if table == "store" {
        // Which store it is, is no part of the history.
        assert!(matches!(opened, Ok(_) | Err(StoreError::Damaged(_))), "{what}: {:?}", opened.err());
        return;
    }
    let finding = look(&opened.unwrap(), &base.keys.verifiers(), &base.checkpoints).await.finding;
    let position = finding.as_ref().and_then(seal::Finding::position);
    assert_eq!(position, Some(COMMIT), "{what}: {finding:?}");
}
