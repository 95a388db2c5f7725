//! Erasing what is personal of one identity: found in the whole log, said before it is done, stored before and after.
//!
//! The values of its own stream are the identity's, and the name in a message that was tied to it. Texts that name people
//! (reasons, notes, commands, messages that were not understood) are erased as a whole where they hold its number, or a
//! name that it alone ever bore: what a name that others bore, too, stands for is not guessed. Who acted is known by the name
//! of an account of this program, which nothing ties to an identity of the cloud: somebody has to say it.

mod find;

use std::collections::BTreeMap;

use event_store::{AppendError, Commit, Digest, EventStore, load_stream};
use jiff::Timestamp;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::{Event, StreamId, Uid};

use crate::cause::Cause;
use crate::error::Error;

pub use find::find;

/// Digests in one event: far below what an event may hold.
const DIGESTS: usize = 4096;

/// Values that are deleted at once.
const STEP: usize = 500;

/// What would be erased, and what speaks against it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasure {
    /// The values, each with the position of its commit.
    pub(crate) values: Vec<(u64, Digest)>,
    /// Those of them that an erasure was begun of before.
    pub(crate) begun: usize,
    /// How many in which type of event.
    pub counts: BTreeMap<String, u64>,
    /// Values of the same kind that stand in the bytes of commits of an older form: they cannot be erased.
    pub in_bytes: u64,
    /// Texts with a name that others bore, too: they are left.
    pub ambiguous: u64,
    /// Whether an erasure was begun and not ended.
    pub unfinished: bool,
    /// Whether anything was erased before.
    pub erased_before: bool,
    /// Whether anything is known of the identity.
    pub known: bool,
    /// What speaks against it, for people.
    pub objections: Vec<String>,
    /// Names that were said to be of the same person, and under which nobody acted here.
    pub strangers: Vec<String>,
}

impl Erasure {
    /// How many values would be erased.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing is left to erase.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty() && !self.unfinished
    }

    /// Erases. What is about to be erased is stored before, with the reason and with what speaks against it; that it was,
    /// after it. An erasure that was interrupted goes on when it is found and carried out again, and keeps the reason that
    /// it began with. `progress` hears how many values are gone.
    ///
    /// # Errors
    /// The store failed: some of it may be erased. [`event_store::StoreError::Busy`] may also mean that all of it is, and that
    /// others have kept the store from cleaning its file for too long.
    pub async fn carry_out(
        &self,
        store: &dyn EventStore,
        uid: &Uid,
        reason: Option<&str>,
        cause: &Cause,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<u64, Error> {
        if !self.is_empty() {
            for new in self.values[self.begun..].chunks(DIGESTS) {
                let begun = IdentityEvent::PersonalDataErasureBegun {
                    digests: new.iter().map(|(_, digest)| digest.to_string()).collect(),
                    reason: reason.map(str::to_owned),
                    overridden: self.objections.clone(),
                };
                append(store, uid, begun, cause).await?;
            }
            let mut gone = 0;
            for values in self.values.chunks(STEP) {
                gone += store.erase(values).await?;
                progress(gone);
            }
            append(store, uid, IdentityEvent::PersonalDataErased { values: self.len() as u64 }, cause)
                .await?;
        }
        store.scrub().await?;
        Ok(self.len() as u64)
    }
}

/// Appends to the stream of the identity, whatever others append meanwhile.
async fn append(store: &dyn EventStore, uid: &Uid, event: IdentityEvent, cause: &Cause) -> Result<(), Error> {
    let stream = StreamId::Identity(uid.clone());
    let events = cause.wrap(vec![Event::Identity(event)], Timestamp::now());
    loop {
        let expected = load_stream(store, &stream).await?.len() as u64;
        match store.append(Commit { stream: stream.clone(), expected, events: events.clone() }).await {
            Err(AppendError::Conflict { .. }) => {}
            other => return Ok(other.map(drop)?),
        }
    }
}
