//! Erasing what is personal, as an operator does it: the name is in no byte of the store any more, seals and proofs hold.

use std::fs;

use crate::world::{ALICE, BOB, DAVE, Ended, World, alone};

/// The store and what SQLite keeps beside it, as bytes.
fn files(world: &World) -> Vec<u8> {
    let names = ["reaper.sqlite", "reaper.sqlite-wal", "reaper.sqlite-shm"];
    names.iter().filter_map(|name| fs::read(world.path(name)).ok()).flatten().collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn says(ended: &Ended, code: i32, text: &str) {
    assert_eq!(ended.code, Some(code), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains(text) || ended.err.contains(text), "{}{}", ended.out, ended.err);
}

/// A sealed store in which the access of dave, who was deleted, has ended.
fn ended() -> (World, String) {
    let world = World::new();
    let key = world.run(&["key", "generate", "example.com/reaper"]);
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    (world, key.out.trim().to_owned())
}

fn proof(world: &World, uid: &str, name: &str) -> std::path::PathBuf {
    let events = world.json(&["history", "--uid", uid, "--type", "IdentityObserved"]);
    let id = events[0]["id"].as_str().unwrap_or_else(|| panic!("{events}")).to_owned();
    says(&world.run(&["prove", &id, "-o", name]), 0, "written");
    world.path(name)
}

#[test]
fn a_name_is_erased_from_every_byte_and_seals_and_proofs_hold() {
    let (world, key) = ended();
    // As it stands in a value: in four letters of a hash it may stand by chance.
    let name = r#""dave""#.to_owned();
    let before = proof(&world, DAVE, "before.tlog-proof");
    let kept = world.file("kept", fs::read(world.path("reaper.checkpoint")).unwrap());
    assert!(holds(&files(&world), &name), "{name}");
    let looked = world.run(&["erase", "--uid", DAVE, "--dry-run"]);
    assert!(looked.out.contains("IdentityObserved"), "{}{}", looked.out, looked.err);
    assert!(world.run(&["history", "--uid", DAVE]).out.contains("dave"));
    says(&world.run(&["erase", "--uid", DAVE, "--yes", "--force"]), 0, "erased");
    assert!(!holds(&files(&world), &name), "no byte of it is left");
    for command in [&["history", "--uid", DAVE][..], &["status", "--uid", DAVE], &["history", "-o", "ndjson"]]
    {
        let shown = world.run(command);
        assert!(!holds(shown.out.as_bytes(), &name), "{command:?}: {}", shown.out);
    }
    let history = world.run(&["history", "--uid", DAVE]);
    says(&history, 0, "(erased)");
    says(&history, 0, "PersonalDataErased");
    let counted = world.run(&["verify"]).out;
    let columns: Vec<Vec<&str>> = counted.lines().map(|line| line.split_whitespace().collect()).collect();
    let erased =
        columns[0].iter().position(|title| *title == "ERASED").unwrap_or_else(|| panic!("{counted}"));
    assert!(columns[1][erased].parse::<u64>().unwrap() > 0, "{counted}");
    says(&world.run(&["verify", "--since", kept.to_str().unwrap()]), 0, "sound");
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    assert!(!holds(&files(&world), &name), "the next sweep does not learn it again");
    says(&world.run(&["verify"]), 0, "sound");
    let after = proof(&world, DAVE, "after.tlog-proof");
    let offline = |proof: &std::path::Path| {
        alone(&["verify", "--proof", proof.to_str().unwrap(), "--key", &key, "-o", "ndjson"])
    };
    assert!(offline(&before).out.contains(&name), "a proof that was given away keeps what it says");
    let shown = offline(&after);
    says(&shown, 0, "(erased)");
    assert!(!shown.out.contains(&name), "{}", shown.out);
}

#[test]
fn what_may_still_be_needed_is_not_erased_without_force() {
    let (world, _) = ended();
    let refused = world.run(&["erase", "--uid", ALICE, "--yes"]);
    says(&refused, 4, "it exists in RAM");
    assert!(refused.err.contains("nothing was erased"), "{}", refused.err);
    assert!(world.run(&["history", "--uid", ALICE]).out.contains("alice"));
    says(&world.run(&["erase", "--uid", ALICE, "--dry-run"]), 4, "against it: ");
    says(&world.run(&["erase", "--uid", ALICE, "--yes", "--force"]), 0, "erased");
    assert!(!world.run(&["history", "--uid", ALICE, "-o", "ndjson"]).out.contains("\"alice\""));
}

#[test]
fn why_and_against_what_is_stored() {
    let (world, _) = ended();
    let why = "asked for in TICKET-17";
    let erased =
        world.run(&["erase", "--uid", ALICE, "--yes", "--force", "--reason", why, "--actor", "nosuch"]);
    says(&erased, 0, "--actor nosuch: nobody acted under this name here");
    let begun = world.json(&["history", "--uid", ALICE, "--type", "PersonalDataErasureBegun"]);
    let data = &begun[0]["data"];
    assert_eq!(data["reason"], why, "{begun}");
    let overridden = data["overridden"].as_array().unwrap_or_else(|| panic!("{begun}"));
    assert!(overridden.iter().any(|what| what.as_str().unwrap().contains("it exists in RAM")), "{begun}");
    let told = world.run(&["history", "--uid", ALICE, "--type", "PersonalDataErasureBegun"]).out;
    assert!(told.contains(why) && told.contains("although it"), "{told}");
    says(&world.run(&["verify"]), 0, "sound");
}

#[test]
fn nobody_is_erased_by_a_wrong_number_or_without_being_asked() {
    let (world, _) = ended();
    says(&world.run(&["erase", "--uid", "299999999999999999", "--yes"]), 5, "nothing is known of identity");
    says(&world.run(&["erase", "--uid", "bob", "--yes"]), 2, BOB);
    says(&world.run(&["erase", "--uid", DAVE]), 2, "there is no terminal to ask on");
    says(&world.run(&["verify"]), 0, "sound");
}

#[test]
fn a_copy_has_what_is_left_and_erasures_are_done_on_import() {
    let (world, _) = ended();
    says(&world.run(&["store", "export", "early.log"]), 0, "commits are in");
    says(&world.run(&["erase", "--uid", DAVE, "--yes", "--force"]), 0, "erased");
    says(&world.run(&["store", "export", "late.log"]), 0, "commits are in");
    let name = "\"dave\"";
    for (file, is_back) in [("late.log", false), ("early.log", true)] {
        let store = world.path(&format!("{file}.sqlite"));
        let store = store.to_str().unwrap();
        says(&world.run(&["store", "import", file, "--store", store]), 0, "are in the store");
        says(&world.run(&["verify", "--store", store]), 0, "sound");
        let shown = world.run(&["history", "--uid", DAVE, "-o", "ndjson", "--store", store]);
        assert_eq!(shown.out.contains(name), is_back, "{file}: {}", shown.out);
    }
}

#[test]
fn who_acted_is_erased_where_somebody_says_who_it_was() {
    let world = World::observed();
    let asked = world.run(&["revoke", DAVE, "--all", "--yes", "--reason", "has left"]);
    assert!(asked.code.is_some(), "{}", asked.err);
    let human = world.json(&["history", "--type", "RevocationRequested"]);
    let human = human[0]["actorhuman"].as_str().unwrap_or_else(|| panic!("{human}")).to_owned();
    says(&world.run(&["erase", "--uid", DAVE, "--actor", &human, "--yes", "--force"]), 0, "erased");
    let left = world.json(&["history", "--type", "RevocationRequested"]);
    assert_eq!(left[0]["actorhuman"], "(erased)");
    let found = world.json(&["history", "--actor", "(erased)"]);
    assert!(!found.as_array().unwrap().is_empty());
    let checked = world.run(&["verify"]);
    assert!(!checked.out.contains("CHANGED"), "{}{}", checked.out, checked.err);
}

#[test]
fn on_tablestore_a_name_is_in_no_row_any_more() {
    let world = World::new();
    let on = |args: &[&str]| world.run(&[args, &["--store", "tablestore"]].concat());
    says(&on(&["store", "init"]), 0, "made");
    assert_eq!(world.run(&["key", "generate", "example.com/reaper"]).code, Some(0));
    says(&on(&["sweep"]), 0, "");
    let before = on(&["history", "--uid", DAVE, "-o", "ndjson"]).out;
    assert!(before.contains(r#""dave""#), "{before}");
    // The end of `["…","name","dave"]`, as it is written to a file.
    let value = "ImRhdmUiXQ";
    let exported = |file: &str| {
        says(&on(&["store", "export", file]), 0, "commits are in");
        fs::read(world.path(file)).unwrap()
    };
    assert!(holds(&exported("early.log"), value));
    says(&on(&["erase", "--uid", DAVE, "--yes", "--force"]), 0, "erased");
    let after = on(&["history", "--uid", DAVE, "-o", "ndjson"]).out;
    assert!(!after.contains(r#""dave""#) && after.contains("(erased)"), "{after}");
    assert!(!holds(&exported("late.log"), value));
    says(&on(&["verify"]), 0, "sound");
}
