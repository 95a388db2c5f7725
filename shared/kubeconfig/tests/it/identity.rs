//! Identities, clusters and messages from outside.

use jiff::Timestamp;
use kubeconfig::cluster::{Cluster, ClusterEvent};
use kubeconfig::identity::{Identity, IdentityEvent};
use kubeconfig::intake::{Deletion, Intake, IntakeEvent, ResolvedBy, Unresolved};
use kubeconfig::reading::{AccountState, ClusterState};
use proptest::prelude::*;

use crate::story::{day, uid};

fn identity(name: &str, state: &str) -> Identity {
    Identity { kind: "RamUser".into(), name: name.into(), state: state.into(), created_at: None }
}

fn created(at: Timestamp, identity: Identity) -> Identity {
    Identity { created_at: Some(at), ..identity }
}

fn observed(identity: &Identity) -> IdentityEvent {
    IdentityEvent::IdentityObserved {
        kind: identity.kind.clone(),
        name: identity.name.clone(),
        state: identity.state.clone(),
        created_at: identity.created_at,
    }
}

fn renamed(from: &str, to: &str) -> IdentityEvent {
    IdentityEvent::IdentityRenamed { from: from.into(), to: to.into() }
}

const DELETED: IdentityEvent = IdentityEvent::IdentityDeleted { intake: None };
const RESTORED: IdentityEvent = IdentityEvent::IdentityRestored { intake: None };

/// What is known after one more look.
fn look(known: Option<Identity>, seen: &Identity) -> (Vec<IdentityEvent>, Option<Identity>) {
    let events = Identity::observe(known.as_ref(), seen);
    let known = events.iter().fold(known, Identity::evolve);
    (events, known)
}

#[test]
fn a_new_identity_is_observed_and_the_same_again_is_not() {
    let alice = created(day(0), identity("alice", "Active"));
    let (events, known) = look(None, &alice);
    assert_eq!(events, [observed(&alice)]);
    assert_eq!(look(known, &alice), (vec![], Some(alice)));
}

#[test]
fn a_rename_a_deletion_and_a_restore_have_names_of_their_own() {
    let alice = Some(identity("alice", "Active"));
    assert_eq!(look(alice.clone(), &identity("alicia", "Active")).0, [renamed("alice", "alicia")]);
    assert_eq!(look(alice, &identity("alice", "Deleted")).0, [DELETED]);
    assert_eq!(look(Some(identity("alice", "Deleted")), &identity("alice", "Active")).0, [RESTORED]);
}

#[test]
fn a_blank_name_teaches_nothing() {
    let known = created(day(0), identity("alice", "Active"));
    let (events, after) = look(Some(known.clone()), &identity("", "Deleted"));
    assert_eq!(events, [DELETED]);
    assert_eq!(after.unwrap().name, "alice".into());
    // Not even beside something that is new.
    let (_, after) = look(Some(known), &identity("", "InActive"));
    assert_eq!(after.unwrap().name, "alice".into());
    let (_, after) = look(Some(identity("alice", "Active")), &created(day(0), identity("", "Active")));
    assert_eq!(after, Some(created(day(0), identity("alice", "Active"))));
}

#[test]
fn a_listing_that_does_not_say_when_it_was_created_takes_nothing_back() {
    let (_, after) = look(Some(created(day(0), identity("alice", "Active"))), &identity("alice", "InActive"));
    assert_eq!(after, Some(created(day(0), identity("alice", "InActive"))));
}

#[test]
fn one_that_is_restored_and_switched_off_is_both() {
    let (events, after) = look(Some(identity("alice", "Deleted")), &identity("alice", "InActive"));
    assert_eq!(events[0], RESTORED);
    assert_eq!(after.unwrap().state, AccountState::Inactive);
}

#[test]
fn what_happened_before_the_first_sight_adds_nothing() {
    for event in [DELETED, RESTORED, renamed("a", "b")] {
        assert_eq!(Identity::evolve(None, &event), None);
    }
}

fn any_identity() -> impl Strategy<Value = Identity> {
    let word = |words: &'static [&'static str]| prop::sample::select(words);
    let kind = word(&["RamUser", "RamRole", "RootAccount", "CloudBox"]);
    let state = word(&["Active", "InActive", "Deleted", "Frozen"]);
    let name = word(&["alice", "bob", ""]);
    (kind, name, state, prop::option::of(0_i64..3)).prop_map(|(kind, name, state, created)| Identity {
        kind: kind.into(),
        name: name.into(),
        state: state.into(),
        created_at: created.map(day),
    })
}

proptest! {
    #![proptest_config(crate::properties::cases(256))]

    /// Looking twice teaches nothing that looking once did not.
    #[test]
    fn one_look_is_enough(known in prop::option::of(any_identity()), seen in any_identity()) {
        let (_, once) = look(known, &seen);
        let (again, twice) = look(once.clone(), &seen);
        prop_assert_eq!(again, vec![]);
        prop_assert_eq!(&twice, &once);
        prop_assert_eq!(&once.unwrap().state, &seen.state);
    }
}

#[test]
fn a_cluster_that_is_no_longer_listed_is_deleted() {
    let cluster = Cluster {
        name: "shop".into(),
        region: "cn-hangzhou".into(),
        state: ClusterState::Running,
        profile: "Acs".into(),
    };
    let seen = Cluster::evolve(None, &ClusterEvent::ClusterObserved(cluster.clone()));
    assert_eq!(seen.as_ref(), Some(&cluster));
    let gone = Cluster::evolve(seen, &ClusterEvent::ClusterGone {}).unwrap();
    assert_eq!((gone.state, gone.name), (ClusterState::Deleted, cluster.name));
    assert_eq!(Cluster::evolve(None, &ClusterEvent::ClusterGone {}), None);
}

fn deletion() -> Deletion {
    Deletion { kind: "RamUser".into(), name: "alice".into(), uid: None, deleted_at: day(0) }
}

fn intake(events: &[IntakeEvent]) -> Option<Intake> {
    events.iter().fold(None, Intake::evolve)
}

fn received() -> IntakeEvent {
    IntakeEvent::DeletionReceived(deletion())
}

fn unresolved() -> IntakeEvent {
    IntakeEvent::DeletionUnresolved { reason: Unresolved::NobodyFound }
}

fn resolved() -> IntakeEvent {
    IntakeEvent::DeletionResolved { uid: uid("200"), by: ResolvedBy::History }
}

fn dismissed() -> IntakeEvent {
    IntakeEvent::DeletionDismissed { note: "a test user".into() }
}

#[test]
fn a_message_is_received_resolved_or_waits_for_a_person() {
    assert_eq!(intake(&[received()]), Some(Intake::Received(deletion())));
    let done = Intake::Resolved { deletion: deletion(), uid: uid("200") };
    assert_eq!(intake(&[received(), resolved()]), Some(done.clone()));
    assert_eq!(intake(&[received(), unresolved(), resolved()]), Some(done));
    assert_eq!(intake(&[received(), unresolved(), dismissed()]), Some(Intake::Dismissed));
}

#[test]
fn what_was_decided_stays_decided() {
    let done = intake(&[received(), resolved()]);
    for late in [unresolved(), dismissed()] {
        assert_eq!(intake(&[received(), resolved(), late]), done);
    }
    for late in [unresolved(), resolved()] {
        assert_eq!(intake(&[received(), unresolved(), dismissed(), late]), Some(Intake::Dismissed));
    }
}

#[test]
fn nothing_follows_from_an_answer_without_a_message() {
    for event in [unresolved(), resolved(), dismissed()] {
        assert_eq!(intake(&[event]), None);
    }
}

#[test]
fn a_message_that_was_not_understood_is_kept() {
    let event = IntakeEvent::MessageNotUnderstood {
        problem: "no event name".into(),
        message: serde_json::json!([1]),
    };
    assert_eq!(intake(std::slice::from_ref(&event)), Some(Intake::NotUnderstood));
    assert_eq!(intake(&[event, resolved()]), Some(Intake::NotUnderstood));
}
