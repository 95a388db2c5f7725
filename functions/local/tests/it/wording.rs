//! What is said about what is not known: instants, types of events, names.

use crate::world::{ALICE, World, alone};

#[test]
fn before_the_history_begins_nothing_was_known_and_no_number_looks_like_an_all_clear() {
    let world = World::observed();
    let then = world.run(&["status", "--as-of", "2020-01-31"]);
    assert_eq!(then.code, Some(0), "{}", then.err);
    let (first, rest) = then.out.split_once('\n').unwrap();
    assert_eq!(first, "as of 2020-01-31T00:00:00Z: what was known then");
    let silence = "nothing was known at 2020-01-31T00:00:00Z: the history begins at 20";
    assert!(rest.contains(silence) && !rest.contains("reaper sweep"), "{rest}");
    let leftovers = world.run(&["status", "--leftovers", "--as-of", "2020-01-31"]);
    assert!(leftovers.err.contains(&format!("no kubeconfig passes: {silence}")), "{}", leftovers.err);
    for args in [["--cluster", "batch"], ["--uid", "alice"], ["--uid", ALICE]] {
        let ended = world.run(&[&["status", "--as-of", "2020-01-31"], &args[..]].concat());
        assert_eq!(ended.code, Some(5), "{}", ended.err);
        assert!(ended.err.contains(silence) && !ended.err.contains("reaper sweep"), "{}", ended.err);
    }
}

#[test]
fn a_store_that_was_never_swept_says_what_to_do() {
    let world = World::new();
    assert_eq!(world.run(&["store", "init"]).code, Some(0));
    let never = "nothing is known yet: the first sweep begins the history; run `reaper sweep`";
    assert!(world.run(&["status"]).out.contains(never));
    assert!(world.run(&["status", "--leftovers"]).err.contains(never));
    assert!(world.run(&["status", "--cluster", "prod"]).err.contains(never));
}

#[test]
fn an_answer_says_as_of_when_it_is() {
    let world = World::observed();
    let answer = world.json(&["status", "--uid", "alice", "--as-of", "9998-01-31", "--by", "occurred"]);
    assert_eq!((&answer["as_of"], &answer["by"]), (&"9998-01-31T00:00:00Z".into(), &"occurred".into()));
    assert_eq!(answer["uid"], ALICE, "a name that one alone bears is taken where somebody looks");
    let now = world.json(&["status", "--uid", ALICE]);
    assert!(now.get("as_of").is_none() && now.get("by").is_none());
    let later = world.run(&["status", "--as-of", "9999-12-31"]);
    assert!(later.err.contains("years go up to 9998"), "{}", later.err);
}

#[test]
fn a_type_that_is_not_known_is_told_and_case_is_no_matter() {
    let world = World::swept();
    let written = world.run(&["history", "type:revocationheld", "--count"]);
    assert_eq!((written.out.as_str(), written.err.as_str()), ("2\n", ""));
    assert_eq!(world.run(&["history", "--type", "REVOCATIONHELD", "--count"]).out, "2\n");
    assert_eq!(world.run(&["history", "auditLoggingOff type:RevocationHeld", "--count"]).out, "2\n");
    let unknown = world.run(&["history", "type:RevocationHold", "--count"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (Some(0), "0\n"));
    assert!(unknown.err.starts_with("warning: `RevocationHold` is no type of events"), "{}", unknown.err);
    let reversed = world.run(&["history", "recorded:2026-11-27..2026-11-26"]);
    assert_eq!(reversed.code, Some(2));
    assert!(reversed.err.contains("column 10") && reversed.err.contains("begins before it ends"));
}

#[test]
fn the_types_are_listed_here_and_in_the_documentation() {
    let document = include_str!("../../../../docs/events.md");
    let listed = alone(&["history", "--types", "-o", "csv", "--no-headers"]).out;
    let rows = kubeconfig::EVENT_TYPES.map(|of| format!("| `{}` | {} |", of.name, of.meaning));
    let documented: Vec<&str> = document.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(documented, rows);
    assert_eq!(listed.lines().count(), rows.len());
}

#[test]
fn an_export_behind_an_event_that_is_not_there_says_where_events_are() {
    let world = World::observed();
    let ended = world.run(&["export", "--after", "0198f3a2-0000-7000-8000-000000000000"]);
    assert_eq!(ended.code, Some(5), "{}", ended.err);
    assert!(ended.err.contains("`reaper history -o name` lists events"), "{}", ended.err);
}

#[test]
fn csv_has_one_number_a_cell_and_times_as_they_are() {
    let world = World::swept();
    let csv = world.run(&["status", "--time-to-revoke", "-o", "csv"]).out;
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let (heads, first) = (lines.next().unwrap(), lines.next().unwrap());
    assert_eq!(heads[3..6], ["p50_seconds", "p95_seconds", "p99_seconds"]);
    assert!(first[2..].iter().all(|cell| cell.parse::<f64>().is_ok()), "{csv}");
    let events = world.json(&["history", "--limit", "1"]);
    let csv = world.run(&["history", "--limit", "1", "-o", "csv", "--no-headers"]);
    assert!(csv.out.starts_with(&format!("{},", events[0]["time"].as_str().unwrap())), "{}", csv.out);
    assert!(csv.err.contains("only 1 event is shown"), "{}", csv.err);
    let verified = world.run(&["verify", "-o", "csv"]).out;
    assert!(!verified.contains("'-"), "{verified}");
}
