//! The read model: many streams, one picture.

use kubeconfig::access::{Ending, Phase};
use kubeconfig::event::Stored;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::intake::{Deletion, Intake, IntakeEvent};
use kubeconfig::run::{RunEvent, SweepReport};
use kubeconfig::{Actor, Event, IntakeId, KubeconfigKey, Projection, Recorded, RunId, Status, StreamId};
use uuid::Uuid;

use crate::story::{FIRST, SECOND, day, key, recorded, uid};
use crate::words::*;

pub(crate) fn log(facts: impl IntoIterator<Item = (StreamId, Event)>) -> Vec<Recorded> {
    let mut versions = std::collections::BTreeMap::<StreamId, u64>::new();
    let facts = facts.into_iter().zip(0_i64..);
    facts
        .map(|((stream, event), n)| {
            let version = versions.entry(stream.clone()).or_default();
            *version += 1;
            recorded(&stream, *version, event, Actor::timer(), day(n))
        })
        .collect()
}

fn pair(cluster: &str, digits: &str) -> KubeconfigKey {
    KubeconfigKey { cluster: cluster.parse().unwrap(), uid: uid(digits) }
}

fn run(n: u128) -> (RunId, StreamId) {
    let run = RunId::new(Uuid::from_u128(n));
    (run, StreamId::Run(run))
}

#[test]
fn each_pair_has_its_own_access() {
    let (one, two) = (pair("c1", "201"), pair("c2", "201"));
    let projection = Projection::replay(&log([
        (one.clone().into(), observed(live()).event.into()),
        (two.clone().into(), observed(gone()).event.into()),
        (one.clone().into(), requested(BY_DELETION).event.into()),
    ]));
    assert_eq!(projection.accesses[&one].status(day(0)), Status::Effective);
    assert_eq!(projection.accesses[&one].open.as_ref().map(|open| &open.phase), Some(&Phase::Requested));
    assert_eq!(projection.accesses[&two].status(day(0)), Status::Deleted);
    assert!(projection.accesses[&two].open.is_none());
    assert_eq!(projection.accesses.len(), 2);
}

#[test]
fn a_revocation_is_found_where_it_happened_also_after_it_ended() {
    let (one, two) = (pair("c1", "201"), pair("c2", "201"));
    let projection = Projection::replay(&log([
        (one.clone().into(), requested_as(FIRST, BY_DELETION).event.into()),
        (one.clone().into(), rejected().event.into()),
        (two.clone().into(), requested_as(SECOND, BY_DELETION).event.into()),
    ]));
    assert_eq!(projection.revocations[&FIRST], one);
    assert_eq!(projection.revocations[&SECOND], two);
    assert_eq!(projection.accesses[&one].closed[&FIRST].ending, Ending::Rejected);
}

#[test]
fn an_intake_keeps_the_time_of_its_arrival() {
    let id = IntakeId::derived("acs.ram/1");
    let deletion = Deletion { kind: "RamUser".into(), name: "alice".into(), uid: None, deleted_at: day(-3) };
    let stream = StreamId::Intake(id);
    let resolved =
        IntakeEvent::DeletionResolved { uid: uid("201"), by: kubeconfig::intake::ResolvedBy::History };
    let projection = Projection::replay(&log([
        (stream.clone(), IntakeEvent::DeletionReceived(deletion.clone()).into()),
        (stream, resolved.into()),
    ]));
    assert_eq!(projection.intakes[&id], (day(0), Intake::Resolved { deletion, uid: uid("201") }));
}

#[test]
fn the_latest_sweep_is_shown_with_its_report() {
    let ((_, first), (second_id, second)) = (run(1), run(2));
    let started = || RunEvent::SweepStarted { resumed_from: None };
    let completed = |pairs| RunEvent::SweepCompleted(SweepReport { pairs, ..SweepReport::default() });
    let facts: Vec<(StreamId, Event)> = vec![
        (first.clone(), started().into()),
        (second.clone(), started().into()),
        (first, completed(1).into()),
        (second, completed(2).into()),
    ];
    let running = Projection::replay(&log(facts[..3].to_vec())).sweep.unwrap();
    assert_eq!((running.run, running.started_at, running.completed), (second_id, day(1), None));
    let done = Projection::replay(&log(facts)).sweep.unwrap();
    assert_eq!(done.completed.map(|(at, report)| (at, report.pairs)), Some((day(3), 2)));
}

#[test]
fn a_sweep_that_could_not_read_a_part_has_not_seen_everything_nor_has_the_one_that_looked_at_the_rest() {
    let sweep = |reports: &[(Option<&str>, u32, Option<&str>)]| {
        let facts = (1..).zip(reports).flat_map(|(n, (from, errors, next))| {
            let (from, next) = (from.map(str::to_owned), next.map(str::to_owned));
            let report = SweepReport { errors: *errors, next, ..SweepReport::default() };
            let began = RunEvent::SweepStarted { resumed_from: from };
            [began, RunEvent::SweepCompleted(report)].map(|event| (run(n).1, Event::from(event)))
        });
        let sweep = Projection::replay(&log(facts)).sweep.unwrap();
        (sweep.saw_everything(), sweep.unread())
    };
    assert_eq!(sweep(&[(None, 0, None)]), (true, 0));
    assert_eq!(sweep(&[(None, 3, None)]), (false, 3));
    assert_eq!(sweep(&[(None, 0, Some("201"))]), (false, 0));
    let in_two = [(None, 2, Some("201")), (Some("201"), 0, None)];
    assert_eq!(sweep(&in_two), (false, 2), "what the first run could not read, the second did not look at");
    assert_eq!(sweep(&[in_two[0], in_two[1], (None, 0, None)]), (true, 0), "the next begins anew");
}

#[test]
fn what_is_not_understood_is_listed_and_changes_no_status() {
    let strange = Event::Unrecognised(Stored {
        type_name: "KubeconfigBlessed".into(),
        schema: 1,
        data: serde_json::json!({ "by": "nobody" }),
    });
    let streams = [key().into(), StreamId::Identity(uid("201")), "cluster/c1".parse().unwrap(), run(1).1];
    let before = log([(key().into(), observed(live()).event.into())]);
    let mut projection = Projection::replay(&before);
    let known = projection.clone();
    for (version, stream) in (2_u64..).zip(&streams) {
        projection.evolve(&recorded(stream, version, strange.clone(), Actor::timer(), day(9)));
    }
    assert_eq!(projection.unrecognised.len(), streams.len());
    assert_eq!(projection.accesses[&key()].status(day(0)), Status::Effective);
    assert_eq!(projection.accesses[&key()].version, 2);
    assert_eq!((projection.identities, projection.sweep), (known.identities, known.sweep));
}

#[test]
fn the_directory_learns_from_identities() {
    let event = IdentityEvent::IdentityObserved {
        kind: "RamUser".into(),
        name: "alice".into(),
        state: "Active".into(),
        created_at: None,
    };
    let projection = Projection::replay(&log([(StreamId::Identity(uid("201")), event.into())]));
    assert_eq!(projection.identities[&uid("201")].name, "alice".into());
    assert_eq!(projection.directory.all_bearers("alice"), kubeconfig::Bearer::One(uid("201")));
}

/// Ids of revocations are made outside. One that is used for a second pair must not lead away from the first.
#[test]
fn a_revocation_stays_where_it_was_asked_for_first() {
    let (one, two) = (pair("c1", "201"), pair("c2", "201"));
    let projection = Projection::replay(&log([
        (one.clone().into(), requested_as(FIRST, BY_DELETION).event.into()),
        (two.into(), requested_as(FIRST, BY_DELETION).event.into()),
    ]));
    assert_eq!(projection.revocations[&FIRST], one);
}
