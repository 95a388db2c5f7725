//! `revoke`, `approve`, `reject`: what they do, what they say, and how they end.

use crate::world::{ALICE, BATCH, BOB, DAVE, DEV, PROD, ROOT, World, alone, finish, same_everywhere};

#[test]
fn a_revocation_is_confirmed_by_reading_back() {
    let world = World::observed();
    let ended = world.run(&["revoke", ALICE, PROD, BATCH, "--yes", "--reason", "left"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    same_everywhere(|| insta::assert_snapshot!("revoke", ended.out));
    assert_eq!(world.cleanings(), 2);
    let state = world.control("GET", "/state", "");
    let pairs = state["kubeconfigs"].as_array().unwrap();
    let left =
        pairs.iter().filter(|pair| pair["uid"] == ALICE && pair["certificates"][0]["state"] != "Removed");
    assert_eq!(left.count(), 1, "dev was not asked for");
    let requested = world.json(&["history", "--type", "RevocationRequested", "--uid", ALICE]);
    assert_eq!(requested[0]["data"]["reason"], "left");
    assert_eq!(requested[0]["actorchannel"], "cli");
}

#[test]
fn a_repeat_finds_nothing_left_to_do() {
    let world = World::observed();
    assert_eq!(world.run(&["revoke", ALICE, PROD, "--yes"]).code, Some(0));
    let again = world.run(&["revoke", ALICE, PROD, "--yes"]);
    assert_eq!(again.code, Some(0));
    assert!(again.out.contains("gone already"), "{}", again.out);
    assert_eq!(world.cleanings(), 1);
}

#[test]
fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let world = World::observed();
    let before = world.run(&["history", "--limit", "0", "-o", "name"]).out;
    let ended = world.run(&["revoke", ALICE, "--all", "--dry-run"]);
    assert_eq!(ended.code, Some(3));
    same_everywhere(|| insta::assert_snapshot!("revoke_dry_run", ended.out));
    assert_eq!(world.cleanings(), 0);
    assert_eq!(world.run(&["history", "--limit", "0", "-o", "name"]).out, before);
}

#[test]
fn what_is_in_use_is_held_and_says_how_to_go_on() {
    let world = World::observed();
    let ended = world.run(&["revoke", BOB, PROD, "--yes"]);
    assert_eq!(ended.code, Some(3));
    let revocation = world.held(BOB);
    assert!(ended.err.contains(&format!("reaper approve {revocation}")), "{}", ended.err);
    assert_eq!(world.cleanings(), 0);
}

#[test]
fn who_asked_may_not_approve_unless_one_person_is_enough() {
    let world = World::observed();
    world.run(&["revoke", BOB, PROD, "--yes"]);
    let revocation = world.held(BOB);
    let own = world.run(&["approve", &revocation]);
    assert_eq!(own.code, Some(4));
    assert!(own.err.contains("another person"), "{}", own.err);
    assert_eq!(world.cleanings(), 0);
    let mut alone = world.command(&["approve", &revocation, "--note", "small shop"]);
    let ended = finish(alone.env("REAPER_POLICY_SECOND_PERSON", "false"));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("confirmed"), "{}", ended.out);
}

#[test]
fn what_a_sweep_holds_may_be_approved_by_the_one_who_started_it() {
    let world = World::swept();
    let ended = world.run(&["approve", &world.held(DAVE), "--note", "gone for good"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    same_everywhere(|| insta::assert_snapshot!("approve", ended.out));
}

#[test]
fn a_rejection_leaves_the_access_and_ends_the_revocation() {
    let world = World::swept();
    let revocation = world.held(DAVE);
    let before = world.cleanings();
    let ended = world.run(&["reject", &revocation, "--note", "still needed"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("rejected"), "{}", ended.out);
    assert_eq!(world.cleanings(), before);
    let again = world.run(&["approve", &revocation]);
    assert_eq!(again.code, Some(4), "{}", again.err);
}

#[test]
fn what_is_never_touched_is_refused_by_its_rule() {
    let world = World::observed();
    let outcome = |uid: &str, cluster: &str| {
        let ended = world.run(&["revoke", uid, cluster, "--yes", "-o", "json"]);
        let outcomes: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        (ended.code, outcomes[0]["because"]["rule"].as_str().unwrap_or_default().to_owned())
    };
    let refused = |rule: &str| (Some(4), rule.to_owned());
    assert_eq!(outcome(ROOT, PROD), refused("rootAccount"));
    assert_eq!(outcome("300000000000000202", PROD), refused("caller"));
    assert_eq!(outcome("300000000000000201", DEV), refused("statusUnknown"));
    assert_eq!(outcome(BOB, DEV), refused("notIssued"));
    world.control("POST", "/clusters/state", &format!(r#"{{"cluster":"{BATCH}","state":"deleting"}}"#));
    assert_eq!(outcome(ALICE, BATCH), refused("clusterState"));
    let mut protected = world.command(&["revoke", ALICE, PROD, "--yes"]);
    assert_eq!(finish(protected.env("REAPER_PROTECTED", ALICE)).code, Some(4));
    assert_eq!(world.cleanings(), 0);
}

#[test]
fn of_several_outcomes_the_one_that_needs_somebody_counts() {
    let world = World::observed();
    let ended = world.run(&["revoke", ALICE, "--all", "--yes", "-o", "json"]);
    assert_eq!(ended.code, Some(3), "dev is held, the others are confirmed");
    let outcomes: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let words: Vec<_> = outcomes.as_array().unwrap().iter().map(|o| o["outcome"].as_str().unwrap()).collect();
    assert_eq!(words, ["confirmed", "confirmed", "held"]);
}

#[test]
fn a_failed_call_says_so_and_the_next_sweep_finishes_it() {
    let world = World::observed();
    let failure = r#"{"operation":"CleanClusterUserPermissions","times":8,"outcome":{"error":{"status":503,"code":"ServiceUnavailable"}}}"#;
    world.control("POST", "/failures", failure);
    let ended = world.run(&["revoke", ALICE, PROD, "--yes"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("next sweep"), "{}", ended.out);
    let mut sweeps = 0;
    while world.json(&["status", "--uid", ALICE, "--cluster", PROD])["kubeconfigs"][0]["status"] != "Deleted"
    {
        world.run(&["sweep"]);
        sweeps += 1;
        assert!(sweeps < 10);
    }
}

#[test]
fn without_a_terminal_it_does_nothing_unless_told_yes() {
    let world = World::observed();
    let ended = world.run(&["revoke", ALICE, "--all"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--yes") && ended.err.contains("--dry-run"), "{}", ended.err);
    assert_eq!(world.cleanings(), 0);
}

#[test]
fn clusters_are_named_by_id_where_something_is_deleted() {
    let world = World::observed();
    let ended = world.run(&["revoke", ALICE, "prod", "--yes"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains(PROD), "{}", ended.err);
}

#[test]
fn an_id_that_waits_nowhere_is_not_found_and_nonsense_is_a_usage_error() {
    let world = World::observed();
    let unknown = "00000000-0000-7000-8000-000000000000";
    for command in ["approve", "reject"] {
        assert_eq!(world.run(&[command, unknown]).code, Some(5), "{command}");
        assert_eq!(world.run(&[command, "nonsense"]).code, Some(2), "{command}");
    }
    assert_eq!(world.run(&["approve", unknown, "--uid", ALICE]).code, Some(5));
    assert_eq!(alone(&["revoke", ALICE]).code, Some(2), "neither clusters nor --all");
}

#[test]
fn without_credentials_it_says_where_they_come_from() {
    let world = World::observed();
    let mut command = world.command(&["revoke", ALICE, PROD, "--yes"]);
    for variable in
        ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"]
    {
        command.env_remove(variable);
    }
    let ended = finish(&mut command);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("ALIBABA_CLOUD_ACCESS_KEY_ID"), "{}", ended.err);
}

#[test]
fn silence_is_no_success_for_an_identity_or_a_cluster_that_nobody_knows() {
    let world = World::observed();
    for args in [["revoke", "999", "--all", "--yes"], ["revoke", "999", "--all", "--dry-run"]] {
        let ended = world.run(&args);
        assert_eq!(ended.code, Some(5), "{}", ended.err);
        assert!(ended.err.contains("nothing is known of identity 999"), "{}", ended.err);
    }
    let ended = world.run(&["revoke", ALICE, "c0a1b2c3d4e5f60718293a4b5c6d7e800", "--yes"]);
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert!(ended.err.contains("there is no cluster"), "{}", ended.err);
}
