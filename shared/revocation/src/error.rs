//! The one error of the use cases: what happened, and what that means for the caller.

use kubeconfig::access::Denied;
use kubeconfig::{EventId, IntakeId, RevocationId};

/// Why a use case stopped. What was stored before stands, and the next sweep goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cloud did not answer, or not as expected.
    #[error(transparent)]
    Cloud(#[from] alibaba_cloud::Error),
    /// A list of the cloud has an entry that is not understood, and without it nothing can be concluded.
    #[error(transparent)]
    OddEntry(#[from] alibaba_cloud::InvalidEntry),
    /// The event store failed. If it failed before a call was announced, nothing was called.
    #[error(transparent)]
    Store(#[from] event_store::StoreError),
    /// An event could not be appended.
    #[error(transparent)]
    Append(#[from] event_store::AppendError),
    /// The command does not fit what is going on.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such revocation.
    #[error("no revocation {0} is known")]
    NoSuchRevocation(RevocationId),
    /// No such message.
    #[error("no held message {0} is known")]
    NoSuchIntake(IntakeId),
    /// No such event.
    #[error("no event {0} is known")]
    NoSuchEvent(EventId),
    /// The message does not wait for a person.
    #[error("message {0} does not wait for a person")]
    IntakeNotHeld(IntakeId),
    /// The idempotency key came with another request. Nothing was asked for.
    #[error("this idempotency key came with another request before; nothing was asked for")]
    KeyOfAnother,
    /// A name in a query does not lead to one thing.
    #[error(transparent)]
    Unresolved(#[from] kubeconfig::query::Unresolved),
    /// The person named somebody who does not fit.
    #[error("{0}")]
    Invalid(String),
    /// The person may not act upon it, whether it exists or not. Nothing was stored.
    #[error("that does not lie within your scope; nothing was asked for")]
    OutOfScope,
    /// A listing is empty that cannot be: taken at its word, everybody would be gone.
    #[error("the cloud lists no {0} at all; that is taken for an error, and nothing was concluded from it")]
    EmptyListing(&'static str),
    /// Time is up. The next run goes on.
    #[error("the time budget is used up; the next run goes on from here")]
    OutOfTime,
}

impl Error {
    /// Whether the same may work later: the caller should be told to try again rather than to change its request.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Cloud(_) | Self::OddEntry(_) | Self::EmptyListing(_) | Self::OutOfTime => true,
            Self::Store(error) | Self::Append(event_store::AppendError::Store(error)) => error.is_transient(),
            Self::Append(event_store::AppendError::Conflict { .. }) => true,
            _ => false,
        }
    }
}
