//! Taking in what the cloud says.

use jiff::Timestamp;

use crate::access::events::AccessEvent;
use crate::access::state::Access;
use crate::access::status::Status;
use crate::reading::{Bindings, Reading};

/// A reading is worth an event only where it changes something.
pub(super) fn observe(access: &Access, seen: &Reading, now: Timestamp) -> Vec<AccessEvent> {
    let reading = complete(access, seen);
    if access.reading.as_ref() == Some(&reading) {
        return vec![];
    }
    let before = access.status(now);
    let after = Status::of(&reading, access.issued, now);
    vec![match (before, after) {
        (before, Status::EffectiveResidualRbac) if before != Status::EffectiveResidualRbac => {
            AccessEvent::ResidualRbacFound { reading }
        }
        (Status::Deleted, Status::Effective) => AccessEvent::KubeconfigRestored { reading },
        _ => AccessEvent::KubeconfigObserved { reading },
    }]
}

/// A reading in the form that is compared and stored: sorted, and with the permissions that are known already where
/// nobody asked for them this time and the certificates are the same.
pub(super) fn complete(access: &Access, seen: &Reading) -> Reading {
    let mut reading = seen.clone();
    reading.certificates.sort();
    if let Bindings::Yes(permissions) = &mut reading.bindings {
        permissions.sort();
    }
    if let (Some(known), Bindings::No) = (&access.reading, &reading.bindings)
        && known.certificates == reading.certificates
    {
        reading.bindings = known.bindings.clone();
    }
    reading
}
