//! Which store, making it, checking it; and everything else on Tablestore.

use serde_json::Value;
use tempfile::TempDir;

use crate::world::{ALICE, PROD, World, alone, bare, finish, same_everywhere};

const ON_TABLESTORE: [&str; 2] = ["--store", "tablestore"];

impl World {
    /// An account whose events go to tables that were just made.
    fn on_tablestore() -> Self {
        let world = Self::new();
        let made = world.run(&["store", "init", "--store", "tablestore"]);
        assert_eq!(made.code, Some(0), "{}", made.err);
        world
    }

    fn tablestore(&self, args: &[&str]) -> crate::world::Ended {
        self.run(&[args, &ON_TABLESTORE].concat())
    }
}

#[test]
fn a_file_is_made_once_and_checked() {
    let world = World::new();
    let nothing = world.run(&["store", "check"]);
    assert_eq!(nothing.code, Some(5));
    assert!(nothing.err.contains("reaper store init"), "{}", nothing.err);
    same_everywhere(|| {
        insta::assert_snapshot!("store_init", world.run(&["store", "init"]).out);
        insta::assert_snapshot!("store_init_again", world.run(&["store", "init"]).out);
        insta::assert_snapshot!("store_check", world.run(&["store", "check"]).out);
    });
    assert_eq!(world.run(&["status"]).code, Some(0), "what was made can be read");
}

#[test]
fn tables_are_made_once_and_checked() {
    let world = World::new();
    let nothing = world.tablestore(&["store", "check"]);
    assert_eq!(nothing.code, Some(5), "{}{}", nothing.out, nothing.err);
    same_everywhere(|| {
        insta::assert_snapshot!("store_init_tables", world.tablestore(&["store", "init"]).out);
        insta::assert_snapshot!("store_check_tables", world.tablestore(&["store", "check"]).out);
    });
    let again = world.tablestore(&["store", "init", "-o", "json"]);
    let parts: Value = serde_json::from_str(&again.out).unwrap();
    assert!(parts.as_array().unwrap().iter().all(|part| part["result"] == "ok"), "{parts}");
    assert!(!world.path("reaper.sqlite").exists(), "no file is made");
}

#[test]
fn what_is_not_as_it_has_to_be_is_named() {
    let world = World::new();
    assert_eq!(world.run(&["store", "init"]).code, Some(0));
    let conn = rusqlite::Connection::open(world.path("reaper.sqlite")).unwrap();
    conn.execute_batch("DROP TRIGGER commits_are_not_deleted").unwrap();
    drop(conn);
    let checked = world.run(&["store", "check"]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.out.contains("trigger commits_are_not_deleted"), "{}", checked.out);
    let other = world.file("other", "Dear diary, ".repeat(100));
    let refused = world.run(&["store", "check", "--store", other.to_str().unwrap()]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.out.contains("it is no SQLite file"), "{}", refused.out);
}

#[test]
fn two_words_name_a_kind_and_everything_else_is_a_file() {
    let world = World::new();
    let shown = |store: &str| world.run(&["config", "--store", store]).out;
    assert!(shown("tablestore").contains("kind = \"tablestore\""));
    assert!(shown("sqlite").contains("path = \"reaper.sqlite\""));
    assert!(shown("./tablestore").contains("path = \"./tablestore\""));
    let mut command = world.command(&["config", "--store", "file"]);
    let shown = finish(command.env("REAPER_STORE_KIND", "tablestore")).out;
    assert!(shown.contains("kind = \"sqlite\"") && shown.contains("path = \"file\""), "{shown}");
}

#[test]
fn tablestore_without_an_instance_says_which_setting_is_missing() {
    for command in [&["store", "init"][..], &["status"], &["sweep"]] {
        let ended = alone(&[command, &ON_TABLESTORE].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains("store.instance"), "{}", ended.err);
    }
}

#[test]
fn tables_that_are_not_there_say_how_they_are_made() {
    let world = World::new();
    for command in [&["status"][..], &["sweep"]] {
        let ended = world.tablestore(command);
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        assert!(ended.err.contains("reaper store init"), "{}", ended.err);
    }
    assert_eq!(world.cleanings(), 0);
}

#[test]
fn without_credentials_tablestore_refuses_and_no_secret_is_shown() {
    let world = World::on_tablestore();
    let mut command = world.command(&["status", "--store", "tablestore"]);
    let ended = finish(command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush"));
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("does not accept these credentials"), "{}", ended.err);
    assert!(!ended.err.contains("hush"));
}

#[test]
fn commands_do_on_tablestore_what_they_do_on_a_file() {
    let world = World::on_tablestore();
    let sqlite = World::new();
    for command in [
        &["sweep"][..],
        &["status", "--leftovers"],
        &["revoke", ALICE, "--all", "--reason", "left", "--yes"],
        &["status", "--held", "-o", "name"],
        &["history", "--cluster", PROD, "-o", "name", "--oldest"],
    ] {
        let (tables, file) = (world.tablestore(command), sqlite.run(command));
        assert_eq!(tables.code, file.code, "{command:?}: {}", tables.err);
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&tables.out), lines(&file.out), "{command:?}: {}{}", tables.out, file.out);
    }
    assert_eq!(world.cleanings(), sqlite.cleanings());
    assert!(!world.path("reaper.sqlite").exists());
}

#[test]
fn a_sealed_store_on_tablestore_is_verified() {
    let world = World::on_tablestore();
    assert_eq!(world.run(&["key", "generate", "example.com/reaper"]).code, Some(0));
    assert_eq!(world.tablestore(&["sweep"]).code, Some(0));
    let verified = world.tablestore(&["verify"]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    assert!(verified.out.contains("sound"), "{}", verified.out);
}

#[test]
fn the_variables_of_the_emulated_cloud_lead_to_its_tables() {
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    let folder = TempDir::new().unwrap();
    let mut command = bare(folder.path());
    command.args(["emulate", "--env", "emulated.env", "--store", "tablestore"]).stdout(Stdio::piped());
    let mut cloud = crate::world::Process(command.spawn().unwrap());
    BufReader::new(cloud.0.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let text = std::fs::read_to_string(folder.path().join("emulated.env")).unwrap();
    let variables: Vec<(String, String)> = text
        .lines()
        .map(|line| line.strip_prefix("export ").unwrap().split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect();
    let run = |args: &[&str]| finish(bare(folder.path()).envs(variables.clone()).args(args));
    for args in [&["store", "init"][..], &["sweep"], &["store", "check"], &["status"]] {
        let ended = run(args);
        assert_eq!(ended.code, Some(0), "{args:?}: {}", ended.err);
    }
}

#[test]
fn the_demo_takes_a_kind_and_no_file() {
    let ended = alone(&["demo", "--once", "--store", "file"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--store tablestore"), "{}", ended.err);
}

/// The log of a store, exported.
fn export(world: &World, name: &str, store: &[&str]) -> Vec<u8> {
    let ended = world.run(&[&["store", "export", name][..], store].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    std::fs::read(world.path(name)).unwrap()
}

#[test]
fn a_sealed_log_goes_to_tables_and_back_and_is_sound_everywhere() {
    use std::os::unix::fs::MetadataExt as _;

    let world = World::new();
    assert_eq!(world.run(&["key", "generate", "example.com/reaper"]).code, Some(0));
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    let first = export(&world, "first.log", &[]);
    assert_eq!(std::fs::metadata(world.path("first.log")).unwrap().mode() & 0o777, 0o600);
    let piped = world.command(&["store", "export", "-"]).output().unwrap();
    assert!(piped.stdout == first && !world.path("-").exists(), "{}", String::from_utf8_lossy(&piped.stderr));
    // The tables are made with it.
    let imported = world.tablestore(&["store", "import", "first.log"]);
    assert_eq!(imported.code, Some(0), "{}", imported.err);
    assert_eq!(export(&world, "second.log", &ON_TABLESTORE), first);
    let imported = world.run(&["store", "import", "second.log", "--store", "restored.sqlite"]);
    assert_eq!(imported.code, Some(0), "{}", imported.err);
    let verified = |store: &[&str]| {
        let ended = world.run(&[&["verify", "-o", "json"][..], store].concat());
        assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
        ended.out
    };
    let here = verified(&[]);
    assert!(here.contains("\"sound\": true"), "{here}");
    assert_eq!(verified(&ON_TABLESTORE), here);
    assert_eq!(verified(&["--store", "restored.sqlite"]), here);
    // It goes on there, and the next seal ties what comes to what was.
    assert_eq!(world.tablestore(&["sweep"]).code, Some(0));
    let later = verified(&ON_TABLESTORE);
    assert_ne!(later, here);
}

#[test]
fn a_store_that_is_not_empty_is_not_imported_into() {
    let world = World::swept();
    export(&world, "events.log", &[]);
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    let refused = world.run(&["store", "import", "events.log"]);
    assert_eq!(refused.code, Some(4), "{}", refused.err);
    assert!(refused.err.contains("the store is not empty"), "{}", refused.err);
    let twice = world.run(&["store", "export", "events.log"]);
    assert_eq!(twice.code, Some(1));
    assert!(twice.err.contains("events.log cannot be made"), "{}", twice.err);
}

#[test]
fn a_file_that_was_cut_off_is_not_imported() {
    let world = World::swept();
    let whole = export(&world, "events.log", &[]);
    world.file("cut.log", &whole[..whole.len() / 2]);
    let refused = world.run(&["store", "import", "cut.log", "--store", "new.sqlite"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("cut.log: the file was cut off"), "{}", refused.err);
    assert!(refused.err.contains("not done: nothing was imported"), "{}", refused.err);
    let nothing = world.run(&["history", "--store", "new.sqlite", "-o", "name"]);
    assert_eq!((nothing.code, &*nothing.out), (Some(0), ""));
    let missing = world.run(&["store", "import", "nowhere.log"]);
    assert_eq!(missing.code, Some(2), "{}", missing.err);
    assert_eq!(world.run(&["store", "export", "x", "--store", "nowhere.sqlite"]).code, Some(1));
    assert!(!world.path("x").exists());
}
