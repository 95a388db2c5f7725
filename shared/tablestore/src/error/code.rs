//! Error codes, and what is known about the requests that they answer.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// The code of an error of the service.
        ///
        /// Source: package tablestore 6.4.8 for Python (`retry.py`, `protocol.py`) and the tests of its repository.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
            /// A code that is not in this list.
            Other(String),
        }

        impl ErrorCode {
            /// As the service writes it, e.g. `OTSServerBusy`.
            pub fn as_str(&self) -> &str {
                match self {
                    $(ErrorCode::$name => $text,)*
                    ErrorCode::Other(code) => code,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(code: &str) -> Self {
                match code {
                    $($text => ErrorCode::$name,)*
                    _ => ErrorCode::Other(code.to_owned()),
                }
            }
        }
    };
}

codes! {
    /// The signature, the key or its permissions.
    AuthFailed = "OTSAuthFailed";
    /// The condition of a write does not hold.
    ConditionCheckFail = "OTSConditionCheckFail";
    /// Something failed inside the service; a write may have been applied.
    InternalServerError = "OTSInternalServerError";
    /// The primary key is not as the table declares it.
    InvalidPk = "OTSInvalidPK";
    /// The operation cannot be called this way.
    MethodNotAllowed = "OTSMethodNotAllowed";
    /// Reserved capacity is used up for now.
    NotEnoughCapacityUnit = "OTSNotEnoughCapacityUnit";
    /// There already is such a table or index.
    ObjectAlreadyExist = "OTSObjectAlreadyExist";
    /// There is no such table, index or instance.
    ObjectNotExist = "OTSObjectNotExist";
    /// Another operation on the same table is under way.
    OperationConflict = "OTSOperationConflict";
    /// Too many operations on the table or instance.
    OperationThrottled = "OTSOperationThrottled";
    /// More columns than a row may have.
    OutOfColumnCountLimit = "OTSOutOfColumnCountLimit";
    /// A row larger than it may be.
    OutOfRowSizeLimit = "OTSOutOfRowSizeLimit";
    /// A parameter is wrong; the message says which.
    ParameterInvalid = "OTSParameterInvalid";
    /// The partition is being loaded or moved.
    PartitionUnavailable = "OTSPartitionUnavailable";
    /// Too many tables, or operations on tables follow each other too fast; only the message says which.
    QuotaExhausted = "OTSQuotaExhausted";
    /// The body of the request is too large.
    RequestBodyTooLarge = "OTSRequestBodyTooLarge";
    /// Another operation on the same row is under way.
    RowOperationConflict = "OTSRowOperationConflict";
    /// The service is too busy.
    ServerBusy = "OTSServerBusy";
    /// The service cannot be reached inside; a write may have been applied.
    ServerUnavailable = "OTSServerUnavailable";
    /// The table was made a moment ago.
    TableNotReady = "OTSTableNotReady";
    /// The service took too long; a write may have been applied.
    Timeout = "OTSTimeout";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known about a request that was answered with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guidance {
    /// It was not carried out; the same may succeed in a moment. `throttled`: the service asks for less.
    NotApplied { throttled: bool },
    /// It may have been carried out.
    Unknown,
    /// It was not carried out, and the same will not succeed.
    Refused,
}

/// The message of [`ErrorCode::QuotaExhausted`] where waiting helps.
const TOO_FREQUENT: &str = "Too frequent table operations.";

impl ErrorCode {
    /// The rules of the official packages: `retry.py` of package tablestore 6.4.8 for Python.
    pub(crate) fn guidance(&self, http_status: u16, message: &str) -> Guidance {
        use ErrorCode as C;
        match self {
            C::ServerBusy | C::NotEnoughCapacityUnit | C::OperationThrottled => {
                Guidance::NotApplied { throttled: true }
            }
            C::QuotaExhausted if message == TOO_FREQUENT => Guidance::NotApplied { throttled: true },
            C::RowOperationConflict | C::OperationConflict | C::TableNotReady | C::PartitionUnavailable => {
                Guidance::NotApplied { throttled: false }
            }
            C::Timeout | C::InternalServerError | C::ServerUnavailable => Guidance::Unknown,
            _ if http_status >= 500 => Guidance::Unknown,
            _ => Guidance::Refused,
        }
    }
}
