//! Who bore a name then? A uid is never guessed.

use jiff::{SignedDuration, Timestamp};
use kubeconfig::identity::IdentityEvent;
use kubeconfig::reading::AccountKind;
use kubeconfig::{Actor, Bearer, Directory, StreamId, Uid};

use crate::story::{day, recorded, uid};

/// A directory that learns line by line.
#[derive(Default)]
struct Book {
    directory: Directory,
    version: u64,
}

impl Book {
    fn learn(mut self, digits: &str, at: Timestamp, event: IdentityEvent) -> Self {
        self.version += 1;
        let stream = StreamId::Identity(uid(digits));
        self.directory.evolve(&recorded(&stream, self.version, event.into(), Actor::timer(), at));
        self
    }

    fn seen(self, digits: &str, name: &str, at: Timestamp, created_at: Option<Timestamp>) -> Self {
        self.seen_as(digits, ("RamUser", name, "Active"), at, created_at)
    }

    fn seen_as(
        self,
        digits: &str,
        (kind, name, state): (&str, &str, &str),
        at: Timestamp,
        created_at: Option<Timestamp>,
    ) -> Self {
        let (kind, name, state) = (kind.into(), name.into(), state.into());
        self.learn(digits, at, IdentityEvent::IdentityObserved { kind, name, state, created_at })
    }

    fn renamed(self, digits: &str, from: &str, to: &str, at: Timestamp) -> Self {
        self.learn(digits, at, IdentityEvent::IdentityRenamed { from: from.into(), to: to.into() })
    }

    fn deleted(self, digits: &str, at: Timestamp) -> Self {
        self.learn(digits, at, IdentityEvent::IdentityDeleted { intake: None })
    }

    fn restored(self, digits: &str, at: Timestamp) -> Self {
        self.learn(digits, at, IdentityEvent::IdentityRestored { intake: None })
    }

    fn bearer(&self, name: &str, at: Timestamp) -> Bearer {
        self.directory.bearer(&AccountKind::RamUser, name, at)
    }
}

fn one(digits: &str) -> Bearer {
    Bearer::One(uid(digits))
}

fn several<const N: usize>(digits: [&str; N]) -> Bearer {
    Bearer::Several(digits.into_iter().map(uid).collect::<Vec<Uid>>())
}

#[test]
fn a_name_never_heard_is_nobody() {
    assert_eq!(Book::default().bearer("alice", day(0)), Bearer::Nobody);
}

#[test]
fn one_who_was_never_seen_created_may_always_have_borne_the_name() {
    let book = Book::default().seen("201", "alice", day(5), None);
    assert_eq!(book.bearer("alice", day(-1000)), one("201"));
    assert_eq!(book.bearer("alice", day(1000)), one("201"));
}

#[test]
fn nobody_bears_a_name_before_being_created() {
    let book = Book::default().seen("201", "alice", day(5), Some(day(2)));
    assert_eq!(book.bearer("alice", day(1)), Bearer::Nobody);
    assert_eq!(book.bearer("alice", day(2)), one("201"));
}

#[test]
fn a_name_that_is_used_again_means_who_bore_it_then() {
    let book = Book::default().seen("201", "alice", day(0), Some(day(0))).deleted("201", day(3)).seen(
        "202",
        "alice",
        day(6),
        Some(day(5)),
    );
    assert_eq!(book.bearer("alice", day(3)), one("201"));
    assert_eq!(book.bearer("alice", day(4)), Bearer::Nobody);
    assert_eq!(book.bearer("alice", day(5)), one("202"));
    assert_eq!(book.directory.all_bearers("alice"), several(["201", "202"]));
}

#[test]
fn a_rename_passes_the_name_on() {
    let book = Book::default()
        .seen("201", "alice", day(0), Some(day(0)))
        .renamed("201", "alice", "alicia", day(3))
        .seen("202", "alice", day(6), Some(day(5)));
    assert_eq!(book.bearer("alice", day(2)), one("201"));
    assert_eq!(book.bearer("alicia", day(2)), Bearer::Nobody);
    assert_eq!(book.bearer("alicia", day(4)), one("201"));
    assert_eq!(book.bearer("alice", day(7)), one("202"));
}

#[test]
fn one_who_takes_an_old_name_back_is_still_one() {
    let book = Book::default()
        .seen("201", "alice", day(0), Some(day(0)))
        .renamed("201", "alice", "alicia", day(3))
        .renamed("201", "alicia", "alice", day(3));
    assert_eq!(book.bearer("alice", day(3)), one("201"));
    assert_eq!(book.directory.all_bearers("alice"), one("201"));
}

#[test]
fn one_who_is_restored_bears_the_name_again() {
    let book =
        Book::default().seen("201", "alice", day(0), None).deleted("201", day(3)).restored("201", day(6));
    assert_eq!(book.bearer("alice", day(4)), Bearer::Nobody);
    assert_eq!(book.bearer("alice", day(7)), one("201"));
}

#[test]
fn a_name_that_changes_hands_within_a_second_is_ambiguous() {
    let book = Book::default().seen("201", "alice", day(0), Some(day(0))).deleted("201", day(3)).seen(
        "202",
        "alice",
        day(3),
        Some(day(3)),
    );
    assert_eq!(book.bearer("alice", day(3)), several(["201", "202"]));
    assert_eq!(book.bearer("alice", day(3) + SignedDuration::from_secs(1)), one("202"));
}

#[test]
fn two_at_once_are_two() {
    let book = Book::default().seen("201", "alice", day(0), None).seen("202", "alice", day(0), None);
    assert_eq!(book.bearer("alice", day(0)), several(["201", "202"]));
}

#[test]
fn users_and_roles_have_names_of_their_own() {
    let book = Book::default().seen("201", "deploy", day(0), None).seen_as(
        "301",
        ("RamRole", "deploy", "Active"),
        day(0),
        None,
    );
    assert_eq!(book.bearer("deploy", day(0)), one("201"));
    assert_eq!(book.directory.bearer(&AccountKind::RamRole, "deploy", day(0)), one("301"));
    assert_eq!(book.directory.all_bearers("deploy"), several(["201", "301"]));
}

#[test]
fn a_blank_name_is_nobodys() {
    let book = Book::default().seen("201", "", day(0), None);
    assert_eq!(book.bearer("", day(0)), Bearer::Nobody);
    let book = Book::default().seen("201", "alice", day(0), None).seen("201", "", day(1), None);
    assert_eq!(book.bearer("", day(2)), Bearer::Nobody);
    assert_eq!(book.bearer("alice", day(2)), one("201"));
}

/// A cluster lists accounts that are long deleted. Such a one does not bear its name today.
#[test]
fn one_who_was_seen_deleted_does_not_bear_the_name_any_more() {
    let deleted = ("RamUser", "alice", "Deleted");
    let book = Book::default().seen_as("201", deleted, day(5), None);
    assert_eq!(book.bearer("alice", day(4)), one("201"));
    assert_eq!(book.bearer("alice", day(6)), Bearer::Nobody);
    let book = book.seen("202", "alice", day(7), Some(day(6)));
    assert_eq!(book.bearer("alice", day(8)), one("202"));
}

#[test]
fn one_whose_kind_is_learned_after_the_deletion_stays_deleted() {
    let book = Book::default()
        .seen_as("201", ("CloudBox", "alice", "Active"), day(0), None)
        .deleted("201", day(1))
        .seen_as("201", ("RamUser", "alice", "Deleted"), day(2), None);
    assert_eq!(book.bearer("alice", day(3)), Bearer::Nobody);
}

#[test]
fn seeing_the_same_again_changes_nothing() {
    let once = Book::default().seen("201", "alice", day(0), None);
    let directory = once.directory.clone();
    assert_eq!(once.seen("201", "alice", day(3), None).directory, directory);
}

#[test]
fn what_happens_to_one_never_seen_teaches_no_name() {
    let book =
        Book::default().deleted("201", day(0)).renamed("201", "a", "b", day(1)).restored("201", day(2));
    assert_eq!(book.directory, Directory::default());
}

#[test]
fn candidates_count_once() {
    assert_eq!(Bearer::among([]), Bearer::Nobody);
    assert_eq!(Bearer::among([uid("201"), uid("201")]), one("201"));
    assert_eq!(Bearer::among([uid("202"), uid("201"), uid("202")]), several(["201", "202"]));
}
