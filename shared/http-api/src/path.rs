//! Parameters in a path.

use axum::extract::FromRequestParts;
use axum::extract::path::{ErrorKind, Path as AxumPath};
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;
use crate::problem_type::ProblemType;

/// The parameters of a path, read into a structure with a field for each: only then an error can name the parameter.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match AxumPath::<T>::from_request_parts(parts, state).await {
            Ok(AxumPath(value)) => Ok(Self(value)),
            Err(rejection) => Err(refused(rejection)),
        }
    }
}

fn refused(rejection: PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(failure) = rejection else {
        return Problem::internal(rejection.to_string());
    };
    match failure.into_kind() {
        ErrorKind::DeserializeError { key, message, .. } => {
            // Ids say what they expect behind the quoted text.
            let expected = message.split_once("expected ").map_or("another text", |(_, expected)| expected);
            Problem::new(ProblemType::InvalidParameter, &message)
                .with("parameter", key)
                .with("expected", expected)
        }
        ErrorKind::InvalidUtf8InPathParam { key } => Problem::parameter(&key, "UTF-8, percent-encoded"),
        other => Problem::internal(other.to_string()),
    }
}
