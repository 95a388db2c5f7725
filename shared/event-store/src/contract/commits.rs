//! Reading commits as they are stored.

use super::sample::{cluster, commit, identity, pair, rich, several};
use super::{Fresh, read_all};
use crate::{AppendError, Clock, Commit, EventStore, Filter, Order, StoreError, StoredCommit};

async fn all(store: &dyn EventStore, limit: u32) -> Vec<StoredCommit> {
    let mut commits: Vec<StoredCommit> = Vec::new();
    loop {
        let after = commits.last().map_or(0, |commit| commit.position);
        let page = store.commits(after, limit).await.unwrap();
        assert!(page.len() <= limit as usize, "a page holds at most what was asked for");
        if page.is_empty() {
            return commits;
        }
        commits.extend(page);
    }
}

/// Whatever the size of the page: each commit once, at a rising position, and what it says is what was answered.
pub async fn commits_are_read_as_they_are_stored(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    assert_eq!(all(&*store, 10).await, []);
    let mut stored = Vec::new();
    for number in 0..7 {
        let stream = if number % 2 == 0 { pair(1, 1 + number) } else { identity(number) };
        stored.push(store.append(several(&stream, 0, 1 + number as usize)).await.unwrap().recorded);
    }
    let whole = all(&*store, 1000).await;
    let read: Vec<_> = whole.iter().map(|commit| commit.events().unwrap()).collect();
    assert_eq!(read, stored);
    assert!(whole[0].position > 0 && whole.is_sorted_by(|a, b| a.position < b.position));
    for limit in 0..9 {
        assert_eq!(all(&*store, limit.max(1)).await, whole, "pages of {limit}");
        assert_eq!(store.commits(0, limit).await.unwrap().len(), limit.clamp(1, 7) as usize);
    }
    assert_eq!(store.commits(u64::MAX, 10).await.unwrap(), []);
}

/// What is stored later comes behind, and what was read before is the same again, to the byte.
pub async fn a_commit_keeps_its_position_and_its_bytes(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(commit(&identity(1), 0)).await.unwrap();
    let before = all(&*store, 10).await;
    store.append(commit(&identity(2), 0)).await.unwrap();
    store.append(commit(&identity(1), 1)).await.unwrap();
    let after = all(&*store, 10).await;
    assert_eq!((after.len(), &after[..1]), (3, &before[..]));
}

/// In a store that nobody changed behind its back everything is filed as it says.
pub async fn everything_is_filed_as_it_says(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(several(&pair(1, 2), 0, 3)).await.unwrap();
    store.append(Commit { stream: pair(1, 3), expected: 0, events: vec![rich(4), rich(5)] }).await.unwrap();
    store.append(commit(&cluster(1), 0)).await.unwrap();
    let mut after = 0;
    loop {
        let (wrong, last) = store.misfiled(after, 2).await.unwrap();
        assert_eq!(wrong, []);
        let Some(last) = last else { break };
        assert!(last > after);
        after = last;
    }
}

/// A copy is what was copied, to the byte, found by the same questions, and goes on as any other store.
pub async fn a_copied_log_is_the_same_log(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store: source, keep: _source } = fresh(Clock::system()).await;
    let (first, again) = (several(&pair(1, 2), 0, 3), commit(&identity(7), 0));
    source.append(first).await.unwrap();
    source.append(again.clone()).await.unwrap();
    for number in 0..6 {
        source.append(several(&pair(number % 2, 9), u64::from(number / 2), 1)).await.unwrap();
    }
    source.append(Commit { stream: pair(1, 3), expected: 0, events: vec![rich(4), rich(5)] }).await.unwrap();
    let Fresh { store: copy, keep: _copy } = fresh(Clock::system()).await;
    let log = all(&*source, 100).await;
    copy.restore(log[..5].to_vec()).await.unwrap();
    copy.restore(log[5..].to_vec()).await.unwrap();
    assert_eq!(all(&*copy, 100).await, log);
    let cluster = Filter { clusters: vec!["c1".parse().unwrap()], ..Filter::default() };
    for filter in [Filter::default(), cluster] {
        for order in [Order::Oldest, Order::Newest] {
            let (copied, of_source) =
                (read_all(&*copy, &filter, order, 4).await, read_all(&*source, &filter, order, 4).await);
            assert_eq!(copied, of_source, "times of storing included");
        }
    }
    assert_eq!(copy.misfiled(0, 100).await.unwrap().0, []);
    assert!(copy.append(again).await.unwrap().duplicate, "ids are known");
    let stale = copy.append(commit(&pair(1, 2), 0)).await;
    assert!(matches!(stale, Err(AppendError::Conflict { actual: 3, .. })), "{stale:?}");
    let next = copy.append(commit(&pair(1, 2), 3)).await.unwrap();
    assert!(next.recorded[0].recorded_at >= log.last().unwrap().events().unwrap()[0].recorded_at);
}

/// A commit is copied to the place that it had, behind all that were before it, or not at all.
pub async fn a_commit_is_copied_to_its_place_only(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store: source, keep: _source } = fresh(Clock::system()).await;
    for version in 0..3 {
        source.append(commit(&identity(1), version)).await.unwrap();
    }
    let log = all(&*source, 100).await;
    let Fresh { store: copy, keep: _copy } = fresh(Clock::system()).await;
    let early = copy.restore(log[1..].to_vec()).await;
    assert!(matches!(early, Err(AppendError::Conflict { expected: 1, actual: 0, .. })), "{early:?}");
    let moved = StoredCommit { position: 2, ..log[0].clone() };
    let elsewhere = copy.restore(vec![moved]).await;
    assert!(matches!(elsewhere, Err(AppendError::NotNext { position: 2, next: 1 })), "{elsewhere:?}");
    let garbage =
        copy.restore(vec![StoredCommit { position: 1, bytes: b"{}".to_vec(), disclosures: vec![] }]).await;
    assert!(matches!(garbage, Err(AppendError::Store(StoreError::Damaged(_)))), "{garbage:?}");
    assert_eq!(all(&*copy, 100).await, []);
    copy.restore(log[..2].to_vec()).await.unwrap();
    copy.restore(log[..2].to_vec()).await.unwrap();
    copy.restore(log.clone()).await.unwrap();
    assert_eq!(all(&*copy, 100).await, log);
    // Somebody has appended meanwhile.
    source.append(commit(&identity(2), 0)).await.unwrap();
    copy.append(commit(&identity(3), 0)).await.unwrap();
    let late = copy.restore(all(&*source, 100).await).await;
    assert!(matches!(late, Err(AppendError::NotNext { position: 4, next: 5 })), "{late:?}");
}
