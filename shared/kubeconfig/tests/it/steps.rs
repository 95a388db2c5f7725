//! What has to be done next, told by the stream alone.

use jiff::SignedDuration;
use kubeconfig::access::{HoldReason, Step};

use crate::story::{FIRST, Fact, day, given, given_nothing};
use crate::words::*;

const LEASE: SignedDuration = SignedDuration::from_secs(60);

#[test]
fn each_phase_has_its_step() {
    let steps: [(&[Fact], Step); 7] = [
        (&[], Step::CheckAccess(FIRST)),
        (&[held(HoldReason::Guard(flood()))], Step::AwaitPerson(FIRST)),
        (&[cleared()], Step::BackUp(FIRST)),
        (&[cleared(), backed_up()], Step::Submit(FIRST)),
        (&[cleared(), backed_up(), submitted(1)], Step::WaitUntil(day(0) + LEASE)),
        (&[cleared(), backed_up(), submitted(1), outcome_unknown(1)], Step::ReadBack(FIRST, 1)),
        (&[cleared(), backed_up(), submitted(1), failed(1, timeout())], Step::Submit(FIRST)),
    ];
    for (facts, step) in steps {
        let begun = [observed(live()), requested(BY_DELETION)];
        given(begun.into_iter().chain(facts.iter().cloned())).then_step(step);
    }
}

#[test]
fn nothing_is_to_be_done_without_an_open_revocation() {
    given_nothing().then_step(Step::Nothing);
    for ending in [confirmed(gone()), rejected(), refused(forbidden())] {
        given(called_once().into_iter().chain([ending])).then_step(Step::Nothing);
    }
}

#[test]
fn an_announced_call_is_left_to_its_process_until_the_lease_ends() {
    let nanosecond = SignedDuration::from_nanos(1);
    given(called_once())
        .at(day(0) + LEASE - nanosecond)
        .then_step(Step::WaitUntil(day(0) + LEASE))
        .at(day(0) + LEASE)
        .then_step(Step::ReadBack(FIRST, 1));
}

/// A process with a wrong clock must not keep the others from looking for ever.
#[test]
fn an_announcement_from_far_in_the_future_is_read_back() {
    let facts = ready_to_submit().into_iter().chain([submitted(1).at(day(27_000))]);
    given(facts).at(day(0)).then_step(Step::ReadBack(FIRST, 1));
    let a_little_ahead = day(0) + SignedDuration::from_secs(59);
    let facts = ready_to_submit().into_iter().chain([submitted(1).at(a_little_ahead)]);
    given(facts).at(day(0)).then_step(Step::WaitUntil(a_little_ahead + LEASE));
}

#[test]
fn the_end_of_time_is_no_trap() {
    let facts = ready_to_submit().into_iter().chain([submitted(1).at(jiff::Timestamp::MAX)]);
    given(facts).at(jiff::Timestamp::MAX).then_step(Step::ReadBack(FIRST, 1));
    let facts = ready_to_submit().into_iter().chain([submitted(1).at(jiff::Timestamp::MIN)]);
    given(facts).at(jiff::Timestamp::MIN).then_step(Step::WaitUntil(jiff::Timestamp::MIN + LEASE));
}
