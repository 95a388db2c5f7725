//! Idempotency keys: one key, one request, one answer, until its time is over.

use jiff::Timestamp;
use kubeconfig::intake::IntakeEvent;
use kubeconfig::keyed::{Claim, Keyed, KeyedAnswer, KeyedRequest, claim};
use kubeconfig::{Actor, Event, IntakeId, Recorded};
use serde_json::json;
use uuid::Uuid;

use crate::story::{day, recorded};

fn history(events: Vec<IntakeEvent>) -> Vec<Recorded> {
    let stream = kubeconfig::StreamId::Intake(IntakeId::new(Uuid::from_u128(3)));
    let number = |(n, event): (usize, IntakeEvent)| {
        let version = u64::try_from(n).unwrap() + 1;
        recorded(&stream, version, Event::Intake(event), Actor::timer(), day(0))
    };
    events.into_iter().enumerate().map(number).collect()
}

fn received(fingerprint: &str, until: Timestamp) -> IntakeEvent {
    let (key, fingerprint) = ("ticket-7".to_owned(), fingerprint.to_owned());
    IntakeEvent::KeyedRequestReceived(KeyedRequest { key, fingerprint, until })
}

fn answer(word: &str) -> KeyedAnswer {
    KeyedAnswer { status: 200, body: json!({ "outcomes": [word] }) }
}

fn claimed(events: Vec<IntakeEvent>, fingerprint: &str, n: i64) -> Claim {
    claim(Keyed::replay(&history(events)), "ticket-7", fingerprint, day(n))
}

#[test]
fn the_first_request_takes_the_key_for_thirty_days() {
    let Claim::Store(request) = claimed(vec![], "a", 1) else { panic!("nobody has it") };
    assert_eq!(
        (request.key.as_str(), request.fingerprint.as_str(), request.until),
        ("ticket-7", "a", day(31))
    );
}

#[test]
fn a_repeat_gets_the_answer_and_before_there_is_one_the_same_request() {
    let first = received("a", day(31));
    assert!(matches!(claimed(vec![first.clone()], "a", 2), Claim::Again(keyed) if keyed.uses == 1));
    let answered = IntakeEvent::KeyedRequestAnswered(answer("confirmed"));
    let late = IntakeEvent::KeyedRequestAnswered(answer("refused"));
    let events = vec![first, answered, late];
    assert_eq!(claimed(events, "a", 2), Claim::Answered(answer("confirmed")), "the first answer stands");
}

#[test]
fn another_request_under_the_same_key_is_a_mistake_answered_or_not() {
    let first = received("a", day(31));
    assert_eq!(claimed(vec![first.clone()], "b", 2), Claim::Another);
    let answered = IntakeEvent::KeyedRequestAnswered(answer("confirmed"));
    assert_eq!(claimed(vec![first, answered], "b", 2), Claim::Another);
}

#[test]
fn a_key_whose_time_is_over_is_free_and_what_follows_is_another_request() {
    let events = vec![received("a", day(31)), IntakeEvent::KeyedRequestAnswered(answer("confirmed"))];
    assert!(matches!(claimed(events.clone(), "a", 30), Claim::Answered(_)));
    assert!(matches!(claimed(events.clone(), "b", 31), Claim::Store(_)));
    let again = [events, vec![received("b", day(61))]].concat();
    assert!(matches!(claimed(again, "b", 40), Claim::Again(keyed) if keyed.uses == 2));
}
