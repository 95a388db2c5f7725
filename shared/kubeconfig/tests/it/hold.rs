//! What waits for a person, and who may decide.

use kubeconfig::access::{Denied, HoldReason, Phase, Step, Trigger};
use kubeconfig::policy::{Decision, Policy};
use kubeconfig::{Actor, Channel};

use crate::story::{FIRST, Fact, Story, alice, bob, day, given, person};
use crate::words::*;

fn held_for(requester: Actor, trigger: Trigger) -> Story {
    given([
        observed(expired()),
        requested(trigger).by(requester),
        checked(used(), Decision::Hold),
        held_by_check(used()),
    ])
}

fn anonymous(channel: Channel) -> Actor {
    Actor { channel, principal: None, human: None }
}

fn bot(principal: &str, human: Option<&str>) -> Actor {
    Actor { channel: Channel::Slack, principal: Some(principal.into()), human: human.map(Into::into) }
}

#[test]
fn an_approval_lets_it_go_on_to_the_call() {
    let story = held_for(Actor::timer(), BY_DELETION)
        .then_step(Step::AwaitPerson(FIRST))
        .by(alice())
        .at(day(2))
        .when(approve())
        .then([approved()])
        .then_phase(Phase::Cleared)
        .then_step(Step::BackUp(FIRST));
    let approval = story.open().approval.clone().unwrap();
    assert_eq!((approval.by, approval.at), (alice(), day(2)));
}

#[test]
fn a_rejection_ends_it() {
    held_for(Actor::timer(), BY_DELETION)
        .by(alice())
        .when(reject())
        .then([rejected()])
        .then_nothing_is_open()
        .when(reject())
        .then_nothing_happens();
}

#[test]
fn what_a_guard_held_is_checked_after_its_approval() {
    let guarded = || given([observed(live()), requested(BY_DELETION), held(HoldReason::Guard(flood()))]);
    guarded().by(alice()).when(approve()).then_phase(Phase::Requested).then_step(Step::CheckAccess(FIRST));
    // The approver of a flood has not approved the end of something in use.
    guarded()
        .by(alice())
        .when(approve())
        .by(Actor::timer())
        .when(record_check(used()))
        .then([checked(used(), Decision::Hold), held_by_check(used())])
        .by(alice())
        .when(approve())
        .then_phase(Phase::Cleared);
}

#[test]
fn nothing_automatic_approves_or_rejects() {
    for actor in [Actor::timer(), Actor::event_bridge(), person(Channel::Timer, "alice")] {
        let story = held_for(alice(), Trigger::Requested).by(actor);
        story.clone().when(approve()).then_denied(Denied::NotAPerson(FIRST));
        story.when(reject()).then_denied(Denied::NotAPerson(FIRST));
    }
}

#[test]
fn who_asked_may_not_approve_through_whichever_door() {
    for channel in [Channel::Cli, Channel::Http, Channel::Slack, Channel::DingTalk, Channel::Feishu] {
        held_for(alice(), Trigger::Requested)
            .by(person(channel, "alice"))
            .when(approve())
            .then_denied(Denied::SelfApproval(FIRST));
    }
    held_for(alice(), Trigger::Requested).by(bob()).when(approve()).then([approved()]);
}

#[test]
fn who_asked_may_reject() {
    held_for(alice(), Trigger::Requested).by(alice()).when(reject()).then([rejected()]);
}

#[test]
fn one_person_is_enough_where_the_operator_says_so() {
    held_for(alice(), Trigger::Requested)
        .under(Policy { second_person: false, ..Policy::default() })
        .by(alice())
        .when(approve())
        .then([approved()]);
}

/// A person may replay a message, or say whose name it was: that is asking, too.
#[test]
fn a_person_who_set_a_rule_off_may_not_approve() {
    held_for(alice(), BY_DELETION).by(alice()).when(approve()).then_denied(Denied::SelfApproval(FIRST));
    held_for(alice(), Trigger::Expired).by(alice()).when(approve()).then_denied(Denied::SelfApproval(FIRST));
    held_for(alice(), BY_DELETION).by(bob()).when(approve()).then([approved()]);
}

#[test]
fn who_has_no_name_is_nobody_else() {
    let doors = [(Channel::Http, Channel::Http), (Channel::Http, Channel::Cli)];
    for (asked, approves) in doors {
        held_for(anonymous(asked), Trigger::Requested)
            .by(anonymous(approves))
            .when(approve())
            .then_denied(Denied::SelfApproval(FIRST));
    }
    held_for(alice(), Trigger::Requested)
        .by(anonymous(Channel::Http))
        .when(approve())
        .then_denied(Denied::SelfApproval(FIRST));
    held_for(anonymous(Channel::Http), Trigger::Requested)
        .by(alice())
        .when(approve())
        .then_denied(Denied::SelfApproval(FIRST));
}

#[test]
fn a_token_and_the_person_behind_it_are_one() {
    let (token, token_for_alice) = (bot("ops", None), bot("ops", Some("alice")));
    for (asks, approves) in [(&token, &token_for_alice), (&token_for_alice, &token), (&token, &token)] {
        held_for(asks.clone(), Trigger::Requested)
            .by(approves.clone())
            .when(approve())
            .then_denied(Denied::SelfApproval(FIRST));
    }
}

#[test]
fn two_people_behind_one_bot_are_two() {
    held_for(bot("slack", Some("alice")), Trigger::Requested)
        .by(bot("slack", Some("bob")))
        .when(approve())
        .then([approved()]);
}

#[test]
fn approving_twice_is_approving_once() {
    held_for(Actor::timer(), BY_DELETION).by(alice()).when(approve()).when(approve()).then_nothing_happens();
    let done = [
        observed(live()),
        requested(BY_DELETION),
        held_by_check(used()),
        approved().by(alice()),
        confirmed(gone()),
    ];
    given(done).by(alice()).when(approve()).then_nothing_happens();
}

#[test]
fn a_second_approver_comes_too_late() {
    held_for(Actor::timer(), BY_DELETION)
        .by(alice())
        .when(approve())
        .by(bob())
        .when(approve())
        .then_denied(Denied::NotHeld { revocation: FIRST, phase: "Checking" });
}

#[test]
fn only_what_is_held_can_be_approved_and_a_call_under_way_cannot_be_stopped() {
    let open: [(&[Fact], &str); 3] = [
        (&[], "Requested"),
        (&[cleared()], "Checking"),
        (&[cleared(), backed_up(), submitted(1)], "Submitted"),
    ];
    for (facts, phase) in open {
        let begun = [observed(live()), requested(BY_DELETION)];
        let story = given(begun.into_iter().chain(facts.iter().cloned())).by(alice());
        let denied = Denied::NotHeld { revocation: FIRST, phase };
        story.clone().when(approve()).then_denied(denied.clone());
        story.when(reject()).then_denied(denied);
    }
}

#[test]
fn a_person_may_give_up_what_fails_or_cannot_be_found_out() {
    let stuck: [(Fact, &str); 2] = [(outcome_unknown(1), "Unknown"), (failed(1, timeout()), "Failed")];
    for (fact, phase) in stuck {
        let facts = [observed(live()), requested(BY_DELETION), cleared(), backed_up(), submitted(1), fact];
        let story = given(facts);
        story.clone().by(Actor::timer()).when(reject()).then_denied(Denied::NotAPerson(FIRST));
        let denied = Denied::NotHeld { revocation: FIRST, phase };
        story.clone().by(alice()).when(approve()).then_denied(denied);
        story.by(alice()).when(reject()).then([rejected()]).then_step(Step::Nothing);
    }
}

#[test]
fn an_answer_to_one_hold_is_no_answer_to_the_next() {
    // Held by a guard, approved, and then held again because it is in use: the first click arrives once more.
    let story = given([observed(live()), requested(BY_DELETION), held(HoldReason::Guard(flood()))])
        .by(alice())
        .when(approve_hold(1))
        .then([approved()])
        .by(Actor::timer())
        .when(record_check(used()))
        .by(alice());
    story.clone().when(approve_hold(1)).then_nothing_happens().then_step(Step::AwaitPerson(FIRST));
    story.clone().when(approve_hold(3)).then_denied(Denied::NoSuchHold(FIRST));
    story.when(approve_hold(2)).then([approved()]);
}

#[test]
fn a_certificate_that_is_issued_after_the_answer_is_held() {
    let two = live().certificate("Unexpired", Some(day(200)));
    given([observed(live()), requested(BY_DELETION), cleared(), backed_up()])
        .when(submit(two.clone()))
        .then([observed(two), held(HoldReason::AccessChanged)])
        .then_step(Step::AwaitPerson(FIRST));
}

#[test]
fn an_approval_asks_for_a_fresh_backup() {
    given([
        observed(live()),
        requested(BY_DELETION),
        cleared(),
        backed_up(),
        held(HoldReason::AccessChanged),
    ])
    .by(alice())
    .when(approve())
    .then_step(Step::BackUp(FIRST))
    .when(back_up_after(0))
    .then_nothing_happens()
    .when(back_up_after(1))
    .then([backed_up()]);
}

#[test]
fn what_has_ended_cannot_be_decided_on() {
    let ended = Denied::NotHeld { revocation: FIRST, phase: "ended" };
    for ending in [rejected(), confirmed(gone()), refused(forbidden())] {
        let story = given([observed(live()), requested(BY_DELETION), held_by_check(used()), ending.clone()]);
        story.clone().by(alice()).when(approve()).then_denied(ended.clone());
        if ending.event != rejected().event {
            story.by(alice()).when(reject()).then_denied(ended.clone());
        }
    }
}

#[test]
fn what_nobody_asked_for_cannot_be_decided_on() {
    given([observed(live())]).by(alice()).when(approve()).then_denied(Denied::NoSuchRevocation(FIRST));
    given([observed(live())]).by(alice()).when(reject()).then_denied(Denied::NoSuchRevocation(FIRST));
}

#[test]
fn nothing_is_called_while_it_is_held() {
    let story =
        given([observed(live()), requested(BY_DELETION), cleared(), backed_up(), held_by_check(used())]);
    story.when(submit(live())).then_nothing_happens().when(back_up()).then_nothing_happens();
}

#[test]
fn an_approval_does_not_bind_the_last_look() {
    let approved = || {
        held_for(Actor::timer(), BY_DELETION)
            .by(alice())
            .when(approve())
            .by(Actor::timer())
            .when(back_up_after(1))
            .at(day(90))
    };
    approved().when(submit(expired().account("Active"))).then_refused("identityExists");
    approved().when(submit(expired().cluster("deleting"))).then_refused("clusterState");
    approved().when(submit(gone())).then_refused("alreadyDeleted");
    approved().when(submit(expired())).then([submitted_with_force(1)]);
}

#[test]
fn a_denial_tells_what_stands_in_the_way() {
    let denials = [
        (Denied::NoSuchRevocation(FIRST), "known"),
        (Denied::NotHeld { revocation: FIRST, phase: "Checking" }, "Checking"),
        (Denied::SelfApproval(FIRST), "another person"),
        (Denied::NotAPerson(FIRST), "automatic"),
    ];
    for (denied, word) in denials {
        let text = denied.to_string();
        assert!(text.contains(word) && text.contains(&FIRST.to_string()), "{text}");
    }
}

#[test]
fn who_asked_and_was_erased_may_be_anybody() {
    held_for(bot("ops", Some("(erased)")), Trigger::Requested)
        .by(alice())
        .when(approve())
        .then_denied(Denied::SelfApproval(FIRST));
}
