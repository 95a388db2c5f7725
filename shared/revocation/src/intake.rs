//! Messages from outside: stored before anything is done about them, resolved to an id, acted upon.

mod learn;
mod message;
mod rehearse;
mod resolve;

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use kubeconfig::access::Trigger;
use kubeconfig::intake::{Deletion, Intake, IntakeEvent, ResolvedBy};
use kubeconfig::{Event, IntakeId, KubeconfigKey, Recorded, RevocationId, SourceEvent, StreamId, Uid};
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
    /// Nobody said in time whose name it was. Nothing follows from it any more.
    Lapsed {
        /// Its id.
        #[schema(value_type = String, format = "uuid")]
        intake: IntakeId,
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
        // A message may be about anybody, and what follows reaches every cluster.
        if !cause.scope.is_everything() {
            return Err(Error::OutOfScope);
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Array(events)) => {
                let mut receipts = Vec::with_capacity(events.len());
                for event in &events {
                    receipts.push(self.receive_one(event, cause, budget).await);
                }
                // One that cannot be taken now must not keep back those behind it.
                receipts.into_iter().collect()
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
        let id = intake_id(source);
        match self.once(id, IntakeEvent::DeletionReceived(deletion.clone()), cause).await? {
            Some(Intake::Dismissed) => Ok(Receipt::Dismissed { intake: id }),
            Some(Intake::Lapsed { .. }) => Ok(Receipt::Lapsed { intake: id }),
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
            Some(Intake::Lapsed { .. }) => Ok(Receipt::Lapsed { intake: id }),
            _ => Ok(Receipt::Unresolved { intake: id }),
        }
    }

    /// Stores a conclusion, unless it says what is known already or somebody else has concluded meanwhile.
    pub(crate) async fn conclude(
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
        let deletion = match self.held_intake(id, cause).await? {
            Intake::Unresolved { deletion, .. } => deletion,
            Intake::Resolved { deletion, uid: known } if known == uid => deletion,
            _ => return Err(Error::IntakeNotHeld(id)),
        };
        if self.exists(&uid).await? {
            return Err(Error::Invalid(format!(
                "{uid} exists: the access of an identity that exists is ended by a revocation, not by this"
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
        match self.held_intake(id, cause).await? {
            Intake::Unresolved { .. } | Intake::Dismissed => {
                self.conclude(id, IntakeEvent::DeletionDismissed { note }, cause).await?;
                Ok(Receipt::Dismissed { intake: id })
            }
            _ => Err(Error::IntakeNotHeld(id)),
        }
    }

    /// A message belongs to no pair yet: for who has bounds it does not exist.
    async fn held_intake(&self, id: IntakeId, cause: &Cause) -> Result<Intake, Error> {
        if !cause.scope.is_everything() {
            return Err(Error::NoSuchIntake(id));
        }
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
}

/// Copies of a message have one id. The length keeps apart what only looks alike in one line: `a` and `b/c`, `a/b` and `c`.
fn intake_id(source: &SourceEvent) -> IntakeId {
    IntakeId::derived(&format!("{}/{}/{}", source.source.len(), source.source, source.id))
}

pub(crate) fn intake_of(history: &[Recorded]) -> Option<Intake> {
    history.iter().fold(None, |state, recorded| match &recorded.event {
        Event::Intake(event) => Intake::evolve(state, event),
        _ => state,
    })
}
