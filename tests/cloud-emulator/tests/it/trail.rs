//! ActionTrail: a record for every write call, and LookupEvents over the records.

use cloud_emulator::Service::{self, ActionTrail, Ims, Ram};
use insta::assert_json_snapshot;
use serde_json::Value;

use crate::client::{ALICE, BOB, DAVE, Keys, PROD, REAPER, World};

/// The record of a call, without what differs every time.
fn redacted(record: &Value) -> Value {
    let mut record = record.clone();
    for name in ["eventId", "eventTime", "requestId"] {
        assert!(record[name].is_string());
        record[name] = format!("[{name}]").into();
    }
    record["requestParameters"]["RequestId"] = "[requestId]".into();
    record["userIdentity"]["sessionContext"]["attributes"]["creationDate"] = "[time]".into();
    if record["responseElements"].get("RequestId").is_some() {
        record["responseElements"]["RequestId"] = "[requestId]".into();
    }
    for time in ["CreateDate", "UpdateDate"] {
        if record["responseElements"]["User"].get(time).is_some() {
            record["responseElements"]["User"][time] = "[time]".into();
        }
    }
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ram_deletion_is_recorded_by_name_and_never_with_the_id() {
    let world = World::as_of(Keys::bob()).await;
    let mut receiver = world.emulator.trail().subscribe();
    world.rpc(Ram, "DeleteUser", &[("UserName", "alice")]).ok();
    let record = receiver.recv().await.expect("a record");
    assert!(!record.to_string().contains(ALICE));
    assert_json_snapshot!("record_ram_delete_user", redacted(&record));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ims_deletion_is_recorded_as_ims_with_the_parameter_that_was_used() {
    let world = World::start().await;
    let mut receiver = world.emulator.trail().subscribe();
    world.rpc(Ims, "DeleteUser", &[("UserPrincipalName", "alice@example.onaliyun.com")]).ok();
    world.rpc(Ims, "DeleteUser", &[("UserId", BOB)]).ok();
    let by_login = receiver.recv().await.expect("a record");
    assert_json_snapshot!("record_ims_delete_user", redacted(&by_login));
    let by_id = receiver.recv().await.expect("a record");
    assert_eq!(by_id["requestParameters"]["UserId"], BOB);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_creation_of_a_user_is_recorded_with_the_id_that_it_got() {
    let world = World::start().await;
    let created = world.rpc(Ims, "CreateUser", &[("UserPrincipalName", "eve@example.onaliyun.com")]).ok();
    let records = world.emulator.trail().records();
    let record = records.last().expect("a record");
    assert_eq!(record["responseElements"]["User"]["UserId"], created["User"]["UserId"]);
    assert_eq!(record["referencedResources"]["ACS::RAM::User"][0], "eve@example.onaliyun.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_is_recorded_with_its_error() {
    let world = World::start().await;
    let mut receiver = world.emulator.trail().subscribe();
    world.rpc(Ram, "DeleteUser", &[("UserName", "nobody")]).error();
    world.clean(PROD, BOB, "false").error();
    let ram = receiver.recv().await.expect("a record");
    assert_eq!(ram["errorCode"], "EntityNotExist.User");
    assert!(ram.get("responseElements").is_none());
    let cs = receiver.recv().await.expect("a record");
    assert_eq!((&cs["serviceName"], &cs["errorCode"]), (&"Cs".into(), &"ErrorKubeConfigInUse".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_and_unsigned_calls_leave_no_record() {
    let mut world = World::start().await;
    let before = world.emulator.trail().records().len();
    world.rpc(Ram, "ListUsers", &[]).ok();
    world.cs("GET", "/api/v1/clusters").ok();
    world.keys.secret = "wrong".to_owned();
    world.rpc(Ram, "DeleteUser", &[("UserName", "alice")]).error();
    assert_eq!(world.emulator.trail().records().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actor_of_an_assumed_role_has_role_and_session() {
    let world = World::start().await;
    world.clean(PROD, ALICE, "true").ok();
    let records = world.emulator.trail().records();
    let actor = &records.last().expect("a record")["userIdentity"];
    assert_eq!(actor["type"], "assumed-role");
    assert_eq!(actor["principalId"], format!("{REAPER}:reaper"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_can_be_performed_without_http_and_is_recorded_all_the_same() {
    let world = World::start().await;
    let root = "1000000000000001";
    world.emulator.perform(Ram, "DeleteUser", &[("UserName", "alice")], root).expect("performed");
    assert_eq!(world.rpc(Ram, "GetUser", &[("UserName", "alice")]).error().0, 404);
    let records = world.emulator.trail().records();
    let record = records.last().expect("a record");
    assert_eq!(record["userIdentity"]["type"], "root-account");
    assert_eq!(world.emulator.calls().len(), 1, "only the call over HTTP");
    let again = world.emulator.perform(Ram, "DeleteUser", &[("UserName", "alice")], root);
    assert_eq!(again.expect_err("refused").code, "EntityNotExist.User");
    let unknown = world.emulator.perform(Service::Cs, "Explode", &[], root);
    assert_eq!(unknown.expect_err("unknown").code, "InvalidAction.NotFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_looked_up_by_one_condition_and_page_by_page() {
    let world = World::start().await;
    for name in ["a", "b", "c"] {
        world.rpc(Ram, "CreateUser", &[("UserName", name)]).ok();
    }
    world.rpc(Ram, "DeleteUser", &[("UserName", "a")]).ok();
    let look = |params: &[(&str, &str)]| world.rpc(ActionTrail, "LookupEvents", params).ok();
    let by = |key: &str, value: &str| {
        look(&[("LookupAttribute.1.Key", key), ("LookupAttribute.1.Value", value), ("MaxResults", "50")])
    };
    let count = |answer: &Value| answer["Events"].as_array().expect("events").len();
    assert_eq!(count(&by("EventName", "CreateUser")), 3);
    assert_eq!(count(&by("ResourceName", "a")), 2);
    assert_eq!(count(&by("ServiceName", "Ims")), 0);
    let first = look(&[("MaxResults", "3")]);
    assert_eq!(first["Events"][0]["eventName"], "DeleteUser", "newest first");
    let token = first["NextToken"].as_str().expect("a token");
    let rest = look(&[("MaxResults", "3"), ("NextToken", token)]);
    assert_eq!(count(&rest), 1);
    assert!(rest.get("NextToken").is_none());
    let oldest = look(&[("Direction", "FORWARD"), ("MaxResults", "1")]);
    assert_eq!(oldest["Events"][0]["requestParameters"]["UserName"], "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_before_the_start_is_there_when_it_is_asked_for() {
    let world = World::start().await;
    let start = (world.emulator.now() - jiff::SignedDuration::from_hours(24 * 60)).to_string();
    let params = [
        ("StartTime", start.as_str()),
        ("LookupAttribute.1.Key", "ResourceName"),
        ("LookupAttribute.1.Value", "dave"),
    ];
    let answer = world.rpc(ActionTrail, "LookupEvents", &params).ok();
    assert_eq!(answer["Events"][0]["eventName"], "DeleteUser");
    let far = (world.emulator.now() - jiff::SignedDuration::from_hours(24 * 365)).to_string();
    let params = [("StartTime", far.as_str()), params[1], params[2]];
    let answer = world.rpc(ActionTrail, "LookupEvents", &params).ok();
    let created = answer["Events"].as_array().expect("events").last().expect("an event").clone();
    assert_eq!(created["responseElements"]["User"]["UserId"], DAVE);
    let recent = world.rpc(ActionTrail, "LookupEvents", &[]).ok();
    assert_eq!(recent["Events"], serde_json::json!([]), "seven days unless told otherwise");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_conditions_or_too_many_results_are_refused() {
    let world = World::start().await;
    let refused = |params: &[(&str, &str)]| world.rpc(ActionTrail, "LookupEvents", params).status;
    let two = [
        ("LookupAttribute.1.Key", "EventName"),
        ("LookupAttribute.1.Value", "x"),
        ("LookupAttribute.2.Key", "User"),
    ];
    assert_eq!(refused(&two), 400);
    assert_eq!(refused(&[("MaxResults", "51")]), 400);
    assert_eq!(refused(&[("StartTime", "yesterday")]), 400);
}
