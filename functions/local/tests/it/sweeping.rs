//! `sweep`: finds, ends what is due, and says what it did.

use crate::world::{World, same_everywhere};

#[test]
fn a_sweep_ends_what_is_due_and_holds_what_nobody_knows() {
    let world = World::new();
    let ended = world.run(&["sweep"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    same_everywhere(|| insta::assert_snapshot!("sweep", ended.out));
    assert_eq!(world.cleanings(), 3);
}

#[test]
fn further_sweeps_ask_for_nothing_again_and_come_to_rest() {
    let world = World::swept();
    let sweep = || world.json(&["sweep"])["report"].clone();
    assert_eq!(sweep()["requested"], 0);
    let report = sweep();
    assert_eq!((report["changes"].as_u64(), report["requested"].as_u64()), (Some(0), Some(0)));
    assert_eq!(world.cleanings(), 3);
}

#[test]
fn a_dry_run_says_the_same_and_stores_nothing() {
    let world = World::new();
    let ended = world.run(&["sweep", "--dry-run"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    same_everywhere(|| insta::assert_snapshot!("sweep_dry_run", ended.out));
    assert_eq!(world.cleanings(), 0);
    assert_eq!(world.json(&["history"]), serde_json::json!([]));
}

#[test]
fn a_cloud_that_lists_nobody_is_an_error_and_nothing_is_concluded_from_it() {
    let world = World::new();
    let failure =
        r#"{"operation":"ListUsers","times":50,"outcome":{"error":{"status":403,"code":"NoPermission"}}}"#;
    world.control("POST", "/failures", failure);
    let ended = world.run(&["sweep"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("NoPermission"), "{}", ended.err);
    assert_eq!(world.cleanings(), 0);
}
