//! Key, seal, verify, prove: as an operator and an auditor meet them.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use serde_json::Value;

use crate::world::{DAVE, Ended, World, alone, finish};

/// A store that was swept with a key, and the public key.
fn sealed() -> (World, String) {
    let world = World::new();
    let key = world.run(&["key", "generate", "example.com/reaper"]);
    assert_eq!(key.code, Some(0), "{}", key.err);
    let swept = world.run(&["sweep"]);
    assert_eq!(swept.code, Some(0), "{}", swept.err);
    (world, key.out.trim().to_owned())
}

fn says(ended: &Ended, code: i32, text: &str) {
    assert_eq!(ended.code, Some(code), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains(text) || ended.err.contains(text), "{}{}", ended.out, ended.err);
}

/// Past all that protects the rows.
fn tamper(world: &World, sql: &str) {
    let conn = rusqlite::Connection::open(world.path("reaper.sqlite")).unwrap();
    conn.execute_batch(
        "DROP TRIGGER IF EXISTS commits_are_not_changed; DROP TRIGGER IF EXISTS commits_are_not_deleted;",
    )
    .unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(sql).unwrap();
}

fn event_of(world: &World, uid: &str) -> String {
    let events = world.json(&["history", "--uid", uid, "--type", "RevocationConfirmed"]);
    events.as_array().unwrap_or_else(|| panic!("{events}"))[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_sealed_store_is_sound() {
    let (world, key) = sealed();
    let verified = world.run(&["verify"]);
    says(&verified, 0, "sound");
    assert!(verified.out.contains("example.com/reaper"), "{}", verified.out);
    let verified = world.json(&["verify", "--key", &key]);
    assert_eq!((&verified["sound"], &verified["unsealed"]), (&Value::Bool(true), &Value::from(1)));
    assert_eq!(fs::metadata(world.path("reaper.key")).unwrap().mode() & 0o777, 0o600);
    assert_eq!(world.run(&["key", "show"]).out.trim(), key);
    let history = world.run(&["history", "--type", "StoreSealed"]);
    says(&history, 0, "StoreSealed: the first ");
}

#[test]
fn what_was_changed_is_named() {
    let (world, key) = sealed();
    let total = world.json(&["verify"])["commits"].clone();
    tamper(
        &world,
        "UPDATE commits SET body = CAST(replace(CAST(body AS TEXT), 'timer', 'nobody') AS BLOB) WHERE number = 7",
    );
    says(&world.run(&["verify"]), 7, "altered: commit 7 ");
    says(&world.run(&["verify"]), 7, "sound up to commit 6; what follows was not compared");
    let verified = world.json(&["verify", "--key", &key]);
    assert_eq!(verified["sound"], Value::Bool(false));
    assert_eq!(
        (&verified["soundUpTo"], &verified["sealed"], &verified["commits"]),
        (&6.into(), &Value::Null, &total)
    );
    assert_eq!(
        (&verified["finding"]["kind"], &verified["finding"]["commit"]["position"]),
        (&"altered".into(), &7.into())
    );
    says(&world.run(&["prove", &event_of(&world, DAVE)]), 7, "nothing can be proven from it");
}

/// A copy of the store with one thing changed in it, as the command line takes it.
fn changed(world: &World, sql: &str) -> String {
    let copy = world.path("changed.sqlite");
    let conn = rusqlite::Connection::open(world.path("reaper.sqlite")).unwrap();
    let _ = fs::remove_file(&copy);
    conn.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let conn = rusqlite::Connection::open(&copy).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF; DROP TRIGGER commits_are_not_changed",
    )
    .unwrap();
    conn.execute_batch(sql).unwrap();
    copy.to_str().unwrap().to_owned()
}

#[test]
fn what_no_longer_is_a_text_is_a_change_and_names_its_commit() {
    let (world, _key) = sealed();
    for (sql, says_so) in [
        ("UPDATE commits SET stream = CAST(x'ff41' AS TEXT) WHERE number = 7", "misfiled: commit 7: "),
        ("UPDATE events SET kind = CAST(x'ff41' AS TEXT) WHERE commit_no = 8", "misfiled: commit 8: "),
        ("DROP TABLE commits", "no such table: commits"),
        ("DELETE FROM store", "the store is damaged"),
    ] {
        let copy = changed(&world, sql);
        says(&world.run(&["verify", "--store", &copy]), 7, says_so);
    }
}

/// Trying again does not help. What helps is said.
#[test]
fn of_a_damaged_store_is_said_what_to_do() {
    let (world, _key) = sealed();
    let query = ["history", "--uid", "200000000000000101"];
    for (sql, command) in [
        ("UPDATE commits SET body = x'ff' WHERE number = 7", &["status"][..]),
        ("UPDATE commits SET body = x'ff'", &["history"]),
        ("DROP INDEX events_by_uid", &query),
        ("DELETE FROM store", &["status"]),
    ] {
        let copy = changed(&world, sql);
        let ended = world.run(&[command, &["--store", &copy]].concat());
        says(&ended, 1, "next: `reaper verify` names the first commit that was changed");
        assert!(!ended.err.contains("try again") && !ended.err.contains("SELECT"), "{}", ended.err);
    }
}

#[test]
fn a_tail_that_was_cut_off_shows_against_the_checkpoint() {
    let (world, key) = sealed();
    let kept = world.file("kept", fs::read(world.path("reaper.checkpoint")).unwrap());
    tamper(
        &world,
        "DELETE FROM commits WHERE number > 9; DELETE FROM events WHERE commit_no > 9;
         DELETE FROM disclosures WHERE commit_no > 9",
    );
    says(&world.run(&["verify"]), 7, "truncated: 9 commits are left");
    // Whoever cut it off took the checkpoint as well; an auditor has a copy.
    fs::remove_file(world.path("reaper.checkpoint")).unwrap();
    says(&world.run(&["verify"]), 5, "nothing was ever sealed");
    says(&world.run(&["verify", "--key", &key, "--since", kept.to_str().unwrap()]), 7, "truncated");
}

#[test]
fn an_event_is_proven_to_somebody_who_has_the_key_only() {
    let (world, key) = sealed();
    let event = event_of(&world, DAVE);
    let made = world.run(&["prove", &format!("event/{event}"), "-o", "event.tlog-proof"]);
    says(&made, 0, "written to event.tlog-proof");
    let proof = world.path("event.tlog-proof");
    let offline =
        |proof: &std::path::Path| alone(&["verify", "--proof", proof.to_str().unwrap(), "--key", &key]);
    says(&offline(&proof), 0, "proven: commit ");
    assert!(offline(&proof).out.contains("RevocationConfirmed"), "{}", offline(&proof).out);
    let text = fs::read_to_string(&proof).unwrap();
    assert_eq!(world.run(&["prove", &event]).out, text);
    assert_eq!(world.run(&["prove", &event, "-o", "-"]).out, text);
    assert!(!world.path("-").exists());
    let forged = world.file("forged", text.replacen("index ", "index 1", 1));
    says(&offline(&forged), 7, "the proof is wrong");
    let garbage = world.file("garbage", "nonsense");
    says(&offline(&garbage), 2, "not a proof");
    says(&world.run(&["prove", "0190b5c4-0000-7000-8000-000000000001"]), 5, "there is no event");
}

/// It may name people, and what is there is kept.
#[test]
fn a_proof_is_a_file_of_its_owner_and_takes_no_others_place() {
    let (world, _key) = sealed();
    let event = event_of(&world, DAVE);
    let proof = world.file("proof", "mine");
    let mode = || fs::metadata(&proof).unwrap().mode() & 0o777;
    fs::set_permissions(&proof, fs::Permissions::from_mode(0o644)).unwrap();
    says(&world.run(&["prove", &event, "-o", "proof"]), 1, "--force writes over");
    assert_eq!(fs::read_to_string(&proof).unwrap(), "mine");
    says(&world.run(&["prove", &event, "-o", "proof", "--force"]), 0, "written to proof");
    assert_eq!(mode(), 0o600);
    fs::remove_file(&proof).unwrap();
    says(&world.run(&["prove", &event, "-o", "proof"]), 0, "written to proof");
    assert_eq!(mode(), 0o600);
}

#[test]
fn growth_is_proven_against_a_checkpoint_that_was_kept() {
    let (world, key) = sealed();
    let kept = world.file("kept", fs::read(world.path("reaper.checkpoint")).unwrap());
    let kept = kept.to_str().unwrap();
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    says(&world.run(&["prove", "--since", kept, "-o", "growth"]), 0, "written");
    let growth = world.path("growth");
    let growth = growth.to_str().unwrap();
    says(&alone(&["verify", "--proof", growth, "--since", kept, "--key", &key]), 0, "proven: the ");
    says(&alone(&["verify", "--proof", growth, "--key", &key]), 2, "--since");
    let later = world.path("reaper.checkpoint");
    says(
        &alone(&["verify", "--proof", growth, "--since", later.to_str().unwrap(), "--key", &key]),
        7,
        "not the beginning",
    );
}

#[test]
fn a_key_is_made_once_and_replaced() {
    let (world, key) = sealed();
    says(&world.run(&["key", "generate", "other"]), 2, "is there already");
    let rotated = world.run(&["key", "rotate"]);
    says(&rotated, 0, "the key was replaced");
    let keys: Vec<&str> = rotated.out.lines().collect();
    assert_eq!((keys.len(), keys[1]), (2, key.as_str()));
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    says(&world.run(&["verify"]), 0, "sound");
    says(&world.run(&["verify", "--key", keys[0], "--key", keys[1]]), 0, "sound");
    let file = world.file("keys", rotated.out.as_bytes());
    says(&world.run(&["verify", "--key", file.to_str().unwrap()]), 0, "sound");
    // The old key alone does not know who signed later, and the checkpoint here is by the new one.
    says(&world.run(&["verify", "--key", &key]), 8, "no known key signed it");
    fs::remove_file(world.path("reaper.checkpoint")).unwrap();
    let old = world.run(&["verify", "--key", &key]);
    says(&old, 8, "key not known");
    says(&old, 8, "sound up to commit ");
    says(&old, 8, "the new one where the key was replaced");
    assert!(!old.out.contains("CHANGED"), "{}", old.out);
    says(&world.run(&["verify", "--key", keys[0]]), 0, "sound");
    says(&world.run(&["verify", "--key", "a+b"]), 2, "not a key");
    says(&world.run(&["verify", "--key", "missing"]), 2, "cannot be read");
}

#[test]
fn without_a_key_nothing_is_sealed_and_that_is_said() {
    let world = World::new();
    says(&world.run(&["key", "show"]), 2, "there is no key file reaper.key");
    says(&world.run(&["verify"]), 2, "there is no key file");
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    let mut generate = world.command(&["key", "generate"]);
    let key = finish(&mut generate);
    assert!(key.out.starts_with("reaper/") && !key.out.contains("PRIVATE"), "{}", key.out);
    says(&world.run(&["verify"]), 5, "nothing was ever sealed");
}
