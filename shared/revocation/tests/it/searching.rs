//! Searching: whatever part of a question an index answers, what is found is what reading everything would find.

use std::sync::Arc;

use event_store::contract::sample::{self, cause, cluster, identity, pair, person, revocation};
use event_store::{Commit, Cursor, EventStore, MemoryStore, Order};
use kubeconfig::{Bound, NewEvent, Projection, Query, Recorded, Scope, StreamId};
use revocation::{ExportFormat, Found, History};

fn query(text: &str) -> Query {
    text.parse().unwrap()
}

async fn append(store: &MemoryStore, stream: &StreamId, events: Vec<NewEvent>) -> Vec<Recorded> {
    let expected = store.read_stream(stream, 0, 1000).await.unwrap().len() as u64;
    store.append(Commit { stream: stream.clone(), expected, events }).await.unwrap().recorded
}

/// 120 commits over every kind of stream, by three actors.
async fn mixture() -> (Arc<MemoryStore>, History) {
    let store = Arc::new(MemoryStore::new());
    for number in 0..120_u32 {
        let stream = match number % 9 {
            0..=5 => pair(number % 2, [4, 1, 2][number as usize % 3]),
            6 => identity(1 + number % 4),
            7 => cluster(number % 2),
            _ => sample::run(),
        };
        let event = match (&stream, number % 4) {
            (StreamId::Kubeconfig(_), 0) => sample::rich(number % 3),
            (StreamId::Kubeconfig(_), 1) => sample::new(sample::approved(number % 3)),
            (_, 3) => sample::new(sample::unknown("Unheard", serde_json::json!({ "of": "a Word" }))),
            _ => sample::fitting(&stream),
        };
        let actor = if number % 5 == 0 { person("alice") } else { event.actor.clone() };
        append(&store, &stream, vec![NewEvent { actor, correlation: cause(number % 3), ..event }]).await;
    }
    let history = History::new(store.clone());
    (store, history)
}

/// All pages of an answer, joined.
async fn all(history: &History, query: &Query, order: Order, limit: u32) -> Vec<Recorded> {
    let (mut events, mut after): (Vec<Recorded>, Option<Cursor>) = (vec![], None);
    loop {
        let found = history.search(query, order, after.as_ref(), limit).await.unwrap();
        assert!(found.events.len() <= limit as usize);
        events.extend(found.events);
        if !found.more {
            return events;
        }
        after = Some(found.end);
    }
}

#[tokio::test]
async fn what_is_found_is_what_reading_everything_would_find() {
    let (_store, history) = mixture().await;
    let mut log = all(&history, &Query::default(), Order::Oldest, 1000).await;
    assert_eq!(log.len(), 120);
    let middle = log[60].recorded_at;
    let revocation = revocation(1);
    let id = log[33].id;
    let questions = [
        "".to_owned(),
        "cluster:c1".to_owned(),
        "cluster:c1 cluster:c0 uid:2".to_owned(),
        "uid:1 uid:2 -cluster:c1".to_owned(),
        "actor:alice".to_owned(),
        "actor:alice actor:timer type:Unheard".to_owned(),
        "-actor:alice kind:kubeconfig kind:run".to_owned(),
        "type:RevocationRequested -uid:1".to_owned(),
        "status:Effective".to_owned(),
        "status:Effective -type:KubeconfigObserved".to_owned(),
        "channel:slack".to_owned(),
        "channel:timer principal:bot".to_owned(),
        "source:acs.ram".to_owned(),
        "stream:kubeconfig/c1/1".to_owned(),
        "stream:identity/2 stream:cluster/c1".to_owned(),
        "stream:identity/2 -kind:identity".to_owned(),
        format!("revocation:{revocation}"),
        format!("revocation:{revocation} -type:RevocationApproved"),
        format!("id:{id} id:{}", log[34].id),
        format!("correlation:{} cluster:c0", cause(1)),
        format!("since:{middle} uid:1"),
        format!("until:{middle} recorded:..{middle} -recorded:1w..{middle}"),
        format!("recorded:{middle}.. recorded:..{middle}"),
        "occurred:2025-12-31 a".to_owned(),
        "WORD -kind:run".to_owned(),
    ];
    for order in [Order::Oldest, Order::Newest] {
        for text in &questions {
            let question = query(text);
            let search = question.resolve(&Projection::replay(&log), jiff::Timestamp::now()).unwrap();
            let expected: Vec<_> = log.iter().filter(|event| search.passes(event)).cloned().collect();
            for limit in [7, 1000] {
                assert_eq!(all(&history, &question, order, limit).await, expected, "{order:?} {text}");
            }
            let question = history.question(&question).await.unwrap();
            let counted = history.count(&question, None).await.unwrap();
            assert_eq!((counted.count, counted.next), (expected.len() as u64, None), "{text}");
        }
        log.reverse();
    }
}

/// 10 commits of 256 events each, and before, amid and behind them one by alice through Slack.
async fn haystack() -> (Arc<MemoryStore>, History) {
    let store = Arc::new(MemoryStore::new());
    let needle = || NewEvent { actor: person("alice"), ..sample::new(sample::approved(1)) };
    for number in 1..=10 {
        if number % 5 == 1 {
            append(&store, &pair(9, 9), vec![needle()]).await;
        }
        let hay = (0..256).map(|_| sample::fitting(&identity(number))).collect();
        append(&store, &identity(number), hay).await;
    }
    append(&store, &pair(9, 9), vec![needle()]).await;
    let history = History::new(store.clone());
    (store, history)
}

#[tokio::test]
async fn an_answer_looks_at_a_bounded_number_of_events_and_says_where_to_go_on() {
    let (store, history) = haystack().await;
    let question = query("principal:bot");
    for order in [Order::Newest, Order::Oldest] {
        let first = history.search(&question, order, None, 3).await.unwrap();
        // The third is too far away.
        assert_eq!((first.events.len(), first.more, first.looked_at), (2, true, 1500));
        let Found { events, more, .. } = history.search(&question, order, Some(&first.end), 3).await.unwrap();
        assert_eq!((events.len(), more), (1, false));
    }
    // Nothing on a page is no end: only `more` is.
    let none = history.search(&query("principal:nobody"), Order::Newest, None, 3).await.unwrap();
    assert_eq!((none.events.len(), none.more), (0, true));
    drop(store);
}

#[tokio::test]
async fn what_is_stored_meanwhile_neither_repeats_nor_hides_anything() {
    let (store, history) = haystack().await;
    let question = query("principal:bot -type:Nothing");
    let before = all(&history, &question, Order::Newest, 1000).await;
    let first = history.search(&question, Order::Newest, None, 1).await.unwrap();
    let oldest = history.search(&question, Order::Oldest, None, 1).await.unwrap();
    let late = NewEvent { actor: person("bob"), ..sample::new(sample::approved(2)) };
    let late = append(&store, &pair(9, 9), vec![late]).await;
    let (mut back, mut after) = (first.events, first.end);
    loop {
        let found = history.search(&question, Order::Newest, Some(&after), 1).await.unwrap();
        back.extend(found.events);
        after = found.end;
        if !found.more {
            break;
        }
    }
    assert_eq!(back, before, "going back, as if nothing had come");
    let forward = history.search(&question, Order::Oldest, Some(&oldest.end), 1000).await.unwrap();
    let rest = history.search(&question, Order::Oldest, Some(&forward.end), 1000).await.unwrap();
    let joined = [oldest.events, forward.events, rest.events].concat();
    assert_eq!(
        joined,
        before.iter().rev().chain(&late).cloned().collect::<Vec<_>>(),
        "going on, up to the new one"
    );
}

#[tokio::test]
async fn a_cursor_outlives_the_moment_in_which_seven_days_ago_was_meant() {
    let (_store, history) = mixture().await;
    let question = query("since:7d kind:kubeconfig");
    let first = history.search(&question, Order::Newest, None, 2).await.unwrap();
    let second = history.search(&question, Order::Newest, Some(&first.end), 2).await.unwrap();
    let both = history.search(&question, Order::Newest, None, 4).await.unwrap();
    assert_eq!([first.events, second.events].concat(), both.events);
    let other = history.search(&query("since:8d kind:kubeconfig"), Order::Newest, Some(&first.end), 2).await;
    assert!(other.is_err(), "a cursor belongs to its question");
}

#[tokio::test]
async fn who_kept_the_events_and_no_cursor_goes_on_behind_the_last() {
    let (_store, history) = mixture().await;
    let question = query("kind:kubeconfig -actor:alice");
    let whole = all(&history, &question, Order::Oldest, 1000).await;
    let question = history.question(&question).await.unwrap();
    let after = history.behind(&question, whole[4].id, Order::Oldest).await.unwrap().unwrap();
    let rest = history.answer(&question, Order::Oldest, Some(&after), 1000).await.unwrap();
    assert_eq!(rest.events, whole[5..]);
}

fn within(history: &History, cluster: &str) -> History {
    history.within(Scope::of(&[Bound::Cluster(cluster.parse().unwrap())]))
}

#[tokio::test]
async fn who_has_bounds_is_answered_from_one_copy_until_the_log_moves_on() {
    let (store, everything) = mixture().await;
    let history = within(&everything, "c1");
    let before = history.projection().await.unwrap();
    assert!(Arc::ptr_eq(&before, &history.clone().projection().await.unwrap()));
    let clusters = |seen: &Projection| {
        seen.accesses.keys().map(|key| key.cluster.to_string()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(clusters(&before), ["c1".to_owned()].into());
    assert_eq!(clusters(&within(&history, "c0").projection().await.unwrap()), ["c0".to_owned()].into());
    assert_eq!(clusters(&everything.projection().await.unwrap()).len(), 2);
    append(&store, &pair(1, 77), vec![sample::new(sample::approved(1))]).await;
    let knows = |seen: &Projection| seen.accesses.keys().any(|key| key.uid.as_str() == "77");
    assert!(!knows(&before) && knows(&history.projection().await.unwrap()));
    let now = jiff::Timestamp::now();
    let past = history.as_of(now, revocation::By::Recorded).await.unwrap().projection().await.unwrap();
    assert!(knows(&past) && clusters(&past).len() == 1);
}

#[tokio::test]
async fn pages_of_somebody_with_bounds_pass_over_what_lies_out_of_them() {
    let (_store, everything) = mixture().await;
    let history = within(&everything, "c1");
    let filter = event_store::Filter::default();
    for order in [Order::Oldest, Order::Newest] {
        let log = all(&everything, &Query::default(), order, 1000).await;
        let seen = history.projection().await.unwrap();
        let shown = |event: &&Recorded| match &event.stream {
            StreamId::Kubeconfig(key) => key.cluster.as_str() == "c1",
            StreamId::Identity(uid) => seen.identities.contains_key(uid),
            StreamId::Cluster(id) => seen.clusters.contains_key(id),
            StreamId::Intake(_) | StreamId::Run(_) => false,
        };
        let expected: Vec<Recorded> = log.iter().filter(shown).cloned().collect();
        for limit in [1, 4] {
            let (mut events, mut after) = (vec![], None);
            loop {
                let (page, end, more) =
                    history.recorded(&filter, order, after.as_ref(), limit).await.unwrap();
                events.extend(page);
                if !more {
                    break;
                }
                after = Some(end);
            }
            assert_eq!(events, expected, "{order:?} by {limit}");
        }
    }
}

#[tokio::test]
async fn a_name_that_nobody_bears_is_an_error_not_an_empty_answer() {
    let (_store, history) = mixture().await;
    for text in ["uid:carol", "cluster:prod"] {
        let error = history.search(&query(text), Order::Newest, None, 1).await.unwrap_err();
        assert!(error.to_string().contains("is known by the name"), "{error}");
    }
}

/// The events of the type, once there are any.
async fn told(history: &History, type_name: &str) -> Vec<Recorded> {
    let question = query(&format!("type:{type_name}"));
    loop {
        let events = all(history, &question, Order::Oldest, 1000).await;
        if !events.is_empty() {
            return events;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_export_that_nobody_reads_on_was_taken_as_far_as_it_was_given() {
    let (store, _) = haystack().await;
    let history = History::recording(store);
    let everything = Query::default();
    let mut export = history.export(&everything, ExportFormat::Ndjson, None, person("alice")).await.unwrap();
    assert_eq!(told(&history, "ExportBegun").await.len(), 1, "before anything was given");
    let part = export.next().await.unwrap().unwrap();
    let given = part.split(|byte| *byte == b'\n').count() - 1;
    assert_eq!((export.events(), given), (1000, 1000));
    drop(export);
    let taken = told(&history, "ExportTaken").await;
    assert_eq!(taken[0].event.to_stored().data["events"], 1000);
    assert_eq!(taken[0].actor, person("alice"));
}

#[tokio::test]
async fn where_nothing_can_be_stored_nothing_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.sqlite");
    drop(event_store::SqliteStore::open(&path, event_store::Options::default()).unwrap());
    let read_only = event_store::Options { read_only: true, ..Default::default() };
    let store = Arc::new(event_store::SqliteStore::open(&path, read_only).unwrap());
    let recording = History::recording(store.clone());
    let everything = Query::default();
    for history in [&recording, &History::new(store)] {
        let refused = history.export(&everything, ExportFormat::Csv, None, person("alice")).await;
        assert!(refused.is_err());
    }
    let searching = recording.noting_searches(true).asked_by(person("alice"));
    assert!(searching.search(&everything, Order::Newest, None, 1).await.is_err());
}
