//! Going on where a page ended.

use kubeconfig::Recorded;

use super::Fresh;
use super::sample::{commit, identity, pair, several};
use crate::{Clock, Cursor, CursorError, EventStore, Filter, Order, Page, StoreError, behind};

async fn oldest(store: &dyn EventStore, filter: &Filter, after: Option<&Cursor>) -> Page {
    store.query(filter, Order::Oldest, after, 100).await.unwrap()
}

fn of_uid(uid: u32) -> Filter {
    Filter { uids: vec![uid.to_string().parse().unwrap()], ..Filter::default() }
}

fn uids(page: &Page) -> Vec<&str> {
    page.events.iter().filter_map(|event| event.stream.uid()).map(|uid| uid.as_str()).collect()
}

/// After the last page come the events stored since, and only those.
pub async fn the_end_of_the_log_is_a_place_to_go_on(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(commit(&identity(1), 0)).await.unwrap();
    let first = oldest(&*store, &Filter::default(), None).await;
    assert_eq!((uids(&first), first.more), (vec!["1"], false));
    let nothing = oldest(&*store, &Filter::default(), Some(&first.end)).await;
    assert_eq!((uids(&nothing), nothing.more), (vec![], false));
    store.append(commit(&identity(2), 0)).await.unwrap();
    for end in [first.end, nothing.end] {
        assert_eq!(uids(&oldest(&*store, &Filter::default(), Some(&end)).await), ["2"]);
    }
}

/// A reader may be there before the first event.
pub async fn the_end_of_an_empty_store_is_a_place_to_go_on(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let empty = oldest(&*store, &Filter::default(), None).await;
    assert_eq!((uids(&empty), empty.more), (vec![], false));
    store.append(commit(&identity(1), 0)).await.unwrap();
    assert_eq!(uids(&oldest(&*store, &Filter::default(), Some(&empty.end)).await), ["1"]);
}

/// What did not pass does not hide what passes later.
pub async fn the_end_of_a_search_without_result_is_a_place_to_go_on(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(commit(&identity(1), 0)).await.unwrap();
    let none = oldest(&*store, &of_uid(2), None).await;
    assert_eq!(uids(&none), Vec::<&str>::new());
    store.append(commit(&identity(3), 0)).await.unwrap();
    store.append(several(&identity(2), 0, 2)).await.unwrap();
    let found = oldest(&*store, &of_uid(2), Some(&none.end)).await;
    assert_eq!(uids(&found), ["2", "2"]);
    assert_eq!(uids(&oldest(&*store, &of_uid(2), Some(&found.end)).await), Vec::<&str>::new());
}

/// Events that come later are not behind the beginning.
pub async fn going_back_ends_at_the_beginning(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let back = async |after: Option<Cursor>| {
        store.query(&Filter::default(), Order::Newest, after.as_ref(), 2).await.unwrap()
    };
    let empty = back(None).await;
    for uid in 1..=3 {
        store.append(commit(&identity(uid), 0)).await.unwrap();
    }
    assert_eq!(uids(&back(Some(empty.end)).await), Vec::<&str>::new());
    let first = back(None).await;
    assert_eq!((uids(&first), first.more), (vec!["3", "2"], true));
    store.append(commit(&identity(4), 0)).await.unwrap();
    let last = back(Some(first.end)).await;
    assert_eq!((uids(&last), last.more), (vec!["1"], false));
    let behind = back(Some(last.end)).await;
    assert_eq!((uids(&behind), behind.more), (vec![], false));
}

/// The next one goes on within it.
pub async fn a_page_may_end_within_a_commit(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let stored = store.append(several(&pair(1, 2), 0, 5)).await.unwrap().recorded;
    let ask = async |order, after: Option<Cursor>| {
        store.query(&Filter::default(), order, after.as_ref(), 3).await.unwrap()
    };
    let reversed: Vec<Recorded> = stored.iter().rev().cloned().collect();
    for (order, expected) in [(Order::Oldest, stored), (Order::Newest, reversed)] {
        let first = ask(order, None).await;
        assert_eq!((&first.events[..], first.more), (&expected[..3], true));
        let second = ask(order, Some(first.end)).await;
        assert_eq!((&second.events[..], second.more), (&expected[3..], false));
    }
}

/// Silently answering another question would lose events.
pub async fn a_cursor_of_another_question_is_refused(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(several(&identity(1), 0, 3)).await.unwrap();
    let types = |names: &[&str]| Filter {
        types: names.iter().map(ToString::to_string).collect(),
        ..Filter::default()
    };
    let end = oldest(&*store, &types(&["A", "B"]), None).await.end;
    let ask = async |filter: &Filter, order| match store.query(filter, order, Some(&end), 1).await {
        Ok(_) => None,
        Err(StoreError::Cursor(error)) => Some(error),
        Err(other) => panic!("expected a cursor error, got {other:?}"),
    };
    assert_eq!(ask(&types(&["A", "B"]), Order::Newest).await, Some(CursorError::OtherOrder));
    for other in [types(&["A"]), types(&["A", "C"]), types(&["AB"]), Filter::default(), of_uid(1)] {
        assert_eq!(ask(&other, Order::Oldest).await, Some(CursorError::OtherFilter));
    }
    assert_eq!(ask(&types(&["B", "A", "A"]), Order::Oldest).await, None, "the same question in other words");
}

/// Conditions that move with the clock change under a reader; the question does not.
pub async fn a_cursor_belongs_to_the_question_behind_the_conditions(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(several(&identity(1), 0, 3)).await.unwrap();
    let asked = |question: &str, since: i64| Filter {
        since: Some(jiff::Timestamp::from_second(since).unwrap()),
        question: Some(question.to_owned()),
        ..Filter::default()
    };
    let end = store.query(&asked("since:7d", 1), Order::Newest, None, 1).await.unwrap().end;
    let later = store.query(&asked("since:7d", 2), Order::Newest, Some(&end), 9).await.unwrap();
    assert_eq!(later.events.len(), 2);
    let other = store.query(&asked("since:8d", 1), Order::Newest, Some(&end), 9).await;
    assert!(matches!(other, Err(StoreError::Cursor(CursorError::OtherFilter))), "{other:?}");
}

/// A reader that looks at more than it takes goes on behind what it took.
pub async fn a_page_is_left_where_enough_was_taken(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let mut stored = store.append(several(&pair(1, 2), 0, 3)).await.unwrap().recorded;
    stored.extend(store.append(several(&pair(1, 2), 3, 3)).await.unwrap().recorded);
    for order in [Order::Oldest, Order::Newest] {
        for taken in 1..=6 {
            let page = store.query(&Filter::default(), order, None, 6).await.unwrap();
            let (end, more) = page.end_after(taken).unwrap();
            assert_eq!(more, taken < 6);
            let rest = store.query(&Filter::default(), order, Some(&end), 6).await.unwrap();
            assert_eq!(rest.events, stored[taken..], "{order:?} {taken}");
        }
        stored.reverse();
    }
}

/// Who lost the cursor and kept the events loses nothing.
pub async fn reading_goes_on_behind_a_known_event(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let mut stored = store.append(several(&identity(1), 0, 3)).await.unwrap().recorded;
    store.append(several(&identity(2), 0, 2)).await.unwrap();
    stored.extend(store.append(several(&identity(1), 3, 2)).await.unwrap().recorded);
    for order in [Order::Oldest, Order::Newest] {
        for (place, event) in stored.iter().enumerate() {
            let after = behind(&*store, event.id, &of_uid(1), order).await.unwrap().unwrap();
            let rest = store.query(&of_uid(1), order, Some(&after), 9).await.unwrap();
            assert_eq!(rest.events, stored[place + 1..], "{order:?} {place}");
        }
        stored.reverse();
    }
    let unknown = commit(&identity(3), 0).events[0].id;
    assert_eq!(behind(&*store, unknown, &of_uid(1), Order::Oldest).await.unwrap(), None);
}

/// Its places mean nothing here.
pub async fn a_cursor_of_another_store_is_refused(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let [here, there] = [fresh(Clock::system()).await, fresh(Clock::system()).await];
    for fresh in [&here, &there] {
        fresh.store.append(commit(&identity(1), 0)).await.unwrap();
    }
    let end = oldest(&*there.store, &Filter::default(), None).await.end;
    let refused = here.store.query(&Filter::default(), Order::Oldest, Some(&end), 1).await;
    assert!(matches!(refused, Err(StoreError::Cursor(CursorError::OtherStore))), "{refused:?}");
}

/// As clients keep it.
pub async fn a_cursor_survives_its_text(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(commit(&identity(1), 0)).await.unwrap();
    let end = oldest(&*store, &Filter::default(), None).await.end;
    store.append(commit(&identity(2), 0)).await.unwrap();
    let text = end.to_string();
    assert!(
        text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        "{text} fits in a URL"
    );
    let read: Cursor = text.parse().unwrap();
    assert_eq!(uids(&oldest(&*store, &Filter::default(), Some(&read)).await), ["2"]);
}
