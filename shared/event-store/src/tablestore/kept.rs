//! A commit that was read or written, and what it says.

use kubeconfig::StreamId;

use crate::body::Opened;
use crate::disclosure::Disclosure;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::store::StoredCommit;

/// A commit in memory.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
    /// The personal values that are still beside it.
    pub(super) disclosures: Vec<Disclosure>,
    /// What its row has to be taken for when reads are planned: erasing values does not change it.
    pub(super) size: u64,
    pub(super) stream: StreamId,
    /// Of its last event.
    pub(super) last_version: u64,
    /// Microseconds since 1970.
    pub(super) recorded_at: i64,
    /// One for each event.
    pub(super) keys: Vec<Keys>,
}

impl Kept {
    pub(super) fn read(row: StoredCommit) -> Result<Self, StoreError> {
        let StoredCommit { position: number, bytes, disclosures } = row;
        let opened = Opened::new(number, &bytes, || Ok(disclosures.clone()))?;
        Ok(Self {
            number,
            stream: opened.stream().clone(),
            last_version: opened.last_version(),
            recorded_at: opened.recorded_at(),
            keys: (0..opened.len()).map(|ordinal| opened.keys(ordinal)).collect::<Result<_, _>>()?,
            size: bytes.len() as u64 + opened.beside_bytes(),
            bytes,
            disclosures,
        })
    }

    pub(super) fn open(&self) -> Result<Opened<'_>, StoreError> {
        Opened::new(self.number, &self.bytes, || Ok(self.disclosures.clone()))
    }

    /// Where an event stands in the log.
    pub(super) const fn position(&self, ordinal: usize) -> u64 {
        (self.number << 8) | ordinal as u64
    }
}
