//! Finding in a log what is personal of one identity.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use event_store::{Digest, EventStore, MAX_PAGE, StoreError, StoredCommit};
use jiff::Timestamp;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::intake::{Intake, IntakeEvent, Unresolved};
use kubeconfig::personal::{ERASED, Whose};
use kubeconfig::reading::AccountState;
use kubeconfig::{Bearer, Event, IntakeId, Projection, Recorded, Status, StreamId, Uid};
use serde_json::Value;

use super::Erasure;
use crate::error::Error;

/// Where the person behind an event stands in it.
const HUMAN: &str = "/actor/human";

/// Looks through the whole log for what is personal of an identity; `actors` are the names under which the same person acted
/// here, as somebody says. The log is read twice: `progress` hears how many commits were read, of both times.
///
/// # Errors
/// The store cannot be read.
pub async fn find(
    store: &dyn EventStore,
    uid: &Uid,
    actors: &[String],
    mut progress: impl FnMut(u64) + Send,
) -> Result<Erasure, Error> {
    let mut known = Known::new(uid, actors);
    let mut read = 0;
    let mut after = 0;
    while let Some(last) = each(store, after, |commit| known.learn(commit)).await? {
        read += last - after;
        after = last;
        progress(read);
    }
    known.names();
    let mut erasure = Erasure {
        known: known.is_known(),
        unfinished: known.unfinished,
        erased_before: known.erased_before,
        objections: known.objections(Timestamp::now()),
        strangers: actors.iter().filter(|name| !known.acted.contains(*name)).cloned().collect(),
        ..Erasure::default()
    };
    // What was begun comes first: it is on record already.
    let (mut begun, mut new) = (Vec::new(), Vec::new());
    after = 0;
    while let Some(last) =
        each(store, after, |commit| known.pick(commit, &mut erasure, &mut begun, &mut new)).await?
    {
        read += last - after;
        after = last;
        progress(read);
    }
    erasure.begun = begun.len();
    erasure.values = [begun, new].concat();
    Ok(erasure)
}

/// Hands on the next commits; `None`: there are no more.
async fn each(
    store: &dyn EventStore,
    after: u64,
    mut take: impl FnMut(&StoredCommit) -> Result<(), StoreError> + Send,
) -> Result<Option<u64>, StoreError> {
    let page = store.commits(after, MAX_PAGE).await?;
    page.iter().try_for_each(&mut take)?;
    Ok(page.last().map(|commit| commit.position))
}

/// What the log says of the identity.
struct Known<'a> {
    uid: &'a Uid,
    actors: &'a [String],
    projection: Projection,
    /// Those of the actors under whose names something was done.
    acted: BTreeSet<String>,
    /// Messages that were tied to an identity.
    tied: HashMap<IntakeId, Uid>,
    /// Names from messages that were tied to it.
    told: BTreeSet<String>,
    /// Digests that an erasure was begun of.
    begun: HashSet<Digest>,
    unfinished: bool,
    erased_before: bool,
    /// Words that stand for it alone.
    own: Vec<String>,
    /// Names that others bore, too.
    shared: Vec<String>,
    /// Names that it ever bore.
    borne: BTreeSet<String>,
}

impl<'a> Known<'a> {
    fn new(uid: &'a Uid, actors: &'a [String]) -> Self {
        Self {
            uid,
            actors,
            projection: Projection::default(),
            acted: BTreeSet::new(),
            tied: HashMap::new(),
            told: BTreeSet::new(),
            begun: HashSet::new(),
            unfinished: false,
            erased_before: false,
            own: Vec::new(),
            shared: Vec::new(),
            borne: BTreeSet::new(),
        }
    }

    /// The first time through the log.
    fn learn(&mut self, commit: &StoredCommit) -> Result<(), StoreError> {
        for event in commit.events()? {
            self.tie(&event);
            self.acted.extend(event.actor.human.iter().filter(|name| self.actors.contains(name)).cloned());
            if event.stream.uid() == Some(self.uid) {
                self.follow(&event);
            }
            self.projection.evolve(&event);
        }
        Ok(())
    }

    fn tie(&mut self, event: &Recorded) {
        let (StreamId::Intake(intake), Event::Intake(fact)) = (&event.stream, &event.event) else { return };
        match fact {
            IntakeEvent::DeletionReceived(deletion) => {
                if let Some(uid) = &deletion.uid {
                    self.tied.insert(*intake, uid.clone());
                }
            }
            IntakeEvent::DeletionResolved { uid, .. } => drop(self.tied.insert(*intake, uid.clone())),
            _ => {}
        }
    }

    fn follow(&mut self, event: &Recorded) {
        let Event::Identity(fact) = &event.event else { return };
        match fact {
            IdentityEvent::IdentityObserved { name, .. } => {
                self.borne.extend(name.known().map(ToOwned::to_owned));
            }
            IdentityEvent::IdentityRenamed { from, to } => {
                self.borne
                    .extend([from, to].into_iter().filter_map(|name| name.known()).map(ToOwned::to_owned));
            }
            IdentityEvent::PersonalDataErasureBegun { digests, .. } => {
                self.begun.extend(digests.iter().filter_map(|digest| digest.parse::<Digest>().ok()));
                self.unfinished = true;
            }
            IdentityEvent::PersonalDataErased { .. } => {
                (self.unfinished, self.erased_before) = (false, true);
            }
            IdentityEvent::IdentityDeleted { .. } | IdentityEvent::IdentityRestored { .. } => {}
        }
    }

    /// Which names are its own, between the two times.
    fn names(&mut self) {
        for (id, (_, intake)) in &self.projection.intakes {
            if self.tied.get(id) == Some(self.uid)
                && let Intake::Received(deletion)
                | Intake::Unresolved { deletion, .. }
                | Intake::Resolved { deletion, .. }
                | Intake::Lapsed { deletion } = intake
            {
                self.told.extend(deletion.name.known().map(ToOwned::to_owned));
            }
        }
        self.own.push(self.uid.to_string());
        for name in self.borne.union(&self.told) {
            let others = match self.projection.directory.all_bearers(name) {
                Bearer::Nobody => false,
                Bearer::One(bearer) => bearer != *self.uid,
                Bearer::Several(_) => true,
            };
            if others { self.shared.push(name.clone()) } else { self.own.push(name.clone()) }
        }
        self.own.extend_from_slice(self.actors);
    }

    fn is_known(&self) -> bool {
        self.projection.identities.contains_key(self.uid)
            || self.projection.accesses.keys().any(|key| key.uid == *self.uid)
            || self.tied.values().any(|uid| uid == self.uid)
    }

    /// What speaks against erasing now.
    fn objections(&self, now: Timestamp) -> Vec<String> {
        let mut objections = Vec::new();
        let accesses = self.projection.accesses.iter().filter(|(key, _)| key.uid == *self.uid);
        let live = [Status::Effective, Status::EffectiveResidualRbac, Status::Unknown];
        let live = accesses.clone().filter(|(_, access)| live.contains(&access.status(now))).count();
        if live > 0 {
            objections.push(format!("its access to {live} clusters is not known to have ended"));
        }
        let open = accesses.filter(|(_, access)| access.open.is_some()).count();
        if open > 0 {
            objections.push(format!("{open} revocations of its access are under way"));
        }
        let identity = self.projection.identities.get(self.uid);
        if identity
            .is_some_and(|identity| matches!(identity.state, AccountState::Active | AccountState::Inactive))
        {
            objections.push("it exists in RAM: the next sweep would learn its name again".to_owned());
        }
        let waits = self.projection.intakes.values().filter(|(_, intake)| self.may_be_meant(intake)).count();
        if waits > 0 {
            objections.push(format!("{waits} messages that may be about it wait for a person"));
        }
        let asked =
            |actor: &kubeconfig::Actor| actor.human.as_ref().is_some_and(|name| self.actors.contains(name));
        let by_them = self.projection.accesses.values().filter_map(|access| access.open.as_ref());
        let by_them = by_them.filter(|open| asked(&open.requested_by)).count();
        if by_them > 0 {
            objections
                .push(format!("{by_them} revocations that were asked for under these names are under way"));
        }
        objections
    }

    fn may_be_meant(&self, intake: &Intake) -> bool {
        let Intake::Unresolved { deletion, reason } = intake else { return false };
        let named = deletion.name.known().is_some_and(|name| self.borne.contains(name));
        named || matches!(reason, Unresolved::Ambiguous { candidates } if candidates.contains(self.uid))
    }

    /// The second time through the log.
    fn pick(
        &self,
        commit: &StoredCommit,
        erasure: &mut Erasure,
        begun: &mut Vec<(u64, Digest)>,
        new: &mut Vec<(u64, Digest)>,
    ) -> Result<(), StoreError> {
        let there: HashSet<Digest> = commit.disclosures.iter().map(event_store::Disclosure::digest).collect();
        let digests: BTreeMap<(usize, String), Digest> =
            commit.digests()?.into_iter().map(|(event, at, digest)| ((event, at), digest)).collect();
        for (ordinal, event) in commit.events()?.iter().enumerate() {
            for (at, value, whose) in values(event) {
                let digest = digests.get(&(ordinal, at));
                let is_begun = digest.is_some_and(|digest| self.begun.contains(digest));
                match self.judge(event, &value, whose) {
                    Judged::Mine => {}
                    _ if is_begun => {}
                    Judged::Ambiguous => {
                        erasure.ambiguous += 1;
                        continue;
                    }
                    Judged::Others => continue,
                }
                match digest {
                    None => erasure.in_bytes += 1,
                    Some(digest) if there.contains(digest) => {
                        *erasure.counts.entry(event.event.type_name()).or_default() += 1;
                        if is_begun { &mut *begun } else { &mut *new }.push((commit.position, *digest));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    fn judge(&self, event: &Recorded, value: &Value, whose: Whose) -> Judged {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if text == ERASED {
            return Judged::Others;
        }
        let mine = match whose {
            Whose::Identity => event.stream.uid() == Some(self.uid),
            Whose::Deleted => {
                let StreamId::Intake(intake) = &event.stream else { return Judged::Others };
                match self.tied.get(intake) {
                    Some(uid) => uid == self.uid,
                    None => return self.named_in(&text),
                }
            }
            Whose::Actor => event.actor.human.as_ref().is_some_and(|name| self.actors.contains(name)),
            Whose::Anybody => return self.named_in(&text),
        };
        if mine { Judged::Mine } else { Judged::Others }
    }

    fn named_in(&self, text: &str) -> Judged {
        if self.own.iter().any(|word| has_word(text, word)) {
            Judged::Mine
        } else if self.shared.iter().any(|word| has_word(text, word)) {
            Judged::Ambiguous
        } else {
            Judged::Others
        }
    }
}

/// Whose a value is.
enum Judged {
    Mine,
    /// It names somebody, and not for certain this one.
    Ambiguous,
    Others,
}

/// The personal values of an event as they read, with where they stand.
fn values(event: &Recorded) -> Vec<(String, Value, Whose)> {
    let data = event.event.to_stored().data;
    let parts = event.event.personal().iter();
    let fields = parts.filter_map(|part| {
        let value = data.pointer(part.at).filter(|value| !value.is_null() && value.as_str() != Some(""))?;
        Some((format!("/data{}", part.at), value.clone(), part.whose))
    });
    let human = event.actor.human.iter().map(|name| (HUMAN.to_owned(), name.clone().into(), Whose::Actor));
    fields.chain(human).collect()
}

/// Whether a word stands in a text by itself: not as a part of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_lowercase(), word.to_lowercase());
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !word.is_empty()
        && text.match_indices(&word).any(|(start, found)| {
            let mut before = text[..start].chars().rev();
            let mut behind = text[start + found.len()..].chars();
            // A dot joins two parts of a name, or ends a sentence.
            let joined = |first: Option<char>, second: Option<char>| match first {
                Some('.') => second.is_some_and(inside),
                first => first.is_some_and(inside),
            };
            !joined(before.next(), before.next()) && !joined(behind.next(), behind.next())
        })
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn a_name_is_a_word_and_not_a_part_of_another() {
        for text in ["alice", "revoke Alice all", "(alice)", "by alice.", "alice@corp", r#"{"n":"alice"}"#] {
            assert!(has_word(text, "alice"), "{text}");
        }
        for text in ["", "malice", "alice2", "alice-ops", "alice.smith", "j.alice", "alice_x"] {
            assert!(!has_word(text, "alice"), "{text}");
        }
    }
}
