//! The read model: everything that the log adds up to. It is never the truth, and is rebuilt by reading the log again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::access::Access;
use crate::cluster::Cluster;
use crate::directory::Directory;
use crate::event::{Event, Recorded};
use crate::id::{ClusterId, EventId, IntakeId, KubeconfigKey, RevocationId, RunId, Uid};
use crate::identity::Identity;
use crate::intake::Intake;
use crate::notification::Deliveries;
use crate::run::{OutboxPlace, RunEvent, SweepReport};
use crate::scope::Scope;
use crate::stream::StreamId;

/// What all events up to a point of the log add up to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Projection {
    /// Every pair that was ever read.
    pub accesses: BTreeMap<KubeconfigKey, Access>,
    /// Every identity that was ever seen.
    pub identities: BTreeMap<Uid, Identity>,
    /// Every cluster that was ever seen.
    pub clusters: BTreeMap<ClusterId, Cluster>,
    /// Every message from outside that matters, with the time of its arrival.
    pub intakes: BTreeMap<IntakeId, (Timestamp, Intake)>,
    /// Who bore which name when.
    pub directory: Directory,
    /// Where each revocation happened.
    pub revocations: BTreeMap<RevocationId, KubeconfigKey>,
    /// The latest sweep.
    pub sweep: Option<Sweep>,
    /// When the latest sweep that ended did so.
    pub swept_at: Option<Timestamp>,
    /// Where the latest one that read the outbox would have gone on.
    pub outbox: Option<OutboxPlace>,
    /// How far each target of notifications was told.
    pub deliveries: BTreeMap<RunId, Deliveries>,
    /// Certificates of which it is stored that they expire soon.
    pub expiring: BTreeSet<(KubeconfigKey, Timestamp)>,
    /// Events that this version does not understand.
    pub unrecognised: Vec<EventId>,
}

/// A sweep, as far as it got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Its id.
    pub run: RunId,
    /// When it began.
    pub started_at: Timestamp,
    /// Where the run before it had stopped.
    pub resumed_from: Option<String>,
    /// When it ended and what it did; absent while it runs, or if it died.
    pub completed: Option<(Timestamp, SweepReport)>,
    /// Parts that the runs before it, whose rest it looks at, could not read.
    pub unread_before: u32,
}

impl Sweep {
    /// Where the next sweep goes on: where this one stopped, or, if it died, where it began.
    pub fn resume_at(&self) -> Option<String> {
        match &self.completed {
            Some((_, report)) => report.next.clone(),
            None => self.resumed_from.clone(),
        }
    }

    /// Parts that could not be read, by this run and by those before it whose rest it looks at.
    pub fn unread(&self) -> u32 {
        let own = self.completed.as_ref().map_or(0, |(_, report)| report.errors);
        self.unread_before.saturating_add(own)
    }

    /// Whether it ended, and everything was seen by then.
    pub fn saw_everything(&self) -> bool {
        let ended = self.completed.as_ref().is_some_and(|(_, report)| report.saw_everything());
        ended && self.unread_before == 0
    }
}

impl Projection {
    /// The projection of a whole log.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut projection = Self::default();
        events.into_iter().for_each(|event| projection.evolve(event));
        projection
    }

    /// How many identities the cloud ever showed an access of. A message from outside adds none.
    pub fn holders(&self) -> usize {
        let holders: BTreeSet<&Uid> = self.accesses.keys().map(|key| &key.uid).collect();
        holders.len()
    }

    /// The part of it that lies within a scope. Messages from outside belong to no pair yet: who has bounds sees none.
    #[must_use]
    pub fn within(&self, scope: &Scope) -> Self {
        let accesses = kept(&self.accesses, |key| scope.admits(key));
        let clusters: BTreeSet<_> = accesses.keys().map(|key| &key.cluster).collect();
        let uids: BTreeSet<_> = accesses.keys().map(|key| &key.uid).collect();
        let shows = |uid: &Uid| scope.shows_identity(uid, &uids);
        let revocations = self.revocations.iter().filter(|(_, key)| scope.admits(key));
        Self {
            identities: kept(&self.identities, shows),
            clusters: kept(&self.clusters, |id| scope.shows_cluster(id, &clusters)),
            intakes: BTreeMap::new(),
            directory: self.directory.of_those(shows),
            revocations: revocations.map(|(id, key)| (*id, key.clone())).collect(),
            sweep: self.sweep.clone(),
            swept_at: self.swept_at,
            outbox: self.outbox,
            deliveries: BTreeMap::new(),
            expiring: BTreeSet::new(),
            unrecognised: vec![],
            accesses,
        }
    }

    /// Takes one more event in.
    pub fn evolve(&mut self, recorded: &Recorded) {
        if matches!(recorded.event, Event::Unrecognised(_)) {
            self.unrecognised.push(recorded.id);
        }
        match &recorded.stream {
            StreamId::Kubeconfig(key) => self.evolve_access(key, recorded),
            StreamId::Identity(uid) => {
                self.directory.evolve(recorded);
                if let Event::Identity(event) = &recorded.event {
                    set(&mut self.identities, uid, |state| Identity::evolve(state, event));
                }
            }
            StreamId::Cluster(id) => {
                if let Event::Cluster(event) = &recorded.event {
                    set(&mut self.clusters, id, |state| Cluster::evolve(state, event));
                }
            }
            StreamId::Intake(id) => {
                if let Event::Intake(event) = &recorded.event {
                    set(&mut self.intakes, id, |state| {
                        let (since, state) = state.unzip();
                        let state = Intake::evolve(state, event)?;
                        Some((since.unwrap_or(recorded.recorded_at), state))
                    });
                }
            }
            StreamId::Run(run) => self.evolve_run(*run, recorded),
        }
    }

    fn evolve_access(&mut self, key: &KubeconfigKey, recorded: &Recorded) {
        if let Event::Access(event) = &recorded.event
            && let Some(revocation) = event.revocation()
        {
            self.revocations.entry(revocation).or_insert_with(|| key.clone());
        }
        // In its place: most of a log is about pairs, and to take one out and put it in again moves its neighbours.
        let access = match self.accesses.get_mut(key) {
            Some(known) => known,
            None => self.accesses.entry(key.clone()).or_default(),
        };
        *access = std::mem::take(access).evolve(recorded);
    }

    fn evolve_run(&mut self, run: RunId, recorded: &Recorded) {
        match &recorded.event {
            Event::Run(RunEvent::SweepStarted { resumed_from }) => {
                let (started_at, resumed_from) = (recorded.occurred_at, resumed_from.clone());
                let before = self.sweep.as_ref().filter(|_| resumed_from.is_some());
                let unread_before = before.map_or(0, Sweep::unread);
                self.sweep = Some(Sweep { run, started_at, resumed_from, completed: None, unread_before });
            }
            Event::Run(RunEvent::SweepCompleted(report)) => {
                self.swept_at = Some(recorded.occurred_at);
                self.outbox = report.outbox.or(self.outbox);
                if let Some(sweep) = self.sweep.as_mut().filter(|sweep| sweep.run == run) {
                    sweep.completed = Some((recorded.occurred_at, report.clone()));
                }
            }
            Event::Run(RunEvent::KubeconfigExpiring { cluster, uid, expires_at }) => {
                let key = KubeconfigKey { cluster: cluster.clone(), uid: uid.clone() };
                self.expiring.insert((key, *expires_at));
            }
            Event::Run(RunEvent::NotificationsBegun { .. }) => {
                self.deliveries.entry(run).or_default().evolve(recorded);
            }
            _ => {
                if let Some(deliveries) = self.deliveries.get_mut(&run) {
                    deliveries.evolve(recorded);
                }
            }
        }
    }
}

/// The entries whose keys pass.
fn kept<K: Ord + Clone, V: Clone>(map: &BTreeMap<K, V>, pass: impl Fn(&K) -> bool) -> BTreeMap<K, V> {
    map.iter().filter(|(key, _)| pass(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Replaces the value of a key by what a function makes of it.
fn set<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, key: &K, next: impl FnOnce(Option<V>) -> Option<V>) {
    if let Some(value) = next(map.remove(key)) {
        map.insert(key.clone(), value);
    }
}
