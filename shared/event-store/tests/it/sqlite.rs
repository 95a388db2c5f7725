//! What holds for the embedded backend beside the contract.

use event_store::{Commit, EventStore, Filter, Options, Order, SqliteStore, load_stream};
use kubeconfig::cluster::ClusterEvent;
use kubeconfig::{Actor, ClusterId, Event, EventId, NewEvent, StreamId};
use uuid::Uuid;

#[tokio::test]
async fn smoke() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path().join("log.db"), Options::default()).unwrap();
    let stream = StreamId::Cluster("c1".parse::<ClusterId>().unwrap());
    let event = NewEvent {
        id: EventId::new(Uuid::now_v7()),
        occurred_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        actor: Actor::timer(),
        correlation: Uuid::now_v7(),
        causation: None,
        source: None,
        event: Event::Cluster(ClusterEvent::ClusterGone {}),
    };
    let commit = Commit { stream: stream.clone(), expected: 0, events: vec![event] };
    let first = store.append(commit.clone()).await.unwrap();
    assert!(store.append(commit).await.unwrap().duplicate);
    assert_eq!(load_stream(&store, &stream).await.unwrap(), first.recorded);
    for order in [Order::Oldest, Order::Newest] {
        assert_eq!(store.query(&Filter::default(), order, None, 10).await.unwrap().events, first.recorded);
    }
}
