//! Errors, with the status and wording of the service's own page (DOC:tablestore/developer-reference/error-codes) or
//! of the tests of GitHub aliyun/aliyun-tablestore-python-sdk, which ran against the real service. What is in neither
//! is marked `invented`.

use std::fmt::Display;

use prost::Message;

use super::message::ErrorMessage;
use super::plainbuffer::Malformed;
use crate::account::Forbidden;

/// An error of the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} ({status}): {message}")]
pub(crate) struct OtsError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl OtsError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// `OTSParameterInvalid`, which most mistakes are.
    pub(crate) fn parameter(message: impl Into<String>) -> Self {
        Self::new(400, "OTSParameterInvalid", message)
    }

    pub(crate) fn key(message: impl Into<String>) -> Self {
        Self::new(400, "OTSInvalidPK", message)
    }

    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new(403, "OTSAuthFailed", message)
    }

    /// Code: package tablestore for Java; message unconfirmed.
    pub(crate) fn forbidden(forbidden: &Forbidden) -> Self {
        let Forbidden { need, explicit } = forbidden;
        let why = if *explicit { "ExplicitDeny" } else { "ImplicitDeny" };
        let message = format!(
            "You have no permission to access the requested resource. Resource: {} Action: {} NoPermissionType: {why}",
            need.resource, need.action
        );
        Self::new(403, "OTSNoPermissionAccess", message)
    }

    pub(crate) fn no_such_table() -> Self {
        Self::new(404, "OTSObjectNotExist", "Requested table does not exist.")
    }

    pub(crate) fn no_such_index() -> Self {
        Self::new(404, "OTSObjectNotExist", "Requested index does not exist.") // message invented
    }

    pub(crate) fn exists() -> Self {
        Self::new(409, "OTSObjectAlreadyExist", "Requested table already exists.")
    }

    pub(crate) fn not_ready() -> Self {
        Self::new(404, "OTSTableNotReady", "The table is not ready.")
    }

    pub(crate) fn condition() -> Self {
        Self::new(403, "OTSConditionCheckFail", "Condition check failed.")
    }

    pub(crate) fn conflict() -> Self {
        Self::new(409, "OTSRowOperationConflict", "Data is being modified by the other request.")
    }

    pub(crate) fn no_such_transaction() -> Self {
        Self::parameter("TransactionID is invalid.")
    }

    pub(crate) fn too_frequent() -> Self {
        Self::new(403, "OTSQuotaExhausted", "Too frequent table operations.")
    }

    pub(crate) fn too_many_tables() -> Self {
        Self::new(403, "OTSQuotaExhausted", "Number of tables exceeded the quota.")
    }

    pub(crate) fn too_large() -> Self {
        Self::new(413, "OTSRequestBodyTooLarge", "The size of POST data is too large.")
    }

    pub(crate) fn busy() -> Self {
        Self::new(503, "OTSServerBusy", "Server is busy.")
    }

    pub(crate) fn timeout() -> Self {
        Self::new(503, "OTSTimeout", "Operation timeout.")
    }

    /// Code and status as asserted by OTS-T; message from the constant of the Java package.
    pub(crate) fn throttled() -> Self {
        Self::new(403, "OTSNotEnoughCapacityUnit", "Remaining capacity unit is not enough.")
    }

    pub(crate) fn undecodable() -> Self {
        Self::parameter("Cannot deserialize the request data.")
    }

    /// The total data of a request is over its limit.
    pub(crate) fn request_size(operation: &str, limit: usize, size: impl Display) -> Self {
        Self::parameter(format!(
            "The total data size of {operation} request exceeds the limit, limit size: {limit}, data size: {size}."
        ))
    }

    pub(crate) fn message(&self) -> ErrorMessage {
        ErrorMessage { code: self.code.clone(), message: Some(self.message.clone()) }
    }

    /// As it goes into an answer.
    pub(crate) fn body(&self) -> Vec<u8> {
        self.message().encode_to_vec()
    }
}

impl From<Malformed> for OtsError {
    fn from(malformed: Malformed) -> Self {
        Self::parameter(malformed.to_string())
    }
}
