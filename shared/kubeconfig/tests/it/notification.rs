//! Telling people: which facts, in which messages, and how far a target has been told.

use jiff::{SignedDuration, Timestamp};
use kubeconfig::notification::{self, Announcement, DIGEST_MAX, Deliveries, Kind, Next, Pace, next_message};
use kubeconfig::run::RunEvent;
use kubeconfig::{Actor, Event, EventId, Projection, Recorded, StreamId};
use uuid::Uuid;

use crate::story::{day, recorded};

const PACE: Pace =
    Pace { lease: SignedDuration::from_secs(30), retry: SignedDuration::from_secs(10), per_minute: 20 };

fn after(seconds: i64) -> Timestamp {
    day(0) + SignedDuration::from_secs(seconds)
}

fn event(n: u128) -> EventId {
    EventId::new(Uuid::from_u128(n))
}

/// A target that has been told nothing yet, and what was stored about it since: facts, and seconds.
struct Story {
    log: Vec<Recorded>,
}

fn given(facts: impl IntoIterator<Item = (i64, RunEvent)>) -> Story {
    let begun = RunEvent::NotificationsBegun { target: "slack".into(), from: "here".into() };
    let mut story = Story { log: vec![] };
    story.store(0, begun);
    facts.into_iter().for_each(|(seconds, fact)| story.store(seconds, fact));
    story
}

impl Story {
    fn store(&mut self, seconds: i64, fact: RunEvent) {
        let stream = StreamId::Run(notification::stream("slack"));
        let version = self.log.len() as u64 + 1;
        self.log.push(recorded(&stream, version, Event::Run(fact), Actor::timer(), after(seconds)));
    }

    fn deliveries(&self) -> Deliveries {
        Projection::replay(&self.log).deliveries[&notification::stream("slack")].clone()
    }

    fn next(&self, seconds: i64) -> Next {
        self.deliveries().next(after(seconds), &PACE)
    }

    /// The message under way was not taken.
    fn fail(&mut self, seconds: i64, asked: i64) -> RunEvent {
        let deliveries = self.deliveries();
        let message = deliveries.open.as_ref().unwrap().announcement.message;
        let asked = SignedDuration::from_secs(asked);
        let fact = deliveries.failed(message, "HTTP 500".into(), asked, after(seconds), &PACE).unwrap();
        self.store(seconds, fact.clone());
        fact
    }
}

fn first(events: &[u128]) -> Announcement {
    Announcement::first("slack", events.iter().copied().map(event).collect(), "here".into())
}

fn again(announcement: &Announcement, attempt: u32) -> Announcement {
    Announcement { attempt, ..announcement.clone() }
}

fn announced(announcement: &Announcement) -> RunEvent {
    RunEvent::NotificationAnnounced(announcement.clone())
}

fn delivered(announcement: &Announcement) -> RunEvent {
    RunEvent::NotificationDelivered { message: announcement.message }
}

#[test]
fn a_message_has_the_same_id_for_the_same_facts_and_target() {
    assert_eq!(first(&[1]).message, first(&[1]).message);
    assert_ne!(first(&[1]).message, first(&[2]).message);
    assert_ne!(first(&[1, 2]).message, first(&[1]).message);
    let other = Announcement::first("webhook", vec![event(1)], "here".into());
    assert_ne!(other.message, first(&[1]).message);
}

#[test]
fn a_target_that_has_begun_is_read_for() {
    assert_eq!(given([]).next(0), Next::Read);
}

#[test]
fn an_announced_message_is_left_alone_for_its_lease_and_then_sent_again() {
    let story = given([(0, announced(&first(&[1])))]);
    assert_eq!(story.next(29), Next::Wait(after(30)));
    assert_eq!(story.next(30), Next::Send(again(&first(&[1]), 2)));
}

#[test]
fn a_lease_that_a_wrong_clock_wrote_is_not_waited_for() {
    let story = given([(100_000, announced(&first(&[1])))]);
    assert_eq!(story.next(0), Next::Send(again(&first(&[1]), 2)));
}

#[test]
fn what_was_taken_is_told_and_not_told_again() {
    let one = first(&[1]);
    let story = given([(0, announced(&one)), (1, delivered(&one))]);
    let deliveries = story.deliveries();
    assert!(deliveries.told.contains(&event(1)) && deliveries.open.is_none());
    assert_eq!(deliveries.delivered(one.message), None, "told once more, it changes nothing");
    assert_eq!(story.next(2), Next::Read);
}

#[test]
fn a_place_further_on_lets_what_was_told_before_it_be_forgotten() {
    let one = first(&[1]);
    let two = Announcement::first("slack", vec![event(2)], "further on".into());
    let story =
        given([(0, announced(&one)), (1, delivered(&one)), (2, announced(&two)), (3, delivered(&two))]);
    let deliveries = story.deliveries();
    assert_eq!((deliveries.from.as_str(), deliveries.told.len()), ("further on", 1));
}

#[test]
fn each_failure_waits_four_times_as_long_up_to_an_hour() {
    let mut story = given([(0, announced(&first(&[1])))]);
    let mut at = 0;
    for (attempt, wait) in (2..).zip([10, 40, 160, 640, 2560, 3600, 3600]) {
        let fact = story.fail(at, 0);
        let RunEvent::NotificationFailed { not_before, .. } = fact else { panic!("{fact:?}") };
        assert_eq!(not_before, after(at + wait));
        assert_eq!(story.next(at + wait - 1), Next::Wait(after(at + wait)));
        at += wait;
        let next = again(&first(&[1]), attempt);
        assert_eq!(story.next(at), Next::Send(next.clone()));
        story.store(at, announced(&next));
    }
}

#[test]
fn a_target_that_asks_for_time_gets_it_up_to_an_hour() {
    for (asked, wait) in [(300, 300), (1, 10), (1_000_000, 3600)] {
        let mut story = given([(0, announced(&first(&[1])))]);
        story.fail(0, asked);
        assert_eq!(story.next(1), Next::Wait(after(wait)), "{asked}");
    }
}

#[test]
fn a_message_is_given_up_after_a_day_and_the_next_one_goes_on() {
    let mut story = given([(0, announced(&first(&[1])))]);
    story.store(90_000, announced(&again(&first(&[1]), 9)));
    let fact = story.fail(90_001, 0);
    assert!(matches!(fact, RunEvent::NotificationAbandoned { .. }), "{fact:?}");
    assert_eq!(story.next(90_100), Next::Read);
    assert!(story.deliveries().told.contains(&event(1)));
}

#[test]
fn a_target_gets_no_more_messages_a_minute_than_it_takes() {
    let facts = (0..20_u32).flat_map(|n| {
        let message = first(&[n.into()]);
        [(i64::from(n), announced(&message)), (i64::from(n), delivered(&message))]
    });
    let story = given(facts);
    assert_eq!(story.next(30), Next::Wait(after(60)));
    assert_eq!(story.next(60), Next::Read);
}

#[test]
fn a_store_in_anothers_place_begins_anew() {
    let mut story = given([(0, announced(&first(&[1])))]);
    story.store(5, RunEvent::NotificationsBegun { target: "slack".into(), from: "elsewhere".into() });
    let deliveries = story.deliveries();
    assert_eq!((deliveries.from.as_str(), deliveries.open.is_none()), ("elsewhere", true));
    assert_eq!(deliveries.version, 3);
}

#[test]
fn one_fact_is_one_message_and_a_flood_of_a_kind_is_one() {
    let news = |kinds: &[Kind]| -> Vec<(EventId, Kind)> {
        kinds.iter().enumerate().map(|(n, kind)| (event(n as u128), *kind)).collect()
    };
    let (held, failed) = (Kind::Held, Kind::Failed);
    assert_eq!(next_message(&[], 2), []);
    assert_eq!(next_message(&news(&[held, held, failed]), 2), [event(0)]);
    assert_eq!(next_message(&news(&[held, failed, held, held]), 2), [event(0), event(2), event(3)]);
    // The kind of the first is not the flood: it is told by itself, before it.
    assert_eq!(next_message(&news(&[failed, held, held, held]), 2), [event(0)]);
    assert_eq!(next_message(&news(&[held; 2000]), 2).len(), DIGEST_MAX);
}

#[test]
fn every_kind_has_the_word_of_the_configuration() {
    for kind in Kind::all() {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}
