//! Personal values: beside the bytes, and gone without a trace in them.

use kubeconfig::identity::IdentityEvent;
use kubeconfig::intake::{Deletion, IntakeEvent};
use kubeconfig::reading::AccountKind;
use kubeconfig::{Event, EventId, IntakeId, NewEvent, Recorded, StreamId};
use serde_json::json;

use super::sample::{approved, commit, identity, named, new, of, pair, person, rich};
use super::{Fresh, read_all};
use crate::{Clock, Commit, Digest, Disclosure, EventStore, Filter, Order, StoreError, StoredCommit};

/// Who appears in the events of [`told`], in every way in which somebody does.
const NAMES: [&str; 6] = ["zoe.amber", "zoe.birch", "zoe.cedar", "zoe.dune", "zoe.elm", "zoe.fern"];

/// Events that name people.
fn told() -> Vec<Commit> {
    let [first, second, third, fourth, fifth, sixth] = NAMES;
    let renamed = IdentityEvent::IdentityRenamed { from: first.into(), to: second.into() };
    let both = vec![new(named(first)), NewEvent { actor: person(third), ..new(renamed) }];
    let kind = AccountKind::RamUser;
    let deleted_at = "2026-01-01T00:00:00Z".parse().unwrap();
    let deletion = Deletion { kind, name: fourth.into(), uid: None, deleted_at };
    let (problem, message) = (format!("{fifth} is odd"), json!({ "who": { "name": fifth }, "n": [1, null] }));
    let intake = |text: &str| StreamId::Intake(IntakeId::derived(text));
    let odd = IntakeEvent::MessageNotUnderstood { problem, message };
    let by_sixth = NewEvent { actor: person(sixth), ..new(approved(1)) };
    vec![
        Commit { stream: identity(1), expected: 0, events: both },
        of(&intake("a"), 0, new(Event::Intake(IntakeEvent::DeletionReceived(deletion)))),
        of(&intake("b"), 0, new(Event::Intake(odd))),
        of(&pair(1, 2), 0, by_sixth),
    ]
}

async fn filled(store: &dyn EventStore) -> Vec<Recorded> {
    let mut recorded = Vec::new();
    for commit in told() {
        recorded.extend(store.append(commit).await.unwrap().recorded);
    }
    recorded
}

fn holds(bytes: &[u8], name: &str) -> bool {
    bytes.windows(name.len()).any(|window| window == name.as_bytes())
}

fn shown(events: &[Recorded]) -> String {
    let shown = |event: &Recorded| format!("{} {:?}\n", event.actor, event.event);
    events.iter().map(shown).collect()
}

/// Every answer has the names, and no commit has one in its bytes.
pub async fn names_are_read_and_are_not_in_the_bytes(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let answered = filled(&*store).await;
    let text = shown(&answered);
    for name in NAMES {
        assert!(text.contains(name), "{name}");
    }
    assert_eq!(read_all(&*store, &Filter::default(), Order::Oldest, 2).await, answered);
    assert_eq!(store.read_stream(&identity(1), 0, 10).await.unwrap(), answered[..2]);
    let log = store.commits(0, 100).await.unwrap();
    for commit in &log {
        assert!(!NAMES.iter().any(|name| holds(&commit.bytes, name)), "commit {}", commit.position);
        assert_eq!(commit.misfit().unwrap(), None);
        let digests = commit.digests().unwrap();
        assert!(!digests.is_empty() && digests.len() == commit.disclosures.len());
    }
    assert_eq!(log.iter().flat_map(|commit| commit.events().unwrap()).collect::<Vec<_>>(), answered);
    let by_sixth = Filter { actors: vec![NAMES[5].to_owned()], ..Filter::default() };
    assert_eq!(read_all(&*store, &by_sixth, Order::Newest, 10).await, answered[4..]);
    assert_eq!(store.misfiled(0, 100).await.unwrap().0, []);
    let again = store.append(told_again(&answered)).await.unwrap();
    assert!(again.duplicate);
    assert_eq!(again.recorded, answered[4..]);
}

/// The last commit of [`told`], under the ids that it had.
fn told_again(answered: &[Recorded]) -> Commit {
    let mut commit = told().remove(3);
    commit.events[0].id = EventId::new(*answered[4].id.as_uuid());
    commit
}

/// What rules do, and what is said of things, has nothing beside it.
pub async fn where_nothing_is_personal_nothing_stands_beside(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(commit(&identity(1), 0)).await.unwrap();
    store.append(of(&identity(2), 0, new(named("")))).await.unwrap();
    for commit in store.commits(0, 10).await.unwrap() {
        assert_eq!((commit.digests().unwrap(), commit.disclosures), (vec![], vec![]));
    }
}

/// Nobody sees by a digest that two events name the same person.
pub async fn what_is_said_twice_is_hashed_differently(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let twice = vec![new(named("zoe")), new(named("zoe"))];
    store.append(Commit { stream: identity(1), expected: 0, events: twice }).await.unwrap();
    let log = store.commits(0, 10).await.unwrap();
    let [(0, first_at, first), (1, _, second)] = &log[0].digests().unwrap()[..] else {
        panic!("two digests")
    };
    assert_eq!(first_at, "/data/name");
    assert_ne!(first, second);
    let values: Vec<_> = log[0].disclosures.iter().map(|value| value.open().unwrap()).collect();
    assert_eq!(values, [("name".to_owned(), json!("zoe")), ("name".to_owned(), json!("zoe"))]);
}

/// A log is copied with the values that are beside it. Where some are not, it is the same log to the byte, and a word stands
/// where they stood.
pub async fn a_copy_has_the_values_that_are_left(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store: source, keep: _source } = fresh(Clock::system()).await;
    let answered = filled(&*source).await;
    let log = source.commits(0, 100).await.unwrap();
    let Fresh { store: copy, keep: _copy } = fresh(Clock::system()).await;
    copy.restore(log.clone()).await.unwrap();
    assert_eq!(copy.commits(0, 100).await.unwrap(), log);
    assert_eq!(read_all(&*copy, &Filter::default(), Order::Oldest, 10).await, answered);
    let Fresh { store: bare, keep: _bare } = fresh(Clock::system()).await;
    let without = log.into_iter().map(|commit| StoredCommit { disclosures: vec![], ..commit });
    let without: Vec<StoredCommit> = without.collect();
    bare.restore(without.clone()).await.unwrap();
    assert_eq!(bare.commits(0, 100).await.unwrap(), without);
    let erased = read_all(&*bare, &Filter::default(), Order::Oldest, 10).await;
    let text = shown(&erased);
    for name in NAMES {
        assert!(!text.contains(name), "{name} in {text}");
    }
    assert_eq!(erased[4].actor.to_string(), "(erased) via bot (slack)");
    assert_eq!(erased[0].event, named("(erased)").into());
    assert_eq!(bare.misfiled(0, 100).await.unwrap().0, []);
    let by_nobody = Filter { actors: vec!["(erased)".to_owned()], ..Filter::default() };
    assert_eq!(read_all(&*bare, &by_nobody, Order::Oldest, 10).await.len(), 2);
}

/// A value that does not fit the digest is refused where a log is copied.
pub async fn a_value_that_is_another_than_was_hashed_is_not_taken(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store: source, keep: _source } = fresh(Clock::system()).await;
    source.append(of(&pair(1, 2), 0, rich(1))).await.unwrap();
    let [honest] = &source.commits(0, 10).await.unwrap()[..] else { panic!("one commit") };
    let mut forged = honest.clone();
    forged.disclosures[0] = Disclosure::new("human", &json!("mallory"));
    assert!(forged.misfit().unwrap().is_some());
    let Fresh { store: copy, keep: _copy } = fresh(Clock::system()).await;
    let refused = copy.restore(vec![forged]).await;
    assert!(matches!(refused, Err(crate::AppendError::Store(StoreError::Damaged(_)))), "{refused:?}");
    copy.restore(vec![honest.clone()]).await.unwrap();
}

/// All digests of a log.
async fn all(store: &dyn EventStore) -> Vec<(u64, Digest)> {
    let log = store.commits(0, 100).await.unwrap();
    let of = |commit: &StoredCommit| {
        let digests = commit.digests().unwrap().into_iter();
        digests.map(|(_, _, digest)| (commit.position, digest)).collect::<Vec<_>>()
    };
    log.iter().flat_map(of).collect()
}

/// What is erased is in no answer any more, and found under no name. What was not is as it was; so are the bytes.
pub async fn an_erased_value_is_gone_and_the_bytes_stay(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let answered = filled(&*store).await;
    let before = store.commits(0, 100).await.unwrap();
    // The first two commits, and who approved.
    let gone: Vec<(u64, Digest)> =
        all(&*store).await.into_iter().filter(|(position, _)| *position != before[2].position).collect();
    // As it is on record: that it begins, and that it is done.
    let begun = store.append(commit(&identity(9), 0)).await.unwrap();
    assert_eq!(store.erase(&gone).await.unwrap(), gone.len() as u64);
    let done = store.append(commit(&identity(9), 1)).await.unwrap();
    store.scrub().await.unwrap();
    let after = store.commits(0, 100).await.unwrap();
    assert!(after.iter().zip(&before).all(|(after, before)| after.bytes == before.bytes));
    let left = read_all(&*store, &Filter::default(), Order::Oldest, 2).await;
    let text = shown(&left);
    for (name, is_left) in NAMES.into_iter().zip([false, false, false, false, true, false]) {
        assert_eq!(text.contains(name), is_left, "{name} in {text}");
        let by_name = Filter { actors: vec![name.to_owned()], ..Filter::default() };
        assert_eq!(read_all(&*store, &by_name, Order::Newest, 10).await, [], "{name}");
    }
    assert_eq!(left[3], answered[3], "the message that was not understood");
    assert_eq!(left[5..], [begun.recorded, done.recorded].concat()[..]);
    assert_eq!(store.read_stream(&identity(1), 0, 10).await.unwrap(), left[..2]);
    let by_nobody = Filter { actors: vec!["(erased)".to_owned()], ..Filter::default() };
    assert_eq!(read_all(&*store, &by_nobody, Order::Oldest, 10).await, [left[1].clone(), left[4].clone()]);
    assert_eq!(store.misfiled(0, 100).await.unwrap().0, []);
    assert!(store.append(told_again(&answered)).await.unwrap().duplicate);
    store.append(of(&pair(1, 2), 1, rich(3))).await.unwrap();
    assert_eq!(store.misfiled(0, 100).await.unwrap().0, []);
}

/// A second time, or by a digest that stands elsewhere.
pub async fn erasing_what_is_not_there_changes_nothing(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    filled(&*store).await;
    let digests = all(&*store).await;
    let elsewhere = (digests[0].0 + 1, digests[0].1);
    assert_eq!(store.erase(&[elsewhere]).await.unwrap(), 0);
    assert_eq!(all(&*store).await, digests);
    assert_eq!(store.erase(&digests[..1]).await.unwrap(), 1);
    let once = store.commits(0, 100).await.unwrap();
    assert_eq!(store.erase(&digests[..1]).await.unwrap(), 0);
    assert_eq!(store.commits(0, 100).await.unwrap(), once);
}

/// Of the values of one commit, each by somebody else.
pub async fn many_that_erase_at_once_erase_all(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let events = (0..8).map(|number| new(named(&format!("zoe.{number}")))).collect();
    store.append(Commit { stream: identity(1), expected: 0, events }).await.unwrap();
    let digests = all(&*store).await;
    let each = digests.iter().map(|value| store.erase(std::slice::from_ref(value)));
    let erased = futures::future::join_all(each).await;
    // Each finds its own.
    assert_eq!(erased.into_iter().map(Result::unwrap).sum::<u64>(), 8);
    assert_eq!(store.commits(0, 10).await.unwrap()[0].disclosures, []);
}
