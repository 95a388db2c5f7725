//! Which events are asked for.

use jiff::Timestamp;
use kubeconfig::{ClusterId, RevocationId, Uid};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::StoreError;

/// The most types that one filter may name.
pub const MAX_TYPES: usize = 64;

/// Conditions that all must hold; those left out hold always. The empty filter is the whole log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Filter {
    /// The stream is about this cluster.
    pub cluster: Option<ClusterId>,
    /// The stream is about this identity.
    pub uid: Option<Uid>,
    /// [`kubeconfig::Actor::name`] is this.
    pub actor: Option<String>,
    /// The type is one of these, at most [`MAX_TYPES`]. None: any type.
    pub types: Vec<String>,
    /// [`kubeconfig::StreamId::kind`] is this.
    pub kind: Option<String>,
    /// The event belongs to this revocation.
    pub revocation: Option<RevocationId>,
    /// The event follows from this cause.
    pub correlation: Option<Uuid>,
    /// Stored at this time or later.
    pub since: Option<Timestamp>,
    /// Stored before this time.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// The same filter in the one form that all filters of the same meaning share.
    pub(crate) fn normalised(&self) -> Result<Self, StoreError> {
        let mut filter = self.clone();
        filter.types.sort_unstable();
        filter.types.dedup();
        if filter.types.len() > MAX_TYPES {
            return Err(StoreError::TooManyTypes(filter.types.len()));
        }
        Ok(filter)
    }

    /// Ties a cursor to the filter. Of a [normalised](Self::normalised) filter.
    pub(crate) fn fingerprint(&self) -> u64 {
        // A structure of texts and numbers always has a JSON form.
        let text = serde_json::to_vec(self).unwrap_or_default();
        let digest = Sha256::digest(&text);
        digest.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }
}

/// The first microsecond since 1970 that is not before the time. What is stored carries whole microseconds.
pub(crate) fn microsecond_from(time: Timestamp) -> i64 {
    let floor = time.as_nanosecond().div_euclid(1000);
    let ceiling = if time.as_nanosecond().rem_euclid(1000) == 0 { floor } else { floor + 1 };
    i64::try_from(ceiling).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_types_does_not_matter() {
        let filter = |types: &[&str]| {
            let types = types.iter().map(ToString::to_string).collect();
            Filter { types, ..Filter::default() }.normalised().unwrap().fingerprint()
        };
        assert_eq!(filter(&["B", "A"]), filter(&["A", "B", "A"]));
        assert_ne!(filter(&["A"]), filter(&["A", "B"]));
    }

    #[test]
    fn a_bound_between_two_microseconds_is_the_later_one() {
        let at = |ns| microsecond_from(Timestamp::from_nanosecond(ns).unwrap());
        assert_eq!([at(999), at(1000), at(1001), at(-1), at(-1000)], [1, 1, 2, 0, -1]);
    }
}
