//! Finding events.

use kubeconfig::{NewEvent, Recorded, StreamId};

use super::sample::{self, cause, cluster, identity, of, pair, person, revocation};
use super::{Fresh, StandingClock, read_all};
use crate::{Clock, Commit, EventStore, Filter, Order};

/// Commit after commit, event after event.
pub async fn the_empty_filter_is_the_log_in_its_order(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let mut log = Vec::new();
    for (stream, expected, events) in
        [(pair(2, 1), 0, 2), (identity(1), 0, 1), (pair(1, 1), 0, 3), (pair(2, 1), 2, 1)]
    {
        log.extend(store.append(sample::several(&stream, expected, events)).await.unwrap().recorded);
    }
    for limit in 1..=8 {
        assert_eq!(read_all(&*store, &Filter::default(), Order::Oldest, limit).await, log);
    }
    for (limit, more) in [(6, true), (7, false), (8, false)] {
        let page = store.query(&Filter::default(), Order::Oldest, None, limit).await.unwrap();
        assert_eq!(page.more, more, "{limit} of 7");
    }
    log.reverse();
    for limit in 1..=8 {
        assert_eq!(read_all(&*store, &Filter::default(), Order::Newest, limit).await, log);
    }
}

/// 90 commits over every kind of stream, 3 actors, 3 causes, 3 revocations, one microsecond apart.
async fn mixture(store: &dyn EventStore, clock: &StandingClock) -> Vec<Recorded> {
    let mut log: Vec<Recorded> = Vec::new();
    for number in 0..90_u32 {
        let stream = match number % 9 {
            0..=5 => pair(number % 2, [4, 1, 2][number as usize % 3]),
            6 => identity(1 + number % 4),
            7 => cluster(number % 2),
            _ => sample::run(),
        };
        let expected = log.iter().filter(|event| event.stream == stream).count() as u64;
        let event = |part: u32| event(&stream, number / 3 + part);
        let events = (0..=number % 2).map(event).collect();
        clock.shift(1);
        log.extend(store.append(Commit { stream: stream.clone(), expected, events }).await.unwrap().recorded);
    }
    log
}

fn event(stream: &StreamId, number: u32) -> NewEvent {
    let event = match (stream, number % 4) {
        (StreamId::Kubeconfig(_), 0) => sample::new(sample::requested(number % 3)),
        (StreamId::Kubeconfig(_), 1 | 2) => sample::new(sample::approved(number % 3)),
        (_, 3) => sample::new(sample::unknown("Unheard", serde_json::json!({}))),
        _ => sample::fitting(stream),
    };
    let actor = match number % 3 {
        0 => person("alice"),
        1 => person("bob"),
        _ => event.actor.clone(),
    };
    NewEvent { actor, correlation: cause(number % 3), ..event }
}

fn text<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// What the filter means, said once more and slowly.
fn passes(filter: &Filter, event: &Recorded) -> bool {
    let stored = event.event.to_stored();
    let revocation = stored.data.get("revocation").and_then(|id| id.as_str().map(ToOwned::to_owned));
    let one_of = |values: &[String], value: Option<String>| {
        values.is_empty() || value.is_some_and(|value| values.contains(&value))
    };
    one_of(&text(&filter.clusters), event.stream.cluster().map(ToString::to_string))
        && one_of(&text(&filter.uids), event.stream.uid().map(ToString::to_string))
        && one_of(&filter.actors, Some(event.actor.name().to_owned()))
        && one_of(&filter.channels, Some(event.actor.channel.to_string()))
        && one_of(&filter.types, Some(stored.type_name))
        && one_of(&filter.kinds, Some(event.stream.kind().to_owned()))
        && one_of(&text(&filter.revocations), revocation)
        && one_of(&text(&filter.correlations), Some(event.correlation.to_string()))
        && one_of(&text(&filter.ids), Some(event.id.to_string()))
        && filter.since.is_none_or(|since| since <= event.recorded_at)
        && filter.until.is_none_or(|until| event.recorded_at < until)
}

/// Each condition alone and with each set of others, in both orders, in pages.
pub async fn every_combination_of_conditions(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let clock = StandingClock::new();
    let (since, until) = (clock.at(10), clock.at(85));
    let Fresh { store, keep: _keep } = fresh(clock.clock()).await;
    let mut log = mixture(&*store, &clock).await;
    let mut found = 0;
    for order in [Order::Oldest, Order::Newest] {
        for set in 0..1_u32 << 9 {
            let on = |bit: u32| set & (1 << bit) != 0;
            let filter = Filter {
                clusters: on(0).then(|| "c1".parse().unwrap()).into_iter().collect(),
                uids: on(1).then(|| "2".parse().unwrap()).into_iter().collect(),
                actors: on(2).then(|| "alice".to_owned()).into_iter().collect(),
                types: if on(3) {
                    vec!["RevocationRequested".to_owned(), "RevocationApproved".to_owned()]
                } else {
                    Vec::new()
                },
                kinds: on(4).then(|| "kubeconfig".to_owned()).into_iter().collect(),
                revocations: on(5).then(|| revocation(0)).into_iter().collect(),
                correlations: on(6).then(|| cause(0)).into_iter().collect(),
                since: on(7).then_some(since),
                until: on(8).then_some(until),
                ..Filter::default()
            };
            let expected: Vec<&Recorded> = log.iter().filter(|event| passes(&filter, event)).collect();
            let events = read_all(&*store, &filter, order, 11).await;
            assert_eq!(events.iter().collect::<Vec<_>>(), expected, "{order:?} {filter:?}");
            found += usize::from(!expected.is_empty());
        }
        log.reverse();
    }
    assert_eq!(found, 1024, "every combination finds something, else it shows nothing");
}

/// One of them suffices; their events come in the order of the log, each once, whichever condition leads the reading.
pub async fn several_values_of_each_condition(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let clock = StandingClock::new();
    let Fresh { store, keep: _keep } = fresh(clock.clock()).await;
    let since = Some(clock.at(20));
    let mut log = mixture(&*store, &clock).await;
    let id = |place: usize| log[place].id;
    let ids = vec![id(100), id(3), sample::new(sample::approved(1)).id, id(4), id(3)];
    let parsed = |values: &[&str]| values.iter().map(|value| value.parse().unwrap()).collect::<Vec<_>>();
    let uids = || ["2", "4", "9", "2"].iter().map(|uid| uid.parse().unwrap()).collect();
    let names = |values: &[&str]| values.iter().map(ToString::to_string).collect::<Vec<_>>();
    let all = Filter::default;
    let filters = [
        Filter { clusters: parsed(&["c1", "c0", "c9"]), ..all() },
        Filter { uids: uids(), ..all() },
        Filter { clusters: parsed(&["c1", "c0"]), uids: uids(), ..all() },
        Filter { actors: names(&["bob", "alice", "nobody"]), ..all() },
        Filter { actors: names(&["bob", "timer"]), ..all() },
        Filter { channels: names(&["slack", "feishu"]), ..all() },
        Filter { channels: names(&["timer", "slack"]), ..all() },
        Filter { channels: names(&["timer"]), kinds: names(&["kubeconfig"]), ..all() },
        Filter { channels: names(&["slack"]), types: names(&["Unheard"]), ..all() },
        Filter { channels: names(&["timer"]), clusters: parsed(&["c1"]), uids: uids(), ..all() },
        Filter { channels: names(&["slack"]), actors: names(&["bob"]), since, ..all() },
        Filter { kinds: names(&["run", "cluster"]), ..all() },
        Filter { revocations: vec![revocation(2), revocation(0), revocation(77)], ..all() },
        Filter { correlations: vec![cause(2), cause(1)], ..all() },
        Filter { ids: ids.clone(), ..all() },
        Filter { ids, uids: uids(), ..all() },
        Filter {
            actors: names(&["bob", "alice"]),
            types: names(&["RevocationRequested", "Unheard"]),
            clusters: parsed(&["c1", "c0"]),
            ..all()
        },
    ];
    for order in [Order::Oldest, Order::Newest] {
        for filter in &filters {
            let expected: Vec<&Recorded> = log.iter().filter(|event| passes(filter, event)).collect();
            let events = read_all(&*store, filter, order, 7).await;
            assert_eq!(events.iter().collect::<Vec<_>>(), expected, "{order:?} {filter:?}");
            assert!(!expected.is_empty(), "{filter:?}");
        }
        log.reverse();
    }
}

/// Not the first type's events before the second's.
pub async fn several_types_keep_the_order_of_the_log(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let clock = StandingClock::new();
    let Fresh { store, keep: _keep } = fresh(clock.clock()).await;
    let log = mixture(&*store, &clock).await;
    let types: Vec<String> = ["Unheard", "ClusterGone", "RevocationApproved", "Unheard", "NeverSeen"]
        .map(ToOwned::to_owned)
        .to_vec();
    let filter = Filter { types, ..Filter::default() };
    let mut expected: Vec<Recorded> = log.into_iter().filter(|event| passes(&filter, event)).collect();
    assert_eq!(read_all(&*store, &filter, Order::Oldest, 4).await, expected);
    expected.reverse();
    assert_eq!(read_all(&*store, &filter, Order::Newest, 4).await, expected);
}

/// Also where many commits share a time, and where a bound lies between two times of storing.
pub async fn times_include_since_and_exclude_until(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let clock = StandingClock::new();
    let start = clock.at(0);
    let Fresh { store, keep: _keep } = fresh(clock.clock()).await;
    for uid in 1..10 {
        if uid % 3 == 1 && uid > 1 {
            clock.shift(10);
        }
        store.append(of(&identity(uid), 0, sample::fitting(&identity(uid)))).await.unwrap();
    }
    let at = |nanoseconds: i128| {
        Some(jiff::Timestamp::from_nanosecond(start.as_nanosecond() + nanoseconds).unwrap())
    };
    for (since, until, expected) in [
        (at(0), at(0), 0..0),
        (at(0), at(10_000), 1..4),
        (at(10_000), at(20_000), 4..7),
        (at(1), at(10_001), 4..7),
        (at(9_999), at(10_000), 0..0),
        (at(20_000), None, 7..10),
        (at(20_001), None, 0..0),
        (None, at(20_001), 1..10),
        (None, at(-1), 0..0),
        (at(10_000), at(0), 0..0),
    ] {
        let filter = Filter { since, until, ..Filter::default() };
        let uids: Vec<u32> = read_all(&*store, &filter, Order::Oldest, 2)
            .await
            .iter()
            .map(|event| event.stream.uid().unwrap().as_str().parse().unwrap())
            .collect();
        assert_eq!(uids, expected.collect::<Vec<_>>(), "{since:?} to {until:?}");
    }
}

/// An empty page, not an error.
pub async fn what_is_not_there_is_not_found(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let clock = StandingClock::new();
    let Fresh { store, keep: _keep } = fresh(clock.clock()).await;
    mixture(&*store, &clock).await;
    let all = Filter::default;
    for filter in [
        Filter { clusters: vec!["c".parse().unwrap()], ..all() },
        Filter { uids: vec!["20".parse().unwrap()], ..all() },
        Filter { actors: vec!["Alice".to_owned()], ..all() },
        Filter { actors: vec!["bot".to_owned()], ..all() },
        Filter { actors: vec!["' OR 1=1 --".to_owned()], ..all() },
        Filter { channels: vec!["Slack".to_owned(), "feishu".to_owned()], ..all() },
        Filter { channels: vec!["slack".to_owned()], actors: vec!["timer".to_owned()], ..all() },
        Filter { types: vec!["unheard".to_owned(), String::new()], ..all() },
        Filter { kinds: vec!["kube".to_owned()], ..all() },
        Filter { revocations: vec![revocation(77)], ..all() },
        Filter { correlations: vec![cause(77)], ..all() },
        Filter { ids: vec![sample::new(sample::approved(1)).id], ..all() },
    ] {
        for order in [Order::Oldest, Order::Newest] {
            let page = store.query(&filter, order, None, 10).await.unwrap();
            assert_eq!((page.events, page.more), (vec![], false), "{filter:?}");
        }
    }
}
