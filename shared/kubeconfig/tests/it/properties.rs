//! What holds whatever happens. A failing case is kept in `tests/regressions` and tried first ever after.

use jiff::{SignedDuration, Timestamp};
use kubeconfig::access::{Command, Context, Denied, Phase, Protections, Step, Trigger, decide};
use kubeconfig::policy::{AccessCheck, Decision, Policy};
use kubeconfig::reading::{AccountKind, AccountState, Bindings, CertificateState, ClusterState, Reading};
use kubeconfig::{Access, AccessEvent, Actor, Event, Projection, Recorded, StreamId};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::arbitrary;
use crate::story::{FIRST, alice, bob, day, key, recorded};
use crate::words::{gone, live, permission, request, timeout};

/// So many cases of each property; a failure is written down.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/regressions/properties.txt");
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(KEPT))),
        ..ProptestConfig::default()
    }
}

/// One thing that happens: a command out of nowhere, or the one that is due, in any circumstances.
#[derive(Debug, Clone)]
struct Move {
    /// Do what [`Access::next_step`] says, with the parts below; otherwise `command`.
    due: bool,
    command: Command,
    reading: Reading,
    check: AccessCheck,
    call: Call,
    actor: Actor,
    now: Timestamp,
    policy: Policy,
    protections: Protections,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy)]
enum Call {
    Refused,
    Failed,
    Unknown,
    ReadBack,
    /// The process died, nobody recorded anything.
    Crashed,
}

fn call() -> impl Strategy<Value = Call> + Clone {
    prop::sample::select(vec![Call::Refused, Call::Failed, Call::Unknown, Call::ReadBack, Call::Crashed])
}

/// Readings as wild as they come, and ordinary ones often enough that a revocation gets somewhere.
fn reading() -> impl Strategy<Value = Reading> + Clone {
    prop_oneof![2 => Just(live()), 1 => Just(gone()), 3 => arbitrary::reading()]
}

fn moves(most: usize) -> impl Strategy<Value = Vec<Move>> {
    let policy = prop_oneof![Just(Policy::default()), arbitrary::policy()];
    let protections = prop_oneof![2 => Just(Protections::default()), 1 => arbitrary::protections()];
    let actor = prop_oneof![Just(Actor::timer()), Just(alice()), Just(bob()), arbitrary::actor()];
    let parts = (
        prop::bool::weighted(0.7),
        arbitrary::command(),
        reading(),
        arbitrary::check(),
        call(),
        (actor, arbitrary::time(), policy, protections),
    );
    let one = parts.prop_map(|(due, command, reading, check, call, (actor, now, policy, protections))| {
        Move { due, command, reading, check, call, actor, now, policy, protections }
    });
    prop::collection::vec(one, 1..most)
}

/// A stream that grows by what is decided.
#[derive(Debug, Clone, Default)]
struct Pair {
    history: Vec<Recorded>,
    access: Access,
}

impl Pair {
    fn decide(&self, command: &Command, by: &Move) -> Result<Vec<AccessEvent>, Denied> {
        let context = Context {
            key: &key(),
            now: by.now,
            actor: &by.actor,
            policy: &by.policy,
            protections: &by.protections,
        };
        decide(&self.access, command, &context)
    }

    fn store(&mut self, events: &[AccessEvent], by: &Move) {
        for event in events {
            let version = self.access.version + 1;
            let fact = recorded(&key().into(), version, event.clone().into(), by.actor.clone(), by.now);
            self.access = std::mem::take(&mut self.access).evolve(&fact);
            self.history.push(fact);
        }
    }

    /// The command that this move amounts to here.
    fn command(&self, by: &Move) -> Command {
        let attempts = self.access.open.as_ref().map_or(0, |open| open.attempts);
        let reading = by.reading.clone();
        if !by.due {
            return by.command.clone();
        }
        match self.access.next_step(by.now, by.policy.call_lease()) {
            Step::Nothing | Step::NotUnderstood => match &by.command {
                Command::Request { revocation, trigger, reason, guard, .. } => Command::Request {
                    revocation: *revocation,
                    trigger: *trigger,
                    reason: reason.clone(),
                    reading,
                    guard: guard.clone(),
                },
                _ => request(Trigger::Requested, reading),
            },
            Step::CheckAccess(revocation) => Command::RecordCheck { revocation, check: by.check.clone() },
            Step::BackUp(revocation) => {
                let after_holds = self.access.open.as_ref().map_or(0, |open| open.holds);
                Command::BackUp { revocation, after_holds, permissions: vec![permission("admin")] }
            }
            Step::Submit(revocation) => Command::Submit { revocation, reading },
            Step::AwaitPerson(revocation) => {
                let hold = self.access.open.as_ref().map(|open| open.holds);
                Command::Approve { revocation, hold, note: None }
            }
            Step::WaitUntil(_) | Step::ReadBack(..) => {
                let revocation = self.access.open.as_ref().unwrap().id;
                after_call(revocation, attempts, by)
                    .unwrap_or(Command::RecordReadBack { revocation, reading })
            }
        }
    }

    fn play(&mut self, by: &Move) -> Result<Vec<AccessEvent>, Denied> {
        let command = self.command(by);
        let outcome = self.decide(&command, by);
        if let Ok(events) = &outcome {
            self.store(events, by);
        }
        outcome
    }
}

fn after_call(revocation: kubeconfig::RevocationId, attempt: u32, by: &Move) -> Option<Command> {
    Some(match by.call {
        Call::Refused => Command::RecordRefusal { revocation, attempt, refusal: crate::words::forbidden() },
        Call::Failed => Command::RecordFailure { revocation, attempt, failure: timeout() },
        Call::Unknown => Command::RecordUnknown { revocation, attempt, detail: "timed out".into() },
        Call::ReadBack => Command::RecordReadBack { revocation, reading: by.reading.clone() },
        Call::Crashed => return None,
    })
}

/// Invariant 6, written down a second time and from the reading alone.
fn is_forbidden(trigger: &Trigger, reading: &Reading, by: &Move) -> bool {
    use CertificateState::{Expired, Other, Revoked, Unexpired, Unknown};
    let protections = &by.protections;
    let untouchable =
        [&protections.roots, &protections.callers, &protections.function_roles, &protections.protected];
    let states: Vec<_> = reading.certificates.iter().map(|certificate| &certificate.state).collect();
    let is_live = |c: &kubeconfig::reading::Certificate| {
        c.state == Unexpired && c.expires_at.is_none_or(|end| by.now < end)
    };
    let live = reading.certificates.iter().any(is_live);
    let doubtful = states.iter().any(|state| matches!(state, Unknown | Other(_)));
    let issued = states.iter().any(|state| matches!(state, Unexpired | Expired));
    let revoked = states.contains(&&Revoked) && !issued;
    let left = matches!(&reading.bindings, Bindings::Yes(permissions) if !permissions.is_empty());
    untouchable.iter().any(|set| set.contains(&key().uid))
        || reading.account.kind == AccountKind::RootAccount
        || matches!(
            reading.cluster_state,
            ClusterState::Deleting
                | ClusterState::Deleted
                | ClusterState::DeleteFailed
                | ClusterState::Failed
                | ClusterState::Other(_)
        )
        || (doubtful && !live)
        || revoked
        || !(issued || left)
        || (matches!(trigger, Trigger::IdentityDeleted { .. })
            && reading.account.state != AccountState::Deleted)
        || (*trigger == Trigger::Expired && (states.contains(&&Unexpired) || !issued))
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_call_is_announced_that_invariant_6_forbids(moves in moves(30)) {
        let mut pair = Pair::default();
        for by in &moves {
            let command = pair.command(by);
            let before = pair.access.clone();
            let Ok(events) = pair.play(by) else { continue };
            if !events.iter().any(|event| matches!(event, AccessEvent::RevocationSubmitted { .. })) {
                continue;
            }
            let Command::Submit { revocation, reading } = &command else {
                return Err(TestCaseError::fail(format!("announced by {command:?}")));
            };
            let open = before.open.as_ref().unwrap();
            prop_assert_eq!(open.id, *revocation);
            prop_assert!(!is_forbidden(&open.trigger, reading, by), "{:?} {:?}", open.trigger, reading);
            prop_assert!(open.backed_up && open.check.is_some());
            prop_assert!(is_let_go_on(&pair.history, *revocation));
        }
    }

    #[test]
    fn a_confirmation_rests_on_a_reading_that_shows_it_gone(moves in moves(30)) {
        use CertificateState::{Removed, Unissued};
        let mut pair = Pair::default();
        for by in &moves {
            let command = pair.command(by);
            let Ok(events) = pair.play(by) else { continue };
            if !events.iter().any(|event| matches!(event, AccessEvent::RevocationConfirmed { .. })) {
                continue;
            }
            let (Command::RecordReadBack { reading, .. } | Command::Submit { reading, .. }) = command else {
                return Err(TestCaseError::fail(format!("confirmed by {command:?}")));
            };
            prop_assert_eq!(&reading.bindings, &Bindings::Yes(vec![]));
            prop_assert!(reading.certificates.iter().all(|c| matches!(c.state, Removed | Unissued)));
            let calls = pair.history.iter().filter(|fact| is_submitted(fact)).count();
            prop_assert!(calls > 0, "nothing is confirmed without a call");
        }
    }

    #[test]
    fn every_revocation_asked_for_is_open_or_ended_and_only_once(moves in moves(30)) {
        let mut pair = Pair::default();
        for by in &moves {
            let _ = pair.play(by);
            let asked: Vec<_> = pair.history.iter().filter_map(asked_for).collect();
            let unique: std::collections::BTreeSet<_> = asked.iter().copied().collect();
            prop_assert_eq!(asked.len(), unique.len(), "no id is asked for twice");
            let open = pair.access.open.as_ref().map(|open| open.id);
            let mut known: Vec<_> = pair.access.closed.keys().copied().chain(open).collect();
            known.sort();
            prop_assert_eq!(known, unique.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_command_given_twice_is_given_once(moves in moves(30)) {
        let mut pair = Pair::default();
        for by in &moves {
            let command = pair.command(by);
            if pair.play(by).is_ok() {
                prop_assert_eq!(pair.decide(&command, by), Ok(vec![]), "{:?}", command);
            }
        }
    }

    /// A repeat that arrives whenever it likes. A reading is left out, because it tells the present; so is an answer to
    /// a hold that does not say to which.
    #[test]
    fn a_command_that_comes_again_late_changes_nothing(moves in moves(24)) {
        let mut pair = Pair::default();
        let mut done: Vec<(Command, &Move)> = vec![];
        for by in &moves {
            let command = pair.command(by);
            let has_effect = pair.play(by).is_ok_and(|events| !events.is_empty());
            for (command, by) in &done {
                let again = with_latest_reading(command, &pair.access);
                let outcome = pair.decide(&again, by);
                prop_assert!(outcome.as_ref().map_or(true, Vec::is_empty), "{:?}: {:?}", command, outcome);
            }
            let is_open_or_ended = |id| pair.access.closed.contains_key(&id)
                || pair.access.open.as_ref().is_some_and(|open| open.id == id);
            let tells = match &command {
                Command::Request { revocation, .. } => is_open_or_ended(*revocation),
                Command::Approve { hold: Some(_), .. } => has_effect,
                Command::RecordCheck { .. } | Command::Reject { .. } | Command::BackUp { .. }
                | Command::RecordRefusal { .. } | Command::RecordFailure { .. }
                | Command::RecordUnknown { .. } => has_effect,
                _ => false,
            };
            if tells {
                done.push((command, by));
            }
        }
    }

    #[test]
    fn replay_is_deterministic_and_a_part_at_a_time_is_the_whole(moves in moves(20), cut in any::<prop::sample::Index>()) {
        let mut pair = Pair::default();
        for by in &moves {
            let _ = pair.play(by);
        }
        prop_assert_eq!(&Access::replay(&pair.history), &pair.access);
        let cut = cut.index(pair.history.len() + 1);
        let first = Access::replay(&pair.history[..cut]);
        prop_assert_eq!(&pair.history[cut..].iter().fold(first, Access::evolve), &pair.access);
        let mut projection = Projection::replay(&pair.history[..cut]);
        pair.history[cut..].iter().for_each(|fact| projection.evolve(fact));
        prop_assert_eq!(projection, Projection::replay(&pair.history));
    }

    #[test]
    fn any_order_of_events_adds_up_to_something(
        facts in prop::collection::vec((arbitrary::event(), arbitrary::time(), arbitrary::actor()), 0..30),
        now in arbitrary::time(),
        commands in prop::collection::vec(arbitrary::command(), 3),
    ) {
        let log: Vec<_> = facts.into_iter().zip(1_u64..)
            .map(|(((stream, event), at, actor), version)| recorded(&stream, version, event, actor, at))
            .collect();
        let projection = Projection::replay(&log);
        prop_assert_eq!(&projection, &Projection::replay(&log));
        let access = projection.accesses.get(&key()).cloned().unwrap_or_default();
        let (policy, protections) = (Policy::default(), Protections::default());
        let _ = (access.status(now), access.next_step(now, policy.call_lease()));
        for command in &commands {
            let context = Context { key: &key(), now, actor: &alice(), policy: &policy, protections: &protections };
            let _ = decide(&access, command, &context);
        }
    }

    #[test]
    fn every_event_survives_its_stored_form((stream, event) in arbitrary::event()) {
        let stored = event.to_stored();
        let text = serde_json::to_string(&stored).unwrap();
        let read = Event::from_stored(&stream, serde_json::from_str(&text).unwrap());
        prop_assert_eq!(&read, &event);
        let data = serde_json::value::to_raw_value(&stored.data).unwrap();
        let from_text = Event::from_text(&stream, stored.type_name.clone(), stored.schema, &data);
        prop_assert_eq!(from_text.unwrap(), event);
        prop_assert_eq!(read.to_stored(), stored);
        prop_assert_eq!(stream.to_string().parse::<StreamId>().unwrap(), stream);
    }
}

fn is_submitted(fact: &Recorded) -> bool {
    matches!(fact.event, Event::Access(AccessEvent::RevocationSubmitted { .. }))
}

fn asked_for(fact: &Recorded) -> Option<kubeconfig::RevocationId> {
    match fact.event {
        Event::Access(AccessEvent::RevocationRequested { revocation, .. }) => Some(revocation),
        _ => None,
    }
}

/// Whether policy decided to revoke, or a person let it go on after the latest hold.
fn is_let_go_on(history: &[Recorded], of: kubeconfig::RevocationId) -> bool {
    let mut let_go_on = false;
    for fact in history {
        let Event::Access(event) = &fact.event else { continue };
        match event {
            event if event.revocation() != Some(of) => {}
            AccessEvent::AccessChecked { decision, .. } => let_go_on = *decision == Decision::Revoke,
            AccessEvent::RevocationHeld { .. } => let_go_on = false,
            AccessEvent::RevocationApproved { .. } => let_go_on = !fact.actor.channel.is_automatic(),
            _ => {}
        }
    }
    let_go_on
}

/// The repeat of a request reads the cloud afresh and so never brings an old reading back.
fn with_latest_reading(command: &Command, access: &Access) -> Command {
    match (command.clone(), &access.reading) {
        (Command::Request { revocation, trigger, reason, guard, .. }, Some(latest)) => {
            Command::Request { revocation, trigger, reason, reading: latest.clone(), guard }
        }
        (command, _) => command,
    }
}

/// A cloud that answers as badly as it can for a while and then tells the truth.
#[derive(Debug, Clone)]
struct Cloud {
    answers: Vec<Move>,
    approvals: u32,
}

fn cloud() -> impl Strategy<Value = Cloud> {
    (moves(24), 0_u32..4).prop_map(|(answers, approvals)| Cloud { answers, approvals })
}

proptest! {
    #![proptest_config(cases(256))]

    /// Following the steps ends, with no more calls than policy allows for each approval.
    #[test]
    fn every_revocation_ends_or_waits_for_a_person(cloud in cloud(), policy in arbitrary::policy(), trigger in arbitrary::trigger()) {
        let mut pair = Pair::default();
        let mut now = day(0);
        let honest = Move {
            due: true,
            command: request(trigger, live()),
            reading: live(),
            check: AccessCheck::NoRecords,
            call: Call::ReadBack,
            actor: alice(),
            now,
            policy: policy.clone(),
            protections: Protections::default(),
        };
        let _ = pair.play(&honest);
        let mut answers = cloud.answers.iter();
        let (mut approvals, mut calls) = (cloud.approvals, 0);
        let allowed = policy.max_attempts.max(1);
        let bound = cloud.answers.len() as u32 + (cloud.approvals + 1) * (allowed * 3 + 6);
        let mut turns = 0;
        loop {
            turns += 1;
            prop_assert!(turns <= bound, "no end after {} turns: {:?}", turns, pair.access.open);
            let step = pair.access.next_step(now, policy.call_lease());
            let bad = answers.next();
            let reading = bad.map_or_else(gone, |bad| bad.reading.clone());
            let by = Move { now, reading, check: bad.map_or(AccessCheck::NoRecords, |bad| bad.check.clone()), ..honest.clone() };
            let command = match step {
                Step::Nothing | Step::NotUnderstood => break,
                Step::AwaitPerson(revocation) if approvals > 0 => {
                    (approvals, calls) = (approvals - 1, 0);
                    let by = Move { actor: bob(), ..by.clone() };
                    let events = pair.decide(&Command::Approve { revocation, hold: None, note: None }, &by).unwrap();
                    pair.store(&events, &by);
                    continue;
                }
                Step::AwaitPerson(_) => break,
                Step::WaitUntil(until) => {
                    prop_assert!(until > now && until <= now + policy.call_lease() + policy.call_lease());
                    now = until;
                    continue;
                }
                _ => pair.command(&by),
            };
            let events = pair.decide(&command, &by).unwrap();
            pair.store(&events, &by);
            let waits = matches!(step, Step::ReadBack(..));
            prop_assert!(!events.is_empty() || waits, "{:?} made no progress with {:?}", step, command);
            if events.iter().any(|event| matches!(event, AccessEvent::RevocationSubmitted { .. })) {
                calls += 1;
                prop_assert!(calls <= allowed, "{} calls", calls);
                now += SignedDuration::from_secs(1);
                if let Some(command) = bad.and_then(|bad| after_call(FIRST, pair.access.open.as_ref().unwrap().attempts, &Move { call: bad.call, ..by.clone() })) {
                    let events = pair.decide(&command, &by).unwrap();
                    pair.store(&events, &by);
                }
            }
        }
        let open = pair.access.open.as_ref();
        prop_assert!(open.is_none_or(|open| matches!(open.phase, Phase::Held(_))), "{:?}", open);
    }
}
