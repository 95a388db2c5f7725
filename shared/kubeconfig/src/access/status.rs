//! The status of a pair: one word for people, one rule for machines.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::Access;
use crate::reading::{Bindings, Certificate, CertificateState, Reading};

/// What the access amounts to. The words are those of the console and of this project's interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Never issued.
    NotIssued,
    /// Issued, and at least one certificate has not expired.
    Effective,
    /// The kubeconfig is deleted, its RBAC permissions are not: the console calls this Effective, too.
    EffectiveResidualRbac,
    /// Issued, and every certificate has expired.
    Expired,
    /// Kubeconfig and RBAC permissions are gone, read back.
    Deleted,
    /// Revoked, as the cloud says.
    Revoked,
    /// The cloud does not say, or not enough was read to know.
    Unknown,
}

impl Status {
    /// All of them, in the order of the table in the README.
    pub const ALL: [Self; 7] = [
        Self::NotIssued,
        Self::Effective,
        Self::EffectiveResidualRbac,
        Self::Expired,
        Self::Deleted,
        Self::Revoked,
        Self::Unknown,
    ];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotIssued => "NotIssued",
            Self::Effective => "Effective",
            Self::EffectiveResidualRbac => "EffectiveResidualRbac",
            Self::Expired => "Expired",
            Self::Deleted => "Deleted",
            Self::Revoked => "Revoked",
            Self::Unknown => "Unknown",
        }
    }

    /// Whether there is something left that a deletion would take away.
    pub const fn is_deletable(self) -> bool {
        matches!(self, Self::Effective | Self::EffectiveResidualRbac | Self::Expired)
    }

    /// The status that one reading gives at an instant. `issued_before` says that the pair was issued once, which a
    /// listing forgets after a deletion.
    pub fn of(reading: &Reading, issued_before: bool, at: Timestamp) -> Self {
        let certificates = &reading.certificates;
        let any = |wanted: fn(&CertificateState) -> bool| certificates.iter().any(|c| wanted(&c.state));
        if certificates.iter().any(|certificate| is_live(certificate, at)) {
            return Self::Effective;
        }
        if any(|s| matches!(s, CertificateState::Unknown | CertificateState::Other(_))) {
            return Self::Unknown;
        }
        if any(|s| matches!(s, CertificateState::Unexpired | CertificateState::Expired)) {
            return Self::Expired;
        }
        if any(|s| *s == CertificateState::Revoked) {
            return Self::Revoked;
        }
        let issued = issued_before || any(|s| *s == CertificateState::Removed);
        match &reading.bindings {
            Bindings::Yes(permissions) if !permissions.is_empty() => Self::EffectiveResidualRbac,
            Bindings::Yes(_) if issued => Self::Deleted,
            Bindings::No if issued => Self::Unknown,
            _ => Self::NotIssued,
        }
    }
}

/// Whether a certificate still authenticates. The clock is believed before the cloud's word `Unexpired`, which may be
/// as old as the reading; the cloud's word `Expired` is final.
fn is_live(certificate: &Certificate, at: Timestamp) -> bool {
    certificate.state == CertificateState::Unexpired && certificate.expires_at.is_none_or(|end| at < end)
}

impl Access {
    /// The status at an instant. A pair that nobody has ever read is `Unknown`, never `NotIssued`.
    pub fn status(&self, at: Timestamp) -> Status {
        match &self.reading {
            Some(reading) => Status::of(reading, self.issued, at),
            None => Status::Unknown,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
