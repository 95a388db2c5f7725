//! Around the call: the last look, the announcement, and what a call that did not answer well leads to.

use kubeconfig::access::{DeletionPermit, Denied, HoldReason, Phase, Step};
use kubeconfig::policy::Policy;
use kubeconfig::{Event, StreamId};

use crate::story::{FIRST, SECOND, alice, day, given, key, recorded};
use crate::words::*;

#[test]
fn a_call_is_announced_before_it_is_made() {
    let story = given(ready_to_submit()).at(day(1)).when(submit(live())).then([submitted(1)]);
    let permit = story.permit().expect("the announcement is the permit");
    assert_eq!(permit.key(), &key());
    assert_eq!((permit.revocation(), permit.attempt(), permit.force()), (FIRST, 1, false));
    story.then_phase(Phase::Submitted { attempt: 1, at: day(1) });
}

#[test]
fn nothing_but_a_stored_announcement_is_a_permit() {
    let facts = [
        observed(live()),
        restored(live()),
        residual_found(residual()),
        requested(BY_DELETION),
        cleared(),
        held_by_check(used()),
        approved(),
        rejected(),
        refused(forbidden()),
        backed_up(),
        confirmed(gone()),
        failed(1, timeout()),
        outcome_unknown(1),
    ];
    for fact in facts {
        let story = given([fact.clone()]);
        assert_eq!(story.permit(), None, "{:?}", fact.event);
    }
}

#[test]
fn an_announcement_in_a_stream_of_another_kind_is_no_permit() {
    let stream = StreamId::Identity(key().uid);
    let event = Event::Access(submitted(1).event);
    assert_eq!(DeletionPermit::from_stored(&recorded(&stream, 1, event, alice(), day(0))), None);
}

#[test]
fn an_announcement_of_a_form_not_known_is_no_permit() {
    let mut stored = Event::Access(submitted(1).event).to_stored();
    stored.schema += 1;
    let stream = key().into();
    let event = Event::from_stored(&stream, stored);
    assert_eq!(DeletionPermit::from_stored(&recorded(&stream, 1, event, alice(), day(0))), None);
}

#[test]
fn nothing_is_called_before_the_permissions_are_kept() {
    given([observed(live()), requested(BY_DELETION), cleared()])
        .when(submit(live()))
        .then_nothing_happens()
        .when(back_up())
        .then([backed_up()])
        .when(back_up())
        .then_nothing_happens()
        .when(submit(live()))
        .then([submitted(1)]);
}

#[test]
fn nothing_is_called_before_the_check() {
    given([observed(live()), requested(BY_DELETION)])
        .when(back_up())
        .then_nothing_happens()
        .when(submit(live()))
        .then_nothing_happens();
}

#[test]
fn announcing_twice_is_announcing_once() {
    given(called_once()).when(submit(live())).then_nothing_happens();
    given(called_once().into_iter().chain([outcome_unknown(1)])).when(submit(live())).then_nothing_happens();
}

#[test]
fn nothing_is_announced_for_what_was_never_asked_or_has_ended() {
    given([observed(live())]).when(submit(live())).then_denied(Denied::NoSuchRevocation(FIRST));
    given(called_once().into_iter().chain([confirmed(gone())])).when(submit(live())).then_nothing_happens();
    given([observed(live()), requested_as(SECOND, BY_DELETION)])
        .when(submit(live()))
        .then_denied(Denied::NoSuchRevocation(FIRST));
}

#[test]
fn the_last_look_sees_an_identity_restored_meanwhile() {
    let back = live().account("Active");
    given(ready_to_submit())
        .when(submit(back.clone()))
        .then([observed(back), refused(kubeconfig::access::Refusal::IdentityExists)]);
}

#[test]
fn the_last_look_sees_what_somebody_else_deleted_meanwhile() {
    given(ready_to_submit()).when(submit(gone())).then_refused("alreadyDeleted");
}

#[test]
fn what_is_gone_after_a_call_that_failed_was_our_doing() {
    let failed_once = || given(called_once().into_iter().chain([failed(1, timeout())]));
    failed_once().when(submit(gone())).then([confirmed(gone())]);
    failed_once().when(submit(gone().permissions_not_read())).then_refused("statusUnknown");
}

#[test]
fn permissions_without_a_kubeconfig_are_confirmed_gone_after_a_call_that_failed() {
    let only_permissions = reading().certificate("Unissued", None).permission("admin");
    let facts = [
        observed(only_permissions),
        requested(BY_DELETION),
        cleared(),
        backed_up(),
        submitted(1),
        failed(1, timeout()),
    ];
    let none = reading().certificate("Unissued", None);
    given(facts).when(submit(none.clone())).then([confirmed(none)]);
}

#[test]
fn what_was_known_of_permissions_confirms_nothing_in_the_last_look() {
    let facts = called_once().into_iter().chain([failed(1, timeout()), observed(gone())]);
    let story = given(facts).when(submit(gone().permissions_not_read()));
    assert!(!story.events().iter().any(|e| *e == confirmed(gone()).event), "{:?}", story.events());
}

#[test]
fn a_refusal_by_the_cloud_ends_it() {
    given(called_once()).when(record_refusal(1)).then([refused(forbidden())]).then_refused("cloud");
    given(called_once().into_iter().chain([outcome_unknown(1)]))
        .when(record_refusal(1))
        .then_refused("cloud");
}

#[test]
fn a_failure_is_tried_again() {
    given(called_once())
        .when(record_failure(1))
        .then([failed(1, timeout())])
        .then_step(Step::Submit(FIRST))
        .when(submit(live()))
        .then([submitted(2)]);
}

#[test]
fn an_unknown_outcome_is_read_not_called_again() {
    given(called_once())
        .when(record_unknown(1))
        .then([outcome_unknown(1)])
        .then_step(Step::ReadBack(FIRST, 1))
        .when(record_unknown(1))
        .then_nothing_happens();
}

#[test]
fn the_answer_to_an_earlier_call_says_nothing_about_the_present_one() {
    let second = || given(called_once().into_iter().chain([failed(1, timeout()), submitted(2)]));
    second().when(record_refusal(1)).then_nothing_happens();
    second().when(record_failure(1)).then_nothing_happens();
    second().when(record_unknown(1)).then_nothing_happens();
    second().when(record_failure(3)).then_nothing_happens();
}

#[test]
fn the_answer_to_a_call_that_was_never_announced_changes_nothing() {
    given(ready_to_submit()).when(record_failure(1)).then_nothing_happens();
    given(ready_to_submit()).when(record_refusal(1)).then_nothing_happens();
    given(ready_to_submit()).when(record_unknown(1)).then_nothing_happens();
}

#[test]
fn after_as_many_calls_as_policy_allows_a_person_looks() {
    let two = Policy { max_attempts: 2, ..Policy::default() };
    given(called_once())
        .under(two)
        .when(record_failure(1))
        .when(submit(live()))
        .when(record_failure(2))
        .then([failed(2, timeout()), held(HoldReason::AttemptsExhausted { attempts: 2 })])
        .then_step(Step::AwaitPerson(FIRST))
        .when(submit(live()))
        .then_nothing_happens();
}

#[test]
fn an_approval_earns_fresh_attempts() {
    let two = Policy { max_attempts: 2, ..Policy::default() };
    given(called_once())
        .under(two)
        .when(record_failure(1))
        .when(submit(live()))
        .when(record_failure(2))
        .by(alice())
        .when(approve())
        .then_step(Step::BackUp(FIRST))
        .when(back_up_after(1))
        .then_step(Step::Submit(FIRST))
        .when(submit(live()))
        .then([submitted(3)])
        .when(record_failure(3))
        .then([failed(3, timeout())])
        .when(submit(live()))
        .when(record_failure(4))
        .then([failed(4, timeout()), held(HoldReason::AttemptsExhausted { attempts: 2 })]);
}
