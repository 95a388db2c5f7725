//! A commit that was read or written, and what it says.

use kubeconfig::StreamId;

use crate::body::Opened;
use crate::error::StoreError;
use crate::keys::Keys;

/// A commit in memory.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) stream: StreamId,
    /// Of its last event.
    pub(super) last_version: u64,
    /// Microseconds since 1970.
    pub(super) recorded_at: i64,
    /// One for each event.
    pub(super) keys: Vec<Keys>,
}

impl Kept {
    pub(super) fn read(number: u64, bytes: Vec<u8>) -> Result<Self, StoreError> {
        let opened = Opened::new(number, &bytes)?;
        Ok(Self {
            number,
            stream: opened.stream().clone(),
            last_version: opened.last_version(),
            recorded_at: opened.recorded_at(),
            keys: (0..opened.len()).map(|ordinal| opened.keys(ordinal)).collect::<Result<_, _>>()?,
            bytes,
        })
    }

    pub(super) fn open(&self) -> Result<Opened<'_>, StoreError> {
        Opened::new(self.number, &self.bytes)
    }

    /// Where an event stands in the log.
    pub(super) const fn position(&self, ordinal: usize) -> u64 {
        (self.number << 8) | ordinal as u64
    }
}
