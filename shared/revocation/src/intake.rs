//! Messages from outside: stored before anything is done about them, resolved to an id, acted upon.

mod message;
mod rehearse;
mod resolve;

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use kubeconfig::access::Trigger;
use kubeconfig::identity::{Identity, IdentityEvent};
use kubeconfig::intake::{Deletion, Intake, IntakeEvent, ResolvedBy};
use kubeconfig::reading::{AccountKind, AccountState};
use kubeconfig::{
    Bearer, Event, IntakeId, KubeconfigKey, Recorded, RevocationId, SourceEvent, StreamId, Uid,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::cause::Cause;
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reaper::Reaper;
use crate::views::RevocationOutcome;

pub use rehearse::Rehearsal;

use message::{Change, Parsed, parse};

/// The most of a message that is kept where it is not understood, in bytes.
const KEPT: usize = 64 * 1024;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "became")]
pub enum Receipt {
    /// Nothing follows from it.
    Irrelevant {
        /// Why.
        because: String,
    },
    /// It taught us something about an identity.
    Learned {
        /// Facts stored; 0 where they were known.
        facts: usize,
    },
    /// Not understood; kept under this id.
    NotUnderstood {
        /// Its id.
        #[schema(value_type = String, format = "uuid")]
        intake: IntakeId,
        /// What was wrong with it.
        problem: String,
    },
    /// Waits for a person to say whose name it was.
    Unresolved {
        /// Its id.
        #[schema(value_type = String, format = "uuid")]
        intake: IntakeId,
    },
    /// The access of the identity was, or is being, ended.
    Revoked {
        /// Its id.
        #[schema(value_type = String, format = "uuid")]
        intake: IntakeId,
        /// Whose.
        #[schema(value_type = String)]
        uid: Uid,
        /// What became of each pair.
        outcomes: Vec<RevocationOutcome>,
    },
    /// A person has dismissed it before.
    Dismissed {
        /// Its id.
        #[schema(value_type = String, format = "uuid")]
        intake: IntakeId,
    },
}

impl Reaper {
    /// Takes one message as it came over the wire: one CloudEvent, or an array of them.
    ///
    /// # Errors
    /// The message should be delivered again: something that may pass stood in the way. A message that is not
    /// understood is no error; it is kept, and delivering it again would not help.
    pub async fn receive(
        &self,
        body: &[u8],
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Vec<Receipt>, Error> {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Array(events)) => {
                let mut receipts = Vec::with_capacity(events.len());
                for event in &events {
                    receipts.push(self.receive_one(event, cause, budget).await?);
                }
                Ok(receipts)
            }
            Ok(event) => Ok(vec![self.receive_one(&event, cause, budget).await?]),
            Err(error) => {
                let text = String::from_utf8_lossy(&body[..body.len().min(KEPT)]).into_owned();
                let problem = format!("not JSON: {error}");
                Ok(vec![self.keep(Value::String(text), problem, cause).await?])
            }
        }
    }

    async fn receive_one(&self, event: &Value, cause: &Cause, budget: TimeBudget) -> Result<Receipt, Error> {
        let message = match parse(event) {
            Ok(Parsed::Relevant(message)) => message,
            Ok(Parsed::Irrelevant(because)) => return Ok(Receipt::Irrelevant { because }),
            Err(problem) => return self.keep(event.clone(), problem.to_string(), cause).await,
        };
        let cause = Cause { source: Some(message.source.clone()), ..cause.clone() };
        match &message.change {
            Change::Deleted(deletion) => self.deleted(&message.source, deletion, &cause, budget).await,
            Change::Created { uid, kind, name } => {
                self.learn_creation(uid, kind, name, message.at, &cause).await
            }
            Change::Restored { uid } => self.learn_restoration(uid, message.at, &cause).await,
            Change::Renamed { uid, from, to } => {
                self.learn_name(uid.as_ref(), from, to, message.at, &cause).await
            }
        }
    }

    /// Keeps what is not understood, where an auditor sees it.
    async fn keep(&self, message: Value, problem: String, cause: &Cause) -> Result<Receipt, Error> {
        let text = message.to_string();
        let intake = IntakeId::derived(&text);
        let message =
            if text.len() <= KEPT { message } else { Value::String(text.chars().take(KEPT).collect()) };
        let event = IntakeEvent::MessageNotUnderstood { problem: problem.clone(), message };
        self.once(intake, event, cause).await?;
        tracing::warn!(intake = %intake, problem, "a message was not understood and is kept");
        Ok(Receipt::NotUnderstood { intake, problem })
    }

    /// Stores the first fact of an intake, once, and answers the intake as it stands.
    async fn once(&self, id: IntakeId, first: IntakeEvent, cause: &Cause) -> Result<Option<Intake>, Error> {
        let transaction = self
            .transact(StreamId::Intake(id), cause, Timestamp::now(), |history| {
                let first = Event::Intake(first.clone());
                Ok::<_, Error>(if history.is_empty() { vec![first] } else { vec![] })
            })
            .await?;
        Ok(intake_of(&transaction.history))
    }

    /// An identity was deleted. Stored first; a repeat of the message goes on where the first left off.
    async fn deleted(
        &self,
        source: &SourceEvent,
        deletion: &Deletion,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Receipt, Error> {
        let id = IntakeId::derived(&format!("{}/{}", source.source, source.id));
        match self.once(id, IntakeEvent::DeletionReceived(deletion.clone()), cause).await? {
            Some(Intake::Dismissed) => Ok(Receipt::Dismissed { intake: id }),
            Some(Intake::Resolved { deletion, uid }) => {
                self.end_access(id, &deletion, uid, cause, budget).await
            }
            _ => self.settle(id, deletion, cause, budget).await,
        }
    }

    /// Finds out whose name it was, and ends the access of that identity.
    pub(crate) async fn settle(
        &self,
        id: IntakeId,
        deletion: &Deletion,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Receipt, Error> {
        let fact = match self.resolve(deletion).await? {
            Ok((uid, by)) => IntakeEvent::DeletionResolved { uid, by },
            Err(reason) => IntakeEvent::DeletionUnresolved { reason },
        };
        match self.conclude(id, fact, cause).await? {
            Some(Intake::Resolved { uid, .. }) => self.end_access(id, deletion, uid, cause, budget).await,
            Some(Intake::Dismissed) => Ok(Receipt::Dismissed { intake: id }),
            _ => Ok(Receipt::Unresolved { intake: id }),
        }
    }

    /// Stores a conclusion, unless it says what is known already or somebody else has concluded meanwhile.
    async fn conclude(
        &self,
        id: IntakeId,
        fact: IntakeEvent,
        cause: &Cause,
    ) -> Result<Option<Intake>, Error> {
        let transaction = self
            .transact(StreamId::Intake(id), cause, Timestamp::now(), |history| {
                let before = intake_of(history);
                let after = Intake::evolve(before.clone(), &fact);
                let changes = before != after;
                Ok::<_, Error>(if changes { vec![Event::Intake(fact.clone())] } else { vec![] })
            })
            .await?;
        Ok(intake_of(&transaction.history))
    }

    /// A person says whose name it was.
    ///
    /// # Errors
    /// The message is unknown or does not wait for a person, or the id belongs to an identity that still exists.
    pub async fn resolve_by_hand(
        &self,
        id: IntakeId,
        uid: Uid,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Receipt, Error> {
        let deletion = match self.held_intake(id).await? {
            Intake::Unresolved { deletion, .. } => deletion,
            Intake::Resolved { deletion, uid: known } if known == uid => deletion,
            _ => return Err(Error::IntakeNotHeld(id)),
        };
        let account = self.account(&uid, None).await?;
        if matches!(account.state, AccountState::Active | AccountState::Inactive) {
            return Err(Error::Invalid(format!(
                "{uid} exists: its access is ended by a revocation, not by this"
            )));
        }
        self.conclude(id, IntakeEvent::DeletionResolved { uid: uid.clone(), by: ResolvedBy::Person }, cause)
            .await?;
        self.end_access(id, &deletion, uid, cause, budget).await
    }

    /// A person says that nothing follows from a message that could not be resolved.
    ///
    /// # Errors
    /// The message is unknown or does not wait for a person.
    pub async fn dismiss(&self, id: IntakeId, note: String, cause: &Cause) -> Result<Receipt, Error> {
        match self.held_intake(id).await? {
            Intake::Unresolved { .. } | Intake::Dismissed => {
                self.conclude(id, IntakeEvent::DeletionDismissed { note }, cause).await?;
                Ok(Receipt::Dismissed { intake: id })
            }
            _ => Err(Error::IntakeNotHeld(id)),
        }
    }

    async fn held_intake(&self, id: IntakeId) -> Result<Intake, Error> {
        let history = event_store::load_stream(self.store.as_ref(), &StreamId::Intake(id)).await?;
        intake_of(&history).ok_or(Error::NoSuchIntake(id))
    }

    /// Ends the access of a deleted identity to every cluster.
    async fn end_access(
        &self,
        id: IntakeId,
        deletion: &Deletion,
        uid: Uid,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Receipt, Error> {
        self.learn_deletion(id, deletion, &uid, cause).await?;
        let guard = &self.guard(&BTreeSet::from([uid.clone()])).await?;
        let clusters = self.clusters_of(&uid).await?;
        let outcomes = stream::iter(clusters).map(|cluster| {
            let key = KubeconfigKey { cluster, uid: uid.clone() };
            async move {
                let revocation = RevocationId::derived(&format!("{id}/{key}"));
                let trigger = Trigger::IdentityDeleted { intake: Some(id) };
                self.revoke(&key, revocation, trigger, None, guard.clone(), cause, budget).await
            }
        });
        let outcomes: Vec<Result<_, Error>> =
            outcomes.buffered(self.config.sweep.concurrency).collect().await;
        // Every pair was tried before a failure of one is told: the message is delivered again, and finds the rest done.
        let outcomes = outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(Receipt::Revoked { intake: id, uid, outcomes })
    }

    /// The deletion becomes part of the identity's own history, if the cloud confirms that it is gone.
    async fn learn_deletion(
        &self,
        id: IntakeId,
        deletion: &Deletion,
        uid: &Uid,
        cause: &Cause,
    ) -> Result<(), Error> {
        if self.known_identity(uid).await?.is_none() {
            let seen = Identity {
                kind: deletion.kind.clone(),
                name: deletion.name.clone(),
                state: AccountState::Other("not known".into()),
                created_at: None,
            };
            self.observe_identity(uid, &seen, deletion.deleted_at, cause).await?;
        }
        if self.account(uid, None).await?.state != AccountState::Deleted {
            return Ok(());
        }
        self.transact(StreamId::Identity(uid.clone()), cause, deletion.deleted_at, |history| {
            let gone = identity_of(history).is_none_or(|identity| identity.state == AccountState::Deleted);
            let fact = Event::Identity(IdentityEvent::IdentityDeleted { intake: Some(id) });
            Ok::<_, Error>(if gone { vec![] } else { vec![fact] })
        })
        .await?;
        Ok(())
    }

    /// Stores what a sight of an identity changes. Answers how many facts that was.
    pub(crate) async fn observe_identity(
        &self,
        uid: &Uid,
        seen: &Identity,
        at: Timestamp,
        cause: &Cause,
    ) -> Result<usize, Error> {
        let transaction = self
            .transact(StreamId::Identity(uid.clone()), cause, at, |history| {
                let events = Identity::observe(identity_of(history).as_ref(), seen);
                Ok::<_, Error>(events.into_iter().map(Event::Identity).collect())
            })
            .await?;
        Ok(transaction.recorded.len())
    }

    /// A creation teaches a name and its beginning. It may arrive after the deletion, and then brings nobody back.
    async fn learn_creation(
        &self,
        uid: &Uid,
        kind: &AccountKind,
        name: &str,
        at: Timestamp,
        cause: &Cause,
    ) -> Result<Receipt, Error> {
        let created = Identity {
            kind: kind.clone(),
            name: name.to_owned(),
            state: AccountState::Active,
            created_at: Some(at),
        };
        let transaction = self
            .transact(StreamId::Identity(uid.clone()), cause, at, |history| {
                let known = identity_of(history);
                let seen = match &known {
                    Some(known) => Identity { created_at: Some(at), ..known.clone() },
                    None => created.clone(),
                };
                let events = match known {
                    Some(known) if known.created_at.is_some() => vec![],
                    known => Identity::observe(known.as_ref(), &seen),
                };
                Ok::<_, Error>(events.into_iter().map(Event::Identity).collect())
            })
            .await?;
        Ok(Receipt::Learned { facts: transaction.recorded.len() })
    }

    /// A restoration is believed only after the cloud was asked: the message may be old.
    async fn learn_restoration(&self, uid: &Uid, at: Timestamp, cause: &Cause) -> Result<Receipt, Error> {
        let exists = crate::reading::found(self.cloud.ims().user_by_id(uid).await)?.is_some();
        let transaction = self
            .transact(StreamId::Identity(uid.clone()), cause, at, |history| {
                let deleted = identity_of(history).is_some_and(|known| known.state == AccountState::Deleted);
                let fact = Event::Identity(IdentityEvent::IdentityRestored { intake: None });
                Ok::<_, Error>(if deleted && exists { vec![fact] } else { vec![] })
            })
            .await?;
        Ok(Receipt::Learned { facts: transaction.recorded.len() })
    }

    /// Whoever bore the old name at that time bears the new one since. Where that is not certain, the next sweep sees
    /// the new name in the list of users.
    async fn learn_name(
        &self,
        uid: Option<&Uid>,
        from: &str,
        to: &str,
        at: Timestamp,
        cause: &Cause,
    ) -> Result<Receipt, Error> {
        let bearer = match uid {
            Some(uid) => Bearer::One(uid.clone()),
            None => self.projection().await?.directory.bearer(&AccountKind::RamUser, from, at),
        };
        let Bearer::One(uid) = bearer else {
            return Ok(Receipt::Irrelevant {
                because: "who was renamed is not certain; the sweep will see".into(),
            });
        };
        let transaction = self
            .transact(StreamId::Identity(uid), cause, at, |history| {
                let renamed = identity_of(history).filter(|known| known.name != to).map(|known| {
                    Event::Identity(IdentityEvent::IdentityRenamed { from: known.name, to: to.to_owned() })
                });
                Ok::<_, Error>(renamed.into_iter().collect())
            })
            .await?;
        Ok(Receipt::Learned { facts: transaction.recorded.len() })
    }
}

fn intake_of(history: &[Recorded]) -> Option<Intake> {
    history.iter().fold(None, |state, recorded| match &recorded.event {
        Event::Intake(event) => Intake::evolve(state, event),
        _ => state,
    })
}

fn identity_of(history: &[Recorded]) -> Option<Identity> {
    history.iter().fold(None, |state, recorded| match &recorded.event {
        Event::Identity(event) => Identity::evolve(state, event),
        _ => state,
    })
}
