//! What nobody decides on ends, and a rule asks for it again.

use kubeconfig::Actor;
use kubeconfig::access::{Command, Denied, Ending, HoldReason, Step, Trigger, is_worth_asking};
use kubeconfig::policy::{Decision, Policy};

use crate::story::{FIRST, SECOND, Story, alice, bob, day, given};
use crate::words::*;

const LAPSE: Command = Command::Lapse { revocation: FIRST };

fn held_by_rule() -> Story {
    given([
        observed(expired()),
        requested(BY_DELETION),
        checked(used(), Decision::Hold),
        held_by_check(used()),
    ])
}

fn lapsed_on(n: i64) -> Story {
    held_by_rule().at(day(n)).when(LAPSE).then([lapsed()])
}

#[test]
fn what_waited_as_long_as_policy_allows_ends() {
    held_by_rule().at(day(13)).when(LAPSE).then_nothing_happens().then_step(Step::AwaitPerson(FIRST));
    let story = lapsed_on(14).then_nothing_is_open();
    assert_eq!(story.access.closed[&FIRST].ending, Ending::Lapsed);
    assert!(!story.access.closed[&FIRST].approved);
    story.when(LAPSE).then_nothing_happens();
}

#[test]
fn zero_days_are_for_ever() {
    let patient = Policy { hold_days: 0, ..Policy::default() };
    held_by_rule()
        .under(patient)
        .at(day(390))
        .when(LAPSE)
        .then_nothing_happens()
        .by(alice())
        .when(approve())
        .then([approved()]);
}

#[test]
fn what_waits_for_no_person_does_not_lapse() {
    for history in [vec![observed(live()), requested(BY_DELETION)], called_once().to_vec()] {
        given(history).at(day(390)).when(LAPSE).then_nothing_happens();
    }
    given([observed(live())]).when(LAPSE).then_denied(Denied::NoSuchRevocation(FIRST));
}

#[test]
fn a_second_hold_has_its_own_time() {
    // Held by a guard, approved on the tenth day, held again because it is in use.
    given([observed(live()), requested(BY_DELETION), held(HoldReason::Guard(flood()))])
        .by(alice())
        .at(day(10))
        .when(approve())
        .by(Actor::timer())
        .when(record_check(used()))
        .at(day(20))
        .when(LAPSE)
        .then_nothing_happens()
        .at(day(24))
        .when(LAPSE)
        .then([lapsed()]);
}

/// The time is over when it is over, whether or not a sweep has written it down.
#[test]
fn nobody_approves_what_is_overdue() {
    let late = Denied::NotHeld { revocation: FIRST, phase: "lapsed" };
    let overdue = || held_by_rule().by(alice()).at(day(14));
    overdue().when(approve()).then_denied(late.clone());
    overdue().when(approve_hold(1)).then_denied(late);
    overdue().when(reject()).then([rejected()]);
}

#[test]
fn a_rule_asks_again_after_a_while() {
    let again = || request_as(SECOND, BY_DELETION, expired());
    lapsed_on(14).when(again()).then_nothing_happens();
    lapsed_on(14).at(day(15)).when(again()).then([requested_as(SECOND, BY_DELETION)]);
}

#[test]
fn a_rule_asks_at_once_where_something_has_changed() {
    let renewed = expired().certificate("Unexpired", Some(day(300)));
    let story = lapsed_on(14).when(request_as(SECOND, BY_DELETION, renewed.clone()));
    story.then([observed(renewed), requested_as(SECOND, BY_DELETION)]);
}

#[test]
fn a_person_may_ask_at_once() {
    let story = lapsed_on(14).by(bob()).when(request_as(SECOND, Trigger::Requested, expired()));
    story.then([requested_as(SECOND, Trigger::Requested)]);
}

#[test]
fn what_is_gone_is_not_asked_for_again() {
    use kubeconfig::access::Refusal;
    let story = lapsed_on(14);
    let gone = Err(Refusal::AlreadyDeleted);
    let policy = Policy::default();
    assert!(!is_worth_asking(&story.access, &BY_DELETION, &gone, true, &policy, day(90)));
}
