//! The one conversion from what stops a use case to what a client is told.

use std::time::Duration;

use alibaba_cloud::ErrorKind;
use axum::http::HeaderValue;
use axum::http::header::WWW_AUTHENTICATE;
use event_store::{AppendError, StoreError};
use kubeconfig::access::Denied;
use kubeconfig::query::{Choice, Unresolved};
use revocation::{ConnectError, Error};
use serde_json::json;

use crate::parameters::Parameter;
use crate::problem::Problem;
use crate::problem_type::ProblemType;

/// When to come back to a store that is busy: commits take milliseconds.
const STORE_WAIT: Duration = Duration::from_secs(1);
/// When to come back to a cloud that does not answer and does not say when.
const CLOUD_WAIT: Duration = Duration::from_secs(10);
/// When to come back for what another run has to do first.
const RUN_WAIT: Duration = Duration::from_secs(60);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Cloud(error) => of_cloud(&error),
            Error::OddEntry(_) | Error::EmptyListing(_) => {
                Self::new(ProblemType::CloudIncomplete, text).retry_after(RUN_WAIT)
            }
            Error::Store(error) | Error::Append(AppendError::Store(error)) => of_store(&error),
            Error::Append(AppendError::Conflict { .. }) => {
                Self::new(ProblemType::StoreBusy, "others write to the same stream without pause")
                    .retry_after(STORE_WAIT)
            }
            Error::Append(
                AppendError::IdReused { .. } | AppendError::NotNext { .. } | AppendError::Invalid(_),
            ) => Self::internal(text),
            Error::Denied(denied) => of_denial(&denied),
            Error::NoSuchRevocation(id) => {
                Self::new(ProblemType::NoSuchRevocation, text).with("revocation", id.to_string())
            }
            Error::NoSuchIntake(id) => {
                Self::new(ProblemType::NoSuchMessage, text).with("message", id.to_string())
            }
            Error::NoSuchEvent(id) => {
                Self::parameter("after", "the id of an event that is there").because(format!("no event {id}"))
            }
            Error::IntakeNotHeld(id) => {
                Self::new(ProblemType::MessageNotHeld, text).with("message", id.to_string())
            }
            Error::OutOfScope => out_of_scope(&text),
            Error::KeyOfAnother => Self::new(ProblemType::IdempotencyKeyReused, text),
            Error::Unresolved(unresolved) => of_name(&unresolved),
            Error::Invalid(_) => Self::new(ProblemType::InvalidRequest, text),
            Error::OutOfTime => Self::new(ProblemType::OutOfTime, text).retry_after(CLOUD_WAIT),
        }
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Store(error) => of_store(&error),
            error => Self::internal(error.to_string()),
        }
    }
}

/// The challenge is that of RFC 6750, section 3.1.
fn out_of_scope(text: &str) -> Problem {
    let challenge = HeaderValue::from_static(r#"Bearer realm="reaper", error="insufficient_scope""#);
    Problem::new(ProblemType::OutOfScope, text)
        .with("rule", "outOfScope")
        .with_header(WWW_AUTHENTICATE, challenge)
}

fn of_name(unresolved: &Unresolved) -> Problem {
    let choice = |choice: &Choice| json!({ "id": choice.id, "known": choice.known });
    Problem::new(ProblemType::InvalidParameter, unresolved.to_string())
        .with("parameter", "q")
        .with("expected", format!("the id of one {}, or a name that leads to one", unresolved.what))
        .with("choices", unresolved.choices.iter().map(choice).collect::<Vec<_>>())
}

fn of_denial(denied: &Denied) -> Problem {
    let text = denied.to_string();
    let (kind, revocation) = match denied {
        Denied::NoSuchRevocation(id) => (ProblemType::NoSuchRevocation, id),
        Denied::NotHeld { revocation, .. } | Denied::NoSuchHold(revocation) => {
            (ProblemType::RevocationNotHeld, revocation)
        }
        Denied::SelfApproval(id) => (ProblemType::SelfApproval, id),
        Denied::NotAPerson(id) => (ProblemType::NotAPerson, id),
    };
    let problem = Problem::new(kind, text).with("revocation", revocation.to_string());
    match denied {
        Denied::NotHeld { phase, .. } => problem.with("phase", *phase),
        Denied::SelfApproval(_) => problem.with("rule", "secondPerson"),
        _ => problem,
    }
}

/// The client's texts are bounded and hold no secrets (`alibaba_cloud::Error`), and who may read this may operate.
fn of_cloud(error: &alibaba_cloud::Error) -> Problem {
    let (kind, wait) = match error.kind() {
        ErrorKind::Throttled { retry_after } => {
            (ProblemType::CloudUnavailable, Some(retry_after.unwrap_or(CLOUD_WAIT)))
        }
        ErrorKind::Server | ErrorKind::Timeout | ErrorKind::Transport => {
            (ProblemType::CloudUnavailable, Some(CLOUD_WAIT))
        }
        ErrorKind::NotFound
        | ErrorKind::Refused
        | ErrorKind::InvalidResponse
        | ErrorKind::InvalidRequest
        | ErrorKind::Credentials => (ProblemType::CloudError, None),
    };
    let detail = format!("{} failed: {}", error.operation(), error.kind().as_str().replace('_', " "));
    let mut cloud = json!({ "operation": error.operation() });
    for (name, value) in [("code", error.code()), ("requestId", error.request_id())] {
        if let Some(value) = value {
            cloud[name] = value.into();
        }
    }
    let problem = Problem::new(kind, detail).with("cloud", cloud).because(error.to_string());
    match wait {
        Some(wait) => problem.retry_after(wait),
        None => problem,
    }
}

fn of_store(error: &StoreError) -> Problem {
    match error {
        StoreError::Cursor(_) => Problem::parameter("cursor", <event_store::Cursor as Parameter>::EXPECTED)
            .because(error.to_string()),
        StoreError::TooManyValues { what, .. } => {
            Problem::parameter("q", &format!("a question with at most {} {what}", event_store::MAX_VALUES))
        }
        StoreError::Busy | StoreError::Full => {
            Problem::new(ProblemType::StoreBusy, error.to_string()).retry_after(STORE_WAIT)
        }
        StoreError::Missing(_) => Problem::new(
            ProblemType::NoHistoryYet,
            "nothing has been stored so far: the first sweep or message makes the event store",
        )
        .because(error.to_string())
        .retry_after(RUN_WAIT),
        StoreError::Outdated { .. } => Problem::new(
            ProblemType::NoHistoryYet,
            "the event store is of an older version: `reaper store init` brings it up to date",
        )
        .because(error.to_string())
        .retry_after(RUN_WAIT),
        _ => Problem::internal(with_sources(error)),
    }
}

/// An error and everything behind it, for the log.
fn with_sources(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |error| error.source());
    sources.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use axum::response::IntoResponse;
    use kubeconfig::RevocationId;

    use super::*;

    fn revocation() -> RevocationId {
        RevocationId::derived("r")
    }

    #[test]
    fn each_denial_has_a_type_of_its_own_and_conflicts() {
        let denials = [
            Denied::NotHeld { revocation: revocation(), phase: "Submitted" },
            Denied::SelfApproval(revocation()),
            Denied::NotAPerson(revocation()),
        ];
        let kinds: Vec<_> = denials.map(|denied| Problem::from(Error::Denied(denied)).kind()).into();
        assert_eq!(
            kinds,
            [ProblemType::RevocationNotHeld, ProblemType::SelfApproval, ProblemType::NotAPerson]
        );
        assert!(kinds.iter().all(|kind| kind.status() == 409));
        let unknown = Problem::from(Error::Denied(Denied::NoSuchRevocation(revocation())));
        assert_eq!(unknown.kind().status(), 404);
    }

    #[test]
    fn what_may_pass_says_when_to_come_back() {
        let passing = [
            Error::Store(StoreError::Busy),
            Error::Store(StoreError::Full),
            Error::Store(StoreError::Missing(PathBuf::from("x"))),
            Error::Append(AppendError::Store(StoreError::Busy)),
            Error::EmptyListing("users"),
            Error::OutOfTime,
        ];
        for error in passing {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status(), 503);
            assert!(response.headers().contains_key("retry-after"));
        }
    }

    #[test]
    fn a_broken_store_is_told_to_the_log_alone() {
        let secret = "disk at /srv/secret is gone";
        for error in [StoreError::Damaged(secret.into()), StoreError::Io(secret.into())] {
            let problem = Problem::from(Error::Store(error));
            assert_eq!(problem.kind(), ProblemType::Internal);
            assert!(problem.cause().is_some_and(|cause| cause.contains(secret)));
            assert!(!problem.to_json(Some("id")).to_string().contains("secret"));
        }
    }

    #[test]
    fn the_place_of_a_missing_store_stays_inside() {
        let problem = Problem::from(Error::Store(StoreError::Missing(PathBuf::from("/srv/secret"))));
        assert!(!problem.to_json(None).to_string().contains("/srv"));
    }
}
