//! Exports: the same events as a search finds, in every format, whole or from where an earlier one ended.

use axum::http::{Method, StatusCode};
use event_store::Order;
use http_body_util::BodyExt;
use kubeconfig::query::Query;
use serde_json::Value;
use tower::ServiceExt;

use crate::world::{ALICE, PROD, VERA, World, request};

/// Status, media type and body.
async fn export(world: &World, query: &str) -> (StatusCode, String, String) {
    let path = format!("/v1/events/export?{query}");
    let (parts, body) = world
        .router
        .clone()
        .oneshot(request(Method::GET, &path, Some(VERA), None))
        .await
        .unwrap()
        .into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let media = parts.headers["content-type"].to_str().unwrap().to_owned();
    (parts.status, media, String::from_utf8(body.to_vec()).unwrap())
}

async fn world() -> World {
    let world = World::seen().await;
    world.revoke(ALICE, &[PROD]).await;
    world
}

fn lines(body: &str) -> Vec<Value> {
    body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn cloud_events_come_as_a_batch_and_as_lines() {
    let world = world().await;
    let listed = world.get(&format!("/v1/events?q=uid:{ALICE}&order=oldest&limit=1000")).await.body;
    let (status, media, batch) = export(&world, &format!("q=uid:{ALICE}")).await;
    assert_eq!((status, media.as_str()), (StatusCode::OK, "application/cloudevents-batch+json"));
    assert_eq!(serde_json::from_str::<Value>(&batch).unwrap(), listed["events"]);
    let (_, media, body) = export(&world, &format!("q=uid:{ALICE}&format=ndjson")).await;
    assert_eq!(media, "application/x-ndjson");
    assert_eq!(&lines(&body), listed["events"].as_array().unwrap());
    assert_eq!(export(&world, "q=type:NeverHeardOf").await.2, "[]\n");
}

#[tokio::test]
async fn csv_has_a_line_an_event_and_its_heading_once() {
    let world = world().await;
    let (_, media, body) = export(&world, "q=uid:alice%20cluster:prod&format=csv").await;
    assert_eq!(media, "text/csv; charset=utf-8");
    let (heading, rest) = body.split_once('\n').unwrap();
    assert!(heading.starts_with("id,occurred,recorded,type,stream,version,cluster,cluster_name,uid,name,"));
    assert_eq!(rest.matches(&format!(",kubeconfig/{PROD}/{ALICE},")).count(), 7);
    assert!(rest.contains(&format!(",{PROD},prod,{ALICE},alice,http,olga,")), "{rest}");
    let first = rest.split_once(',').unwrap().0;
    let (_, _, after) = export(&world, &format!("q=uid:alice%20cluster:prod&format=csv&after={first}")).await;
    assert_eq!(
        after,
        rest.split_inclusive('\n').skip(1).collect::<String>(),
        "no heading, and no line twice"
    );
}

#[tokio::test]
async fn ocsf_states_its_version_and_has_what_it_requires() {
    let world = world().await;
    world.delete_user("alice");
    world.look().await;
    let (_, _, body) = export(&world, "format=ocsf").await;
    let mut classes = std::collections::BTreeSet::new();
    for event in lines(&body) {
        let number = |name: &str| event[name].as_u64().unwrap_or_else(|| panic!("{name}: {event}"));
        assert_eq!(event["metadata"]["version"], "1.7.0");
        assert_eq!(event["metadata"]["product"]["name"], "Reaper");
        assert_eq!(number("category_uid"), 3);
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
        assert!(number("time") > 1_700_000_000_000 && number("severity_id") > 0);
        // Captions of the schema.
        let caption = match (number("class_uid"), number("activity_id")) {
            (3004, 1) => "Create",
            (3004, 2) => "Read",
            (3004, 3) => "Update",
            (3004, 4) | (3001, 6) => "Delete",
            (3001, 2) => "Enable",
            _ => event["metadata"]["event_code"].as_str().unwrap(),
        };
        assert_eq!(event["activity_name"], caption);
        let about = if number("class_uid") == 3001 { &event["user"] } else { &event["entity"] };
        assert!(about["uid"].is_string(), "{event}");
        classes.insert((number("class_uid"), number("activity_id")));
    }
    for expected in [(3004, 4), (3004, 2), (3004, 1)] {
        assert!(classes.contains(&expected), "{classes:?}");
    }
    assert!(classes.iter().any(|(class, _)| *class == 3001), "{classes:?}");
}

#[tokio::test]
async fn an_export_is_an_event_before_and_after() {
    let world = world().await;
    export(&world, "q=uid:alice%20%20cluster:prod&format=csv").await;
    let query: Query = "type:ExportBegun type:ExportTaken".parse().unwrap();
    let found = world.reaper.history().search(&query, Order::Oldest, None, 10).await.unwrap();
    let told: Vec<_> =
        found.events.iter().map(|event| (event.event.to_stored().type_name, &event.actor)).collect();
    assert_eq!(told.len(), 2);
    assert_eq!((told[0].0.as_str(), told[1].0.as_str()), ("ExportBegun", "ExportTaken"));
    assert_eq!(told[1].1.to_string(), "vera (http)");
    let taken = found.events[1].event.to_stored().data;
    assert_eq!(taken, serde_json::json!({ "query": "cluster:prod uid:alice", "format": "csv", "events": 7 }));
    assert_eq!(found.events[0].stream, found.events[1].stream);
}

#[tokio::test]
async fn what_cannot_be_exported_is_told_before_anything_is_sent() {
    let world = world().await;
    let nobody = "0190b5c4-8111-7b20-8c44-1f2e3d4c5b6a";
    for (query, parameter) in [
        ("format=xml".to_owned(), "format"),
        ("q=colour:red".to_owned(), "q"),
        ("q=uid:nobody".to_owned(), "q"),
        (format!("after={nobody}"), "after"),
        ("after=1".to_owned(), "after"),
        ("cursor=x".to_owned(), "cursor"),
    ] {
        let answer = world.get(&format!("/v1/events/export?{query}")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &parameter.into()), "{query}");
    }
}
