//! Every kind of problem that the interface can answer with. The set is part of the OpenAPI document.

use axum::http::StatusCode;

/// A kind of problem: what a program branches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemType {
    /// The body is not JSON.
    MalformedJson,
    /// No valid token.
    Unauthenticated,
    /// A valid token of a lower role.
    Forbidden,
    /// Out of the caller's scope.
    OutOfScope,
    /// A form that none of our own pages has sent.
    ForeignForm,
    /// No such path.
    NoSuchRoute,
    /// Nothing is known of the thing.
    NotFound,
    /// No such revocation.
    NoSuchRevocation,
    /// No such message.
    NoSuchMessage,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The revocation does not wait for a person.
    RevocationNotHeld,
    /// Who asked may not approve.
    SelfApproval,
    /// Nothing automatic may decide.
    NotAPerson,
    /// The message does not wait for a person.
    MessageNotHeld,
    /// The body is too large.
    BodyTooLarge,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// The body is JSON of another shape.
    InvalidBody,
    /// A parameter or header does not fit.
    InvalidParameter,
    /// What is asked for does not fit the facts.
    InvalidRequest,
    /// An idempotency key that came with another request.
    IdempotencyKeyReused,
    /// More calls than somebody may make.
    TooManyRequests,
    /// A fault of this program.
    Internal,
    /// The cloud gave an answer that trying again will not change.
    CloudError,
    /// The cloud did not answer, or is throttling.
    CloudUnavailable,
    /// A list of the cloud is empty or odd, so nothing was concluded.
    CloudIncomplete,
    /// The event store is busy or full.
    StoreBusy,
    /// There is no history yet.
    NoHistoryYet,
    /// The issuer of sign-ins does not answer.
    SignInUnavailable,
    /// Time is up.
    OutOfTime,
}

/// Name, status, title and meaning.
type Row = (&'static str, StatusCode, &'static str, &'static str);

impl ProblemType {
    /// All of them, by status.
    pub const ALL: [Self; 29] = [
        Self::MalformedJson,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::OutOfScope,
        Self::ForeignForm,
        Self::NoSuchRoute,
        Self::NotFound,
        Self::NoSuchRevocation,
        Self::NoSuchMessage,
        Self::MethodNotAllowed,
        Self::RevocationNotHeld,
        Self::SelfApproval,
        Self::NotAPerson,
        Self::MessageNotHeld,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidBody,
        Self::InvalidParameter,
        Self::InvalidRequest,
        Self::IdempotencyKeyReused,
        Self::TooManyRequests,
        Self::Internal,
        Self::CloudError,
        Self::CloudUnavailable,
        Self::CloudIncomplete,
        Self::StoreBusy,
        Self::NoHistoryYet,
        Self::SignInUnavailable,
        Self::OutOfTime,
    ];

    /// The URI reference that stands in `type`, with its whole path as RFC 9457 section 3.1.1 asks.
    pub fn uri(self) -> String {
        format!("/problems/{}", self.row().0)
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        self.row().1
    }

    /// The same for every problem of the type.
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// What it means and what to do, for the document.
    pub const fn meaning(self) -> &'static str {
        self.row().3
    }

    const fn row(self) -> Row {
        match self {
            Self::MalformedJson => (
                "malformed-json",
                StatusCode::BAD_REQUEST,
                "The body is not JSON",
                "`line` and `column` say where reading stopped.",
            ),
            Self::Unauthenticated => (
                "unauthenticated",
                StatusCode::UNAUTHORIZED,
                "A valid bearer token is needed",
                "No token, or one that is not known, expired or made for somebody else. Nothing else was looked at.",
            ),
            Self::Forbidden => (
                "forbidden",
                StatusCode::FORBIDDEN,
                "The token's role does not reach so far",
                "`needs` names the role. Nothing else was looked at. A sign-in whose groups give no role gets this, too.",
            ),
            Self::OutOfScope => (
                "out-of-scope",
                StatusCode::FORBIDDEN,
                "That does not lie within your scope",
                "Rule `outOfScope`: `access.scopes` bounds you. The answer is the same whether the thing exists or not, \
                 and nothing was stored.",
            ),
            Self::ForeignForm => (
                "foreign-form",
                StatusCode::FORBIDDEN,
                "The form does not come from a page of this service",
                "Nothing was done. Load the page again, and send the form from there.",
            ),
            Self::NoSuchRoute => {
                ("no-such-route", StatusCode::NOT_FOUND, "No such path", "See `/openapi.json`.")
            }
            Self::NotFound => (
                "not-found",
                StatusCode::NOT_FOUND,
                "Nothing is known of it",
                "The history holds nothing about this cluster, identity or kubeconfig.",
            ),
            Self::NoSuchRevocation => {
                ("no-such-revocation", StatusCode::NOT_FOUND, "No such revocation", "Its id is not known.")
            }
            Self::NoSuchMessage => {
                ("no-such-message", StatusCode::NOT_FOUND, "No such message", "Its id is not known.")
            }
            Self::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "The path does not have this method",
                "The header `Allow` lists those that it has.",
            ),
            Self::RevocationNotHeld => (
                "revocation-not-held",
                StatusCode::CONFLICT,
                "The revocation does not wait for a person",
                "`phase` says how far it is: only what is held can be approved or rejected.",
            ),
            Self::SelfApproval => (
                "self-approval",
                StatusCode::CONFLICT,
                "Who asked for a revocation may not approve it",
                "Rule `secondPerson`: another principal has to.",
            ),
            Self::NotAPerson => (
                "not-a-person",
                StatusCode::CONFLICT,
                "Only a person may decide",
                "Nothing automatic may approve or reject.",
            ),
            Self::MessageNotHeld => (
                "message-not-held",
                StatusCode::CONFLICT,
                "The message does not wait for a person",
                "It was resolved or dismissed, or nothing about it is to be decided.",
            ),
            Self::BodyTooLarge => (
                "body-too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "The body is too large",
                "`limit` is the most, in bytes.",
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body has to be declared as JSON",
                "Send `Content-Type: application/json`.",
            ),
            Self::InvalidBody => (
                "invalid-body",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The body has another shape",
                "`field` names the place: a wrong type, a missing or an unknown field, a text that is not such an id.",
            ),
            Self::InvalidParameter => (
                "invalid-parameter",
                StatusCode::UNPROCESSABLE_ENTITY,
                "A parameter does not fit",
                "`parameter` names it (path, query or header), `expected` says what would fit.",
            ),
            Self::InvalidRequest => (
                "invalid-request",
                StatusCode::UNPROCESSABLE_ENTITY,
                "What is asked for does not fit the facts",
                "`detail` says why. Nothing was stored.",
            ),
            Self::IdempotencyKeyReused => (
                "idempotency-key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Idempotency-Key is already used",
                "The key came with another request within 30 days. Nothing was asked for. Send the same request again, or this \
                 one under a key of its own.",
            ),
            Self::TooManyRequests => (
                "too-many-requests",
                StatusCode::TOO_MANY_REQUESTS,
                "That was one call too many",
                "Nothing was done. A caller has `api.requests_per_minute`; all who show no good token or signature share \
                 `api.unauthenticated_per_minute`. Try again after `Retry-After` seconds.",
            ),
            Self::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "A fault of the service",
                "Name `instance` to the operator: the log has the cause under this id.",
            ),
            Self::CloudError => (
                "cloud-error",
                StatusCode::BAD_GATEWAY,
                "The cloud's answer stands in the way",
                "`cloud` has operation, code and request id. The same request gets the same answer until permissions \
                 or configuration change.",
            ),
            Self::CloudUnavailable => (
                "cloud-unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "The cloud does not answer now",
                "Try again after `Retry-After` seconds.",
            ),
            Self::CloudIncomplete => (
                "cloud-incomplete",
                StatusCode::SERVICE_UNAVAILABLE,
                "A list of the cloud cannot be right",
                "Nothing was concluded from it. Try again after `Retry-After` seconds.",
            ),
            Self::StoreBusy => (
                "store-busy",
                StatusCode::SERVICE_UNAVAILABLE,
                "The event store does not take it now",
                "Try again after `Retry-After` seconds.",
            ),
            Self::NoHistoryYet => (
                "no-history-yet",
                StatusCode::SERVICE_UNAVAILABLE,
                "There is no history yet",
                "No function that writes has run with this store so far, or it has to bring the store up to date.",
            ),
            Self::SignInUnavailable => (
                "sign-in-unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "Who signs in cannot be told now",
                "The issuer's keys could not be fetched, so that the token is neither good nor bad. Tokens of `api.tokens` \
                 work. Try again after `Retry-After` seconds.",
            ),
            Self::OutOfTime => (
                "out-of-time",
                StatusCode::SERVICE_UNAVAILABLE,
                "Time is up",
                "What was begun is stored and goes on with the next sweep, or with the same request again.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_type_has_a_uri_of_its_own_and_an_error_status() {
        let uris: BTreeSet<_> = ProblemType::ALL.iter().map(|kind| kind.uri()).collect();
        assert_eq!(uris.len(), ProblemType::ALL.len());
        for kind in ProblemType::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error(), "{kind:?}");
        }
    }

    #[test]
    fn all_is_in_the_order_of_the_status() {
        assert!(ProblemType::ALL.is_sorted_by_key(|kind| (kind.status(), *kind)));
    }
}
