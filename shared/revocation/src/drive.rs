//! Driving a revocation: one step after the other, each told by the stream alone, until it ends or has to wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use alibaba_cloud::ErrorKind;
use jiff::Timestamp;
use kubeconfig::access::{Command, DeletionPermit, Failure, Phase, Refusal, Step};
use kubeconfig::reading::{AccountState, Bindings, Permission, Reading};
use kubeconfig::{Access, KubeconfigKey, Recorded, Status};
use tracing::Instrument as _;

use crate::cause::Cause;
use crate::error::Error;
use crate::reaper::Reaper;

/// A revocation has five steps; what needs many more is going round in circles.
const MAX_STEPS: u32 = 24;

/// A call takes no longer, with all its attempts: the lease of an announced call counts on that.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// Before a call is announced there has to be this much time left: for the call, and for reading back what it did.
const TIME_FOR_A_CALL: Duration = Duration::from_secs(20);

/// Pauses between readings after a call: the lists may lag behind it.
const READ_BACK_PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1500)];

/// Until when one invocation may work.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeBudget {
    deadline: Option<Instant>,
    stop: Option<&'static AtomicBool>,
}

impl TimeBudget {
    /// No limit.
    pub const UNLIMITED: Self = Self { deadline: None, stop: None };

    /// Ends at an instant.
    pub const fn until(deadline: Instant) -> Self {
        Self { deadline: Some(deadline), stop: None }
    }

    /// The earlier of this end and one that is so far away.
    pub fn at_most(self, budget: Duration) -> Self {
        let end = Instant::now() + budget;
        Self { deadline: Some(self.deadline.map_or(end, |deadline| deadline.min(end))), ..self }
    }

    /// The same, but it ends at once when the flag is set: the process was told to stop. The step under way is finished.
    pub const fn unless(self, stop: &'static AtomicBool) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// A share of what is left, from 0 to 1.
    pub fn share(self, share: f64) -> Self {
        match self.deadline {
            None => self,
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                Self { deadline: Some(Instant::now() + left.mul_f64(share)), ..self }
            }
        }
    }

    /// Whether there is time for something that takes so long.
    pub fn allows(&self, needed: Duration) -> bool {
        let stopped = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        !stopped && self.deadline.is_none_or(|deadline| Instant::now() + needed < deadline)
    }
}

impl Reaper {
    /// Takes the open revocation of a pair as far as it will go now. It stops at a hold, at an end, at a failed call
    /// (the next sweep tries again), at the end of the budget, and where another process is at it.
    pub(crate) async fn drive(
        &self,
        key: &KubeconfigKey,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Access, Error> {
        let span = tracing::info_span!("revocation", pair = %key);
        self.step_by_step(key, cause, budget).instrument(span).await
    }

    async fn step_by_step(
        &self,
        key: &KubeconfigKey,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Access, Error> {
        let mut access = self.access(key).await?;
        let mut called = false;
        for _ in 0..MAX_STEPS {
            let step = access.next_step(Timestamp::now(), self.config.policy.call_lease());
            let command = match step {
                Step::Nothing | Step::AwaitPerson(_) => return Ok(access),
                Step::NotUnderstood => {
                    tracing::error!(pair = %key, "the stream holds events of a newer version: it has to go on");
                    return Ok(access);
                }
                Step::Submit(_) if called => return Ok(access),
                Step::CheckAccess(revocation) => {
                    Command::RecordCheck { revocation, check: self.check_access(key).await }
                }
                Step::BackUp(revocation) => {
                    let after_holds = access.open.as_ref().map_or(0, |open| open.holds);
                    let permissions = self.permissions_to_keep(key, &access).await?;
                    Command::BackUp { revocation, after_holds, permissions }
                }
                Step::Submit(revocation) if budget.allows(TIME_FOR_A_CALL) => {
                    Command::Submit { revocation, reading: self.read(key).await? }
                }
                Step::Submit(_) => return Err(Error::OutOfTime),
                Step::ReadBack(revocation, _) => {
                    Command::RecordReadBack { revocation, reading: self.read_back(key).await? }
                }
                // Another process announced a call and may be making it.
                Step::WaitUntil(_) => return Ok(access),
            };
            let (after, recorded) = self.execute(key, &command, cause).await?;
            access = after;
            if let Some(permit) = recorded.iter().find_map(DeletionPermit::from_stored) {
                called = true;
                access = self.call(&permit, cause).await?;
            } else if recorded.is_empty() && matches!(step, Step::ReadBack(..)) {
                // The reading still does not tell; the next sweep reads again.
                return Ok(access);
            }
        }
        tracing::error!(pair = %key, "a revocation took too many steps; the next sweep looks at it again");
        Ok(access)
    }

    /// The permissions that a deletion will take away. Whether the cloud still lists them for an identity that is gone is
    /// not documented: where it does not, those that were seen before are kept, so that nothing waits for ever.
    async fn permissions_to_keep(
        &self,
        key: &KubeconfigKey,
        access: &Access,
    ) -> Result<Vec<Permission>, Error> {
        let error = match self.cloud.cs().permissions_on(key).await {
            Ok(permissions) => return Ok(permissions),
            Err(error) => error,
        };
        match &access.reading {
            Some(seen) if error.is_not_found() && seen.account.state == AccountState::Deleted => {
                tracing::warn!(pair = %key, error = %error, "permissions that were seen before are kept");
                Ok(match &seen.bindings {
                    Bindings::Yes(permissions) => permissions.clone(),
                    Bindings::No => vec![],
                })
            }
            _ => Err(error.into()),
        }
    }

    /// Drives a revocation that another process has announced a call of, as soon as that process has had its time: it
    /// may be gone. `None` if there is no such call, or no time to wait.
    pub(crate) async fn take_over(
        &self,
        key: &KubeconfigKey,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Option<Access>, Error> {
        let lease = self.config.policy.call_lease();
        let Step::WaitUntil(until) = self.access(key).await?.next_step(Timestamp::now(), lease) else {
            return Ok(None);
        };
        let pause = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
        if !budget.allows(pause + TIME_FOR_A_CALL) {
            return Ok(None);
        }
        tokio::time::sleep(pause).await;
        self.drive(key, cause, budget).await.map(Some)
    }

    /// The one place that deletes. What it needs is a permit, and a permit comes from a stored announcement only.
    async fn call(&self, permit: &DeletionPermit, cause: &Cause) -> Result<Access, Error> {
        let (key, revocation, attempt) = (permit.key(), permit.revocation(), permit.attempt());
        let cloud = self.cloud.with_deadline(tokio::time::Instant::now() + CALL_TIMEOUT);
        let command = match cloud.cs().clean_cluster_user_permissions(permit).await {
            Ok(_) => Command::RecordReadBack { revocation, reading: self.read_back(key).await? },
            Err(error) if error.outcome_unknown() => {
                Command::RecordUnknown { revocation, attempt, detail: error.to_string() }
            }
            Err(error) => match error.kind() {
                ErrorKind::Refused | ErrorKind::NotFound => {
                    Command::RecordRefusal { revocation, attempt, refusal: refusal(&error) }
                }
                _ => Command::RecordFailure { revocation, attempt, failure: failure(&error) },
            },
        };
        Ok(self.execute(key, &command, cause).await?.0)
    }

    /// Reads until the access is seen gone, or a few times: the lists may lag behind a call.
    async fn read_back(&self, key: &KubeconfigKey) -> Result<Reading, Error> {
        let mut reading = self.read(key).await?;
        for pause in READ_BACK_PAUSES {
            if is_gone(&reading) {
                break;
            }
            tokio::time::sleep(pause).await;
            reading = self.read(key).await?;
        }
        Ok(reading)
    }

    /// What is stored about a pair, oldest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn stream_of(&self, key: &KubeconfigKey) -> Result<Vec<Recorded>, Error> {
        Ok(event_store::load_stream(self.store.as_ref(), &key.clone().into()).await?)
    }
}

fn is_gone(reading: &Reading) -> bool {
    matches!(reading.bindings, Bindings::Yes(_))
        && matches!(Status::of(reading, true, Timestamp::now()), Status::Deleted)
}

/// Whether the revocation waits for the next sweep.
pub(crate) const fn is_unfinished(access: &Access) -> bool {
    matches!(&access.open, Some(open) if !matches!(open.phase, Phase::Held(_)))
}

fn refusal(error: &alibaba_cloud::Error) -> Refusal {
    Refusal::Cloud {
        status: error.status().unwrap_or_default(),
        code: error.code().unwrap_or_default().to_owned(),
        message: error.message().to_owned(),
        request_id: error.request_id().map(str::to_owned),
    }
}

fn failure(error: &alibaba_cloud::Error) -> Failure {
    Failure::Call {
        code: error.code().unwrap_or_default().to_owned(),
        message: error.message().to_owned(),
        request_id: error.request_id().map(str::to_owned),
    }
}
