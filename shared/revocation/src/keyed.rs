//! Requests with an idempotency key: a repeat is answered with what the first was answered, by whatever process.

use jiff::Timestamp;
use kubeconfig::intake::IntakeEvent;
use kubeconfig::keyed::{self, Claim, Keyed, KeyedAnswer};
use kubeconfig::{ClusterId, Event, IntakeId, Scope, StreamId, Uid};
use serde_json::Value;

use crate::cause::Cause;
use crate::error::Error;
use crate::reaper::Reaper;
use crate::request::Request;
use crate::views::{Outcome, RevocationOutcome};

/// The longest answer that is kept, in bytes of JSON. A longer one is made anew, from the same revocations.
const ANSWER_MAX: usize = 512 << 10;

/// A key as it came, and what it came with.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// The key.
    pub key: String,
    /// SHA-256 over method, path, who asks and what is asked for, hexadecimal.
    pub fingerprint: String,
}

/// A request whose key is its own.
#[derive(Debug, Clone)]
pub enum Claimed {
    /// To be carried out, under this key for the revocations.
    Open {
        /// Where its answer is kept.
        stream: IntakeId,
        /// What makes the same request mean the same revocations, and the next one under this key other ones.
        key: String,
    },
    /// It was answered before.
    Answered(KeyedAnswer),
}

impl Reaper {
    /// Takes a key for a request, before anything is done about it. Of several at the same moment each may carry it out:
    /// they mean the same revocations.
    ///
    /// # Errors
    /// [`Error::KeyOfAnother`] where the key came with another request, and [`Error::OutOfScope`] or [`Error::Invalid`]
    /// where this one cannot be asked for: then nothing is stored.
    pub async fn claim_key(
        &self,
        key: &IdempotencyKey,
        request: &Request,
        cause: &Cause,
    ) -> Result<Claimed, Error> {
        self.clusters_in_scope(request, &cause.scope).await?;
        let stream = IntakeId::derived(&format!("idempotency/{}/{}", cause.actor.name(), key.key));
        let now = Timestamp::now();
        let decided = |known| keyed::claim(known, &key.key, &key.fingerprint, now);
        let transaction = self
            .transact(StreamId::Intake(stream), cause, now, |history| {
                Ok::<_, Error>(match decided(Keyed::replay(history)) {
                    Claim::Store(fresh) => vec![Event::Intake(IntakeEvent::KeyedRequestReceived(fresh))],
                    _ => vec![],
                })
            })
            .await?;
        let known = Keyed::replay(&transaction.history);
        match (decided(known.clone()), known) {
            (Claim::Answered(answer), _) if is_within(&cause.scope, &answer.body) => {
                Ok(Claimed::Answered(answer))
            }
            // Bounds have become narrower since.
            (Claim::Answered(_), _) => Err(Error::OutOfScope),
            (Claim::Another, _) => Err(Error::KeyOfAnother),
            (_, Some(known)) => Ok(Claimed::Open { stream, key: of_use(&key.key, known.uses) }),
            (_, None) => Err(Error::KeyOfAnother),
        }
    }

    /// Keeps the answer, if it says what became of everything, and answers the one that is kept: of several the first.
    ///
    /// # Errors
    /// The store failed. What was asked for is done.
    pub async fn keep_answer(
        &self,
        stream: IntakeId,
        outcomes: &[RevocationOutcome],
        answer: KeyedAnswer,
        cause: &Cause,
    ) -> Result<KeyedAnswer, Error> {
        if !outcomes.iter().all(|outcome| is_settled(outcome.outcome))
            || answer.body.to_string().len() > ANSWER_MAX
        {
            return Ok(answer);
        }
        let transaction = self
            .transact(StreamId::Intake(stream), cause, Timestamp::now(), |history| {
                let is_open = Keyed::replay(history).is_some_and(|keyed| keyed.answer.is_none());
                let fact = Event::Intake(IntakeEvent::KeyedRequestAnswered(answer.clone()));
                Ok::<_, Error>(if is_open { vec![fact] } else { vec![] })
            })
            .await?;
        Ok(Keyed::replay(&transaction.history).and_then(|keyed| keyed.answer).unwrap_or(answer))
    }
}

/// A key that is free again means other revocations than before. A key has no space.
fn of_use(key: &str, uses: u32) -> String {
    if uses > 1 { format!("{key} {uses}") } else { key.to_owned() }
}

/// Whether asking again would tell nothing else of this request: it is over, or a person's turn.
const fn is_settled(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::UnderWay | Outcome::Failed | Outcome::Unknown | Outcome::Error)
}

/// Whether all pairs of a kept answer lie within bounds.
fn is_within(scope: &Scope, body: &Value) -> bool {
    let admits = |pair: &Value| {
        let cluster = pair["cluster"].as_str().and_then(|id| id.parse::<ClusterId>().ok());
        let uid = pair["uid"].as_str().and_then(|uid| uid.parse::<Uid>().ok());
        cluster.is_some_and(|id| scope.admits_cluster(&id))
            && uid.is_some_and(|uid| scope.admits_identity(&uid))
    };
    body["outcomes"].as_array().is_some_and(|outcomes| outcomes.iter().all(admits))
}
