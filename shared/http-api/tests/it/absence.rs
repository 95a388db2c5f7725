//! The function that only reads, by itself: with a store that is not there yet, and with one that it may not write.

use axum::Router;
use axum::http::{Method, StatusCode};
use history::Archive;
use revocation::Config;

use crate::snapshot::assert_answer;
use crate::world::{ALICE, PROD, VERA, World, callers, console, request, send};

fn alone(folder: &tempfile::TempDir) -> Router {
    let mut config = Config::default();
    config.store.path = folder.path().join("events.sqlite");
    let (callers, console) = (callers(&config), console(&config));
    history::router(Archive::at(config), callers, &console)
}

/// Everything that can be read.
fn paths() -> [String; 10] {
    [
        "/v1/overview".into(),
        "/v1/clusters".into(),
        format!("/v1/clusters/{PROD}"),
        format!("/v1/identities/{ALICE}"),
        "/v1/leftovers".into(),
        "/v1/held".into(),
        "/v1/kubeconfigs".into(),
        format!("/v1/kubeconfigs/{PROD}/{ALICE}"),
        "/v1/events".into(),
        "/v1/events?kind=run&limit=3".into(),
    ]
}

fn files(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn before_the_first_run_there_is_no_history_and_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let router = alone(&folder);
    for path in paths() {
        let answer = send(&router, request(Method::GET, &path, Some(VERA), None)).await;
        assert_eq!((answer.status, answer.problem()), (StatusCode::SERVICE_UNAVAILABLE, "no-history-yet"));
    }
    let answer = send(&router, request(Method::GET, "/v1/overview", Some(VERA), None)).await;
    assert_answer("no_history_yet", &answer);
    assert_eq!(files(&folder), Vec::<String>::new(), "reading makes no store");
    let health = send(&router, request(Method::GET, "/healthz", None, None)).await;
    assert_eq!(health.status, StatusCode::OK);
}

#[tokio::test]
async fn it_opens_the_store_once_it_is_there() {
    let world = World::new().await;
    let empty = tempfile::tempdir().unwrap();
    let router = alone(&empty);
    let ask = async || send(&router, request(Method::GET, "/v1/overview", Some(VERA), None)).await.status;
    assert_eq!(ask().await, StatusCode::SERVICE_UNAVAILABLE);
    drop(event_store::SqliteStore::open(empty.path().join("events.sqlite"), Default::default()).unwrap());
    assert_eq!(ask().await, StatusCode::OK);
    drop(world);
}

#[tokio::test]
async fn it_sees_what_others_write_and_writes_nothing() {
    let world = World::seen().await;
    let router = alone(&world.folder);
    for round in 0..2 {
        let before = world.log_length().await;
        for path in paths() {
            let own = send(&router, request(Method::GET, &path, Some(VERA), None)).await;
            assert_eq!(own.status, StatusCode::OK, "{path}: {}", own.body);
            if !path.contains("events") {
                assert_eq!(own.body, world.get(&path).await.body, "{path}");
            }
        }
        assert_eq!(world.log_length().await, before, "round {round}");
        world.revoke(ALICE, &[PROD]).await;
    }
    let calls = world.emulator.calls().len();
    send(&router, request(Method::GET, "/v1/overview", Some(VERA), None)).await;
    assert_eq!(world.emulator.calls().len(), calls, "the cloud is not asked");
}

#[tokio::test]
async fn it_has_no_route_that_writes() {
    let world = World::new().await;
    let document =
        history::api(Archive::of(world.reaper.history().clone()), &console(&Config::default())).document();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert_eq!(item.as_object().unwrap().keys().collect::<Vec<_>>(), ["get"], "{path}");
    }
}

/// What stands in the way is for the operator, in the log.
#[tokio::test]
async fn a_file_that_is_no_store_is_a_fault_without_details() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("events.sqlite"), "not a database, and not small either".repeat(100))
        .unwrap();
    let answer = send(&alone(&folder), request(Method::GET, "/v1/overview", Some(VERA), None)).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
    assert!(!answer.body.to_string().contains("sqlite"), "{}", answer.body);
}
