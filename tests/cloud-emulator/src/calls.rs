//! Every request that arrived, for tests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use crate::service::Service;

/// One request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// When it arrived.
    pub at: Timestamp,
    /// The service.
    pub service: Service,
    /// The operation, e.g. `CleanClusterUserPermissions`; empty if there is none at this address.
    pub operation: String,
    /// The RAM action that a policy has to allow, e.g. `cs:CleanClusterUserPermissions`.
    pub action: String,
    /// Id of the caller; empty if the signature was not accepted.
    pub caller: String,
    /// HTTP status of the answer, whether or not it arrived.
    pub status: u16,
    /// Error code of the answer.
    pub code: Option<String>,
    /// What the call was about, as `name=value`: cluster, uid, names.
    pub target: Vec<(String, String)>,
    /// Request id of the answer.
    pub request_id: String,
    /// Whether the call was carried out (also when it was refused by a rule of the service).
    pub carried_out: bool,
    /// Whether the connection was broken instead of answering.
    pub lost: bool,
}

/// The calls of one emulator.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: Mutex<Vec<Call>>,
}

impl CallLog {
    pub(crate) fn push(&self, call: Call) {
        tracing::debug!(
            service = %call.service, operation = %call.operation, status = call.status, lost = call.lost, "call"
        );
        self.lock().push(call);
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        self.lock().clone()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
