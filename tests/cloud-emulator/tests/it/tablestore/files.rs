//! Tables in a file.

use std::path::PathBuf;

use cloud_emulator::{Emulator, Options, Scenario, StartError, TablestoreOptions};

use super::client::{ABSENT, IGNORE, Store, put_row};
use super::message::{Message, row};

/// A folder of its own, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cloud-emulator-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nothing depends on it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_on_file_at_once() {
    let folder = Folder::new("answered");
    let running = Store::on(&folder.file("tables")).await;
    running.create("t", &[("by_at", "at")]);
    running.create("gone", &[]);
    running.call("DeleteTable", &Message::new().text(1, "gone")).expect("deleted");
    for seq in 1..=3 {
        running.call("PutRow", &put_row("t", ("a", seq), &[("at", seq.into())], ABSENT)).expect("written");
    }
    let key = row(&super::client::keys(("a", 2)), &[], true);
    let delete = Message::new().text(1, "t").bytes(2, &key).message(3, &Message::new().number(1, IGNORE));
    running.call("DeleteRow", &delete).expect("deleted");
    // As a process finds it that starts after this one was killed here.
    std::fs::copy(folder.file("tables"), folder.file("copy")).expect("copied");
    let found = Store::on(&folder.file("copy")).await;
    assert_eq!(found.call("ListTable", &Message::new()).expect("a list").text(1), "t");
    assert_eq!(found.scan("t", &["pk", "seq"]), running.scan("t", &["pk", "seq"]));
    assert_eq!(found.scan("by_at", &["at", "pk", "seq"]), running.scan("by_at", &["at", "pk", "seq"]));
    assert_eq!(found.get("t", ("a", 3)), running.get("t", ("a", 3)));
    assert_eq!(found.put("t", ("a", 1), 1, ABSENT).unwrap_err().1, "OTSConditionCheckFail");
    found.put("t", ("a", 4), 1, ABSENT).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_cut_off_is_as_if_never_written() {
    let folder = Folder::new("cut");
    let running = Store::on(&folder.file("tables")).await;
    running.create("t", &[]);
    running.put("t", ("a", 1), 1, ABSENT).expect("written");
    let whole = std::fs::read(folder.file("tables")).expect("read");
    running.put("t", ("a", 2), 1, ABSENT).expect("written");
    let longer = std::fs::read(folder.file("tables")).expect("read");
    for cut in [whole.len(), whole.len() + 1, whole.len() + 13, longer.len() - 1] {
        std::fs::write(folder.file("cut"), &longer[..cut]).expect("written");
        let found = Store::on(&folder.file("cut")).await;
        assert_eq!(found.scan("t", &["pk", "seq"]).len(), 1, "cut at {cut}");
        found.put("t", ("a", 2), 1, ABSENT).expect("written");
        let again = Store::on(&folder.file("cut")).await;
        assert_eq!(again.scan("t", &["pk", "seq"]).len(), 2, "cut at {cut}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = Folder::new("else");
    let text = "this is not what it should be";
    std::fs::write(folder.file("notes"), text).expect("written");
    let tablestore = TablestoreOptions { file: Some(folder.file("notes")), ..TablestoreOptions::default() };
    let options = Options { tablestore, ..Options::default() };
    let refused = Emulator::start(Scenario::believable(), options).await.map(drop).unwrap_err();
    assert!(matches!(refused, StartError::Tablestore(_)), "{refused}");
    assert_eq!(std::fs::read_to_string(folder.file("notes")).expect("read"), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_opened_is_an_error() {
    let folder = Folder::new("nowhere");
    let file = folder.file("no").join("such").join("folder");
    let tablestore = TablestoreOptions { file: Some(file), ..TablestoreOptions::default() };
    let options = Options { tablestore, ..Options::default() };
    assert!(matches!(
        Emulator::start(Scenario::believable(), options).await.map(drop),
        Err(StartError::Tablestore(_))
    ));
}
