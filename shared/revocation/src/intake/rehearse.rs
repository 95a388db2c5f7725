//! What a message would lead to. Reads the cloud where the message itself would; stores nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use kubeconfig::access::{HoldReason, Trigger};
use kubeconfig::intake::{Deletion, Intake, ResolvedBy, Unresolved};
use kubeconfig::reading::AccountKind;
use kubeconfig::{IntakeId, KubeconfigKey, Uid};
use serde::Serialize;
use serde_json::Value;

use super::intake_id;
use super::message::{Change, Message, Parsed, parse};
use crate::error::Error;
use crate::reaper::Reaper;
use crate::views::{Outcome, RefusalView, RevocationOutcome};
use crate::words::hold_text;

/// What would become of a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "would")]
pub enum Rehearsal {
    /// Nothing would follow from it.
    Ignore {
        /// Why.
        because: String,
    },
    /// It is not understood, and would be kept.
    Keep {
        /// What is wrong with it.
        problem: String,
    },
    /// It would teach us something about an identity.
    Learn {
        /// What.
        what: String,
    },
    /// It would wait for a person to say whose name it was.
    Wait {
        /// What was deleted.
        deletion: Deletion,
        /// How far the search comes.
        reason: Unresolved,
    },
    /// The access of the identity would be ended.
    Revoke {
        /// What was deleted.
        deletion: Deletion,
        /// Whose access.
        uid: Uid,
        /// How that is known; absent where it was known before.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<ResolvedBy>,
        /// What would become of each pair.
        outcomes: Vec<RevocationOutcome>,
    },
}

impl Reaper {
    /// What [`Reaper::receive`] would make of a message: one CloudEvent, or an array of them.
    ///
    /// # Errors
    /// The cloud or the store cannot be read.
    pub async fn rehearse(&self, body: &[u8]) -> Result<Vec<Rehearsal>, Error> {
        let events = match serde_json::from_slice(body) {
            Ok(Value::Array(events)) => events,
            Ok(event) => vec![event],
            Err(error) => return Ok(vec![Rehearsal::Keep { problem: format!("not JSON: {error}") }]),
        };
        let mut rehearsals = Vec::with_capacity(events.len());
        for event in &events {
            rehearsals.push(match parse(event) {
                Ok(Parsed::Relevant(message)) => self.rehearse_one(message).await?,
                Ok(Parsed::Irrelevant(because)) => Rehearsal::Ignore { because },
                Err(problem) => Rehearsal::Keep { problem: problem.to_string() },
            });
        }
        Ok(rehearsals)
    }

    async fn rehearse_one(&self, message: Message) -> Result<Rehearsal, Error> {
        let at: Timestamp = message.at;
        let what = match message.change {
            Change::Deleted(deletion) => {
                return self.rehearse_deletion(intake_id(&message.source), deletion).await;
            }
            Change::Created { uid, kind, name } => format!("{kind} {name} was created at {at} as {uid}"),
            Change::Restored { uid } => {
                format!("user {uid} came back from the recycle bin at {at}, if RAM confirms it")
            }
            Change::Renamed { uid, from, to } => {
                let kind = AccountKind::RamUser;
                let who = uid.map(|uid| format!(" ({uid})")).unwrap_or_default();
                format!("{kind} {from}{who} bears the name {to} since {at}")
            }
        };
        Ok(Rehearsal::Learn { what })
    }

    async fn rehearse_deletion(&self, id: IntakeId, deletion: Deletion) -> Result<Rehearsal, Error> {
        let known = self.projection().await?.intakes.get(&id).map(|(_, intake)| intake.clone());
        let (uid, by) = match known {
            Some(Intake::Dismissed) => {
                return Ok(Rehearsal::Ignore { because: "a person has dismissed it before".into() });
            }
            Some(Intake::Lapsed { .. }) => {
                let because = "nobody said in time whose name it was; it has lapsed".into();
                return Ok(Rehearsal::Ignore { because });
            }
            Some(Intake::Resolved { uid, .. }) => (uid, None),
            _ => match self.resolve(&deletion).await? {
                Ok((uid, by)) => (uid, Some(by)),
                Err(reason) => return Ok(Rehearsal::Wait { deletion, reason }),
            },
        };
        let outcomes = self.preview_deletion(id, &uid).await?;
        Ok(Rehearsal::Revoke { deletion, uid, by, outcomes })
    }

    async fn preview_deletion(&self, id: IntakeId, uid: &Uid) -> Result<Vec<RevocationOutcome>, Error> {
        let guard = self.guard(&BTreeSet::from([uid.clone()])).await?;
        let mut outcomes = vec![];
        for cluster in self.clusters_of(uid).await? {
            let key = KubeconfigKey { cluster, uid: uid.clone() };
            let mut outcome = self.preview(&key, &Trigger::IdentityDeleted { intake: Some(id) }).await?;
            if let Some(tripped) = &guard
                && outcome.outcome == Outcome::WouldRevoke
            {
                let text = hold_text(&HoldReason::Guard(tripped.clone()));
                outcome.outcome = Outcome::WouldHold;
                outcome.because = Some(RefusalView { rule: "guard".into(), text });
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }
}
