//! What errors of the service mean here.

use std::error::Error;

use tablestore_rs::error::{ConstructionFailure, ErrorCode, ProvideErrorMetadata, SdkError};
use tablestore_rs::operation::RowError;

use crate::error::StoreError;

type Source = Box<dyn Error + Send + Sync>;

impl<E> From<SdkError<E>> for StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        match &error {
            SdkError::ServiceError(_) => match error.code().cloned() {
                Some(code) => of_code(&code, Box::new(error)),
                None => Self::Backend(Box::new(error)),
            },
            SdkError::ConstructionFailure(ConstructionFailure::Credentials(_)) => {
                Self::Denied(Box::new(error))
            }
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => Self::Io(Box::new(error)),
            _ => Self::Backend(Box::new(error)),
        }
    }
}

impl From<RowError> for StoreError {
    fn from(error: RowError) -> Self {
        match error.code().cloned() {
            Some(code) => of_code(&code, Box::new(error)),
            None => Self::Backend(Box::new(error)),
        }
    }
}

fn of_code(code: &ErrorCode, source: Source) -> StoreError {
    match code {
        ErrorCode::ObjectNotExist => StoreError::NotSetUp("a table is missing".to_owned()),
        ErrorCode::AuthFailed => StoreError::Denied(source),
        // RAM's refusal; the name is from Tablestore's documentation, "Error codes".
        ErrorCode::Other(code) if code == "OTSNoPermissionAccess" => StoreError::Denied(source),
        ErrorCode::ServerBusy
        | ErrorCode::NotEnoughCapacityUnit
        | ErrorCode::OperationThrottled
        | ErrorCode::PartitionUnavailable
        | ErrorCode::TableNotReady
        | ErrorCode::RowOperationConflict => StoreError::Busy,
        ErrorCode::Timeout | ErrorCode::InternalServerError | ErrorCode::ServerUnavailable => {
            StoreError::Io(source)
        }
        _ => StoreError::Backend(source),
    }
}
