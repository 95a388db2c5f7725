//! What a process that keeps the log in memory knows of somebody who was erased.

use std::sync::Arc;

use event_store::contract::sample::{identity, named, new, of};
use event_store::{EventStore, MemoryStore};
use jiff::Timestamp;
use kubeconfig::identity::IdentityEvent;
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
    assert_eq!(erasure.carry_out(store.as_ref(), &uid(), None, &cause, |_| ()).await.unwrap(), 1);

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

/// Two names of one commit, whose erasure was begun by a process that got as far as the first of them.
async fn half_erased() -> Arc<dyn EventStore> {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    let both = vec![new(named("zoe")), new(named("zoe.b"))];
    let commit = event_store::Commit { stream: identity(1), expected: 0, events: both };
    store.append(commit).await.unwrap();
    let log = store.commits(0, 10).await.unwrap();
    let digests: Vec<_> = log[0].digests().unwrap().into_iter().map(|(_, _, digest)| digest).collect();
    let begun = IdentityEvent::PersonalDataErasureBegun {
        digests: digests.iter().map(ToString::to_string).collect(),
        reason: None,
        overridden: vec![],
    };
    store.append(of(&identity(1), 2, new(begun))).await.unwrap();
    store.erase(&[(1, digests[0])]).await.unwrap();
    store
}

async fn erase_again(store: &dyn EventStore) -> (bool, u64) {
    let left = find_personal(store, &uid(), &[], |_| ()).await.unwrap();
    let erased = left.carry_out(store, &uid(), None, &Cause::new(Actor::timer()), |_| ()).await.unwrap();
    (left.unfinished, erased)
}

/// Nothing is left of either name, and this is what the log says of it.
async fn is_erased_with(store: &dyn EventStore, expected: &[&str]) {
    let log = store.commits(0, 10).await.unwrap();
    assert!(log[0].disclosures.is_empty());
    let events = log.iter().flat_map(|commit| commit.events().unwrap());
    let types: Vec<_> = events.map(|event| event.event.type_name()).collect();
    assert_eq!(types[2..], *expected, "it is not begun twice");
}

#[tokio::test]
async fn an_erasure_that_was_interrupted_goes_on() {
    let store = half_erased().await;
    assert_eq!(erase_again(store.as_ref()).await, (true, 1));
    is_erased_with(store.as_ref(), &["PersonalDataErasureBegun", "PersonalDataErased"]).await;
}

/// A store that was restored from a copy, or rows that were put back, may say so while a value is still there.
#[tokio::test]
async fn what_is_left_of_an_erasure_that_is_on_record_as_done_is_erased_by_the_next() {
    let store = half_erased().await;
    let done = IdentityEvent::PersonalDataErased { values: 2 };
    store.append(of(&identity(1), 3, new(done))).await.unwrap();
    assert_eq!(erase_again(store.as_ref()).await, (false, 1));
    let twice = ["PersonalDataErasureBegun", "PersonalDataErased", "PersonalDataErased"];
    is_erased_with(store.as_ref(), &twice).await;
    assert_eq!(erase_again(store.as_ref()).await, (false, 0));
    is_erased_with(store.as_ref(), &twice).await;
}
