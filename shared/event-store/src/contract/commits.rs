//! Reading commits as they are stored.

use super::Fresh;
use super::sample::{cluster, commit, identity, pair, rich, several};
use crate::{Clock, Commit, EventStore, StoredCommit};

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
        let stream = if number % 2 == 0 { pair(1, number) } else { identity(number) };
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
