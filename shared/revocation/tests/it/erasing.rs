//! What a process that keeps the log in memory knows of somebody who was erased.

use std::sync::Arc;

use event_store::contract::sample::{identity, named, new, of};
use event_store::{EventStore, MemoryStore};
use jiff::Timestamp;
use kubeconfig::{Actor, Bearer, Name, Query, Uid};
use revocation::{By, Cause, History, find_personal};

fn uid() -> Uid {
    "1".parse().unwrap()
}

async fn shows(history: &History, name: &str) -> bool {
    let projection = history.projection().await.unwrap();
    let query: Query = "stream:identity/1".parse().unwrap();
    let found = history.search(&query, event_store::Order::Oldest, None, 10).await.unwrap();
    let events = format!("{:?}", found.events);
    format!("{projection:?}").contains(name) || events.contains(name)
}

#[tokio::test]
async fn it_drops_the_name_when_it_hears_of_the_erasure() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    store.append(of(&identity(1), 0, new(named("zoe")))).await.unwrap();
    store.append(of(&identity(2), 0, new(named("tom")))).await.unwrap();
    let history = History::new(store.clone());
    assert!(shows(&history, "zoe").await);
    let before = Timestamp::now();
    let past = history.as_of(before, By::Recorded).await.unwrap();
    assert!(format!("{:?}", past.projection().await.unwrap()).contains("zoe"));

    let erasure = find_personal(store.as_ref(), &uid(), &[], |_| ()).await.unwrap();
    assert_eq!((erasure.len(), erasure.counts["IdentityObserved"]), (1, 1));
    let cause = Cause::new(Actor::timer());
    assert_eq!(erasure.carry_out(store.as_ref(), &uid(), &cause, |_| ()).await.unwrap(), 1);

    assert!(!shows(&history, "zoe").await);
    assert!(shows(&history, "tom").await);
    let projection = history.projection().await.unwrap();
    assert_eq!(projection.identities[&uid()].name, Name::Erased);
    assert_eq!(projection.directory.all_bearers("zoe"), Bearer::Nobody);
    let past = history.as_of(before, By::Recorded).await.unwrap();
    assert!(!format!("{:?}", past.projection().await.unwrap()).contains("zoe"));
    let again = find_personal(store.as_ref(), &uid(), &[], |_| ()).await.unwrap();
    assert!(again.is_empty() && again.erased_before);
}

/// The erasure was begun, and the process that began it ended there.
#[tokio::test]
async fn an_erasure_that_was_interrupted_goes_on() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    let both = vec![new(named("zoe")), new(named("zoe.b"))];
    let commit = event_store::Commit { stream: identity(1), expected: 0, events: both };
    store.append(commit).await.unwrap();
    let log = store.commits(0, 10).await.unwrap();
    let digests: Vec<_> = log[0].digests().unwrap().into_iter().map(|(_, _, digest)| digest).collect();
    let begun = kubeconfig::identity::IdentityEvent::PersonalDataErasureBegun {
        digests: digests.iter().map(ToString::to_string).collect(),
    };
    store.append(of(&identity(1), 2, new(begun))).await.unwrap();
    store.erase(&[(1, digests[0])]).await.unwrap();
    let left = find_personal(store.as_ref(), &uid(), &[], |_| ()).await.unwrap();
    assert!(left.unfinished && left.len() == 1);
    left.carry_out(store.as_ref(), &uid(), &Cause::new(Actor::timer()), |_| ()).await.unwrap();
    let log = store.commits(0, 10).await.unwrap();
    assert!(log[0].disclosures.is_empty());
    let types: Vec<_> =
        log.iter().flat_map(|commit| commit.events().unwrap()).map(|event| event.event.type_name()).collect();
    assert_eq!(types[2..], ["PersonalDataErasureBegun", "PersonalDataErased"], "it is not begun twice");
}
