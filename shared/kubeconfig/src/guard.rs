//! Guards: how many identities may lose their access by rule alone before a person has to look.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::Uid;

/// The bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guard {
    /// Identities that may lose access by rule within one window.
    pub max_identities: u32,
    /// The same as a share of all identities that the cloud ever showed an access of, from 0 to 1.
    pub max_share: f64,
    /// The share is not looked at below this number: one of three is a third, and no flood.
    pub share_floor: u32,
}

impl Default for Guard {
    fn default() -> Self {
        Self { max_identities: 20, max_share: 0.2, share_floor: 5 }
    }
}

/// A guard that tripped: which bound, and how far it was passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "bound")]
pub enum Tripped {
    /// Too many identities.
    Identities {
        /// How many would lose access.
        planned: u32,
        /// How many may.
        limit: u32,
    },
    /// Too large a share of all identities.
    Share {
        /// How many would lose access.
        planned: u32,
        /// How many the cloud ever showed an access of.
        known: u32,
    },
}

impl Guard {
    /// Whether ending the access of these identities stays within the bounds. `recent` are those that lost access
    /// by rule within the window already: a flood that comes in drops is still a flood.
    ///
    /// # Errors
    /// The bound that was passed.
    pub fn admit(
        &self,
        planned: &BTreeSet<Uid>,
        recent: &BTreeSet<Uid>,
        known: usize,
    ) -> Result<(), Tripped> {
        let planned = u32::try_from(planned.union(recent).count()).unwrap_or(u32::MAX);
        let known = u32::try_from(known).unwrap_or(u32::MAX);
        if planned > self.max_identities {
            return Err(Tripped::Identities { planned, limit: self.max_identities });
        }
        // A share that is not a number lets nothing through.
        let share = self.max_share * f64::from(known);
        if planned >= self.share_floor && (share.is_nan() || f64::from(planned) > share) {
            return Err(Tripped::Share { planned, known });
        }
        Ok(())
    }
}
