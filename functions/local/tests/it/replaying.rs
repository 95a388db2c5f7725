//! `replay`: a recorded event, taken as if it were delivered now.

use serde_json::{Value, json};

use crate::world::{DAVE, World, same_everywhere};

/// The deletion of dave as EventBridge delivers it.
fn deletion(world: &World) -> Value {
    let trail = world.control("GET", "/trail", "");
    let mut records = trail.as_array().unwrap().iter();
    let record = records.find(|record| {
        record["eventName"] == "DeleteUser" && record["requestParameters"].to_string().contains("dave")
    });
    let record = record.expect("the deletion is on the trail");
    json!({
        "specversion": "1.0", "id": record["eventId"], "source": "acs.ram", "type": "ram:ActionTrail:ApiCall",
        "time": record["eventTime"], "data": record,
    })
}

#[test]
fn a_dry_run_says_how_it_is_understood_and_what_would_be_revoked() {
    let world = World::new();
    let file = world.file("event.json", deletion(&world).to_string());
    let ended = world.run(&["replay", file.to_str().unwrap(), "--dry-run"]);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    same_everywhere(|| insta::assert_snapshot!("replay_dry_run", ended.out));
    assert_eq!(world.cleanings(), 0);
    assert_eq!(world.json(&["history"]), json!([]));
}

#[test]
fn executed_it_ends_the_access_once_however_often_it_comes() {
    let world = World::new();
    let event = deletion(&world);
    let several = json!([event, event, event]).to_string();
    let ended = world.run_with(&["replay", "-", "--execute", "-o", "json"], several.as_bytes());
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    let receipts: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(receipts.as_array().unwrap().len(), 3);
    assert!(receipts.as_array().unwrap().iter().all(|receipt| receipt["uid"] == DAVE));
    assert_eq!(world.cleanings(), 1, "prod was cleaned once, dev is held");
}

#[test]
fn a_name_that_nobody_bore_waits_for_a_person_who_may_dismiss_it() {
    let world = World::new();
    let mut event = deletion(&world);
    event["id"] = "other".into();
    event["data"]["eventId"] = "other".into();
    event["data"]["requestParameters"]["UserName"] = "mallory".into();
    let event = event.to_string();
    let rehearsed = world.run_with(&["replay", "-", "--dry-run"], event.as_bytes());
    assert_eq!(rehearsed.code, Some(3));
    assert!(rehearsed.out.contains("mallory") && rehearsed.out.contains("would wait"), "{}", rehearsed.out);
    let ended = world.run_with(&["replay", "-", "--execute"], event.as_bytes());
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    let held = world.json(&["status", "--held"]);
    let message = held["messages"][0]["id"].as_str().unwrap();
    assert!(ended.out.contains(&format!("reaper approve {message} --uid")), "{}", ended.out);
    same_everywhere(|| insta::assert_snapshot!("status_held_message", world.run(&["status", "--held"]).out));

    let silent = world.run(&["reject", message]);
    assert_eq!(silent.code, Some(2), "a dismissal says why: {}", silent.err);
    assert_eq!(world.run(&["reject", message, "--note", "a test account"]).code, Some(0));
    assert_eq!(world.json(&["status", "--held"])["messages"], json!([]));
    assert_eq!(world.run_with(&["replay", "-", "--execute"], event.as_bytes()).code, Some(0));
}

#[test]
fn a_person_may_say_whose_name_it_was() {
    let world = World::observed();
    let mut event = deletion(&world);
    event["id"] = "other".into();
    event["data"]["requestParameters"]["UserName"] = "dave-of-old".into();
    world.run_with(&["replay", "-", "--execute"], event.to_string().as_bytes());
    let held = world.json(&["status", "--held"]);
    let message = held["messages"][0]["id"].as_str().unwrap();
    let alive = world.run(&["approve", message, "--uid", crate::world::ALICE]);
    assert_eq!(alive.code, Some(4), "alice exists: {}", alive.err);
    let ended = world.run(&["approve", message, "--uid", DAVE]);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
    assert!(ended.out.contains("confirmed") && ended.out.contains("held"), "{}", ended.out);
}

#[test]
fn what_does_not_matter_and_what_is_not_understood_is_told_apart() {
    let world = World::new();
    let run = |text: &str, how: &str| world.run_with(&["replay", "-", how], text.as_bytes());
    let other = r#"{"id":"1","source":"acs.ram","data":{"eventName":"CreatePolicy"}}"#;
    for how in ["--dry-run", "--execute"] {
        assert_eq!(run(other, how).code, Some(0));
        assert_eq!(run("{", how).code, Some(1));
        assert_eq!(run(r#"{"id":"1","data":{"eventName":"DeleteUser"}}"#, how).code, Some(1));
    }
    let kept = world.json(&["history", "--type", "MessageNotUnderstood"]);
    assert_eq!(kept.as_array().unwrap().len(), 2);
}

#[test]
fn it_wants_to_know_whether_to_execute() {
    let ended = crate::world::alone(&["replay", "event.json"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("--dry-run"), "{}", ended.err);
}
