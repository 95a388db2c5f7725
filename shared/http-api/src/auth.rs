//! Authorisation: a handler says in its first parameter who may call it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use chat::Role;
use kubeconfig::{Actor, Channel, Scope};

use crate::callers::Callers;
use crate::oidc::Refused;
use crate::problem::Problem;
use crate::problem_type::ProblemType;

/// When to come back while the issuer of sign-ins does not answer.
const ISSUER_WAIT: Duration = Duration::from_secs(30);

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    name: String,
    role: Role,
    scope: Scope,
    is_signed_in: bool,
}

impl Principal {
    pub(crate) fn new(name: &str, role: Role) -> Self {
        Self { name: name.to_owned(), role, scope: Scope::EVERYTHING, is_signed_in: false }
    }

    /// A person who has signed in.
    pub(crate) fn person(name: &str, role: Role) -> Self {
        Self { is_signed_in: true, ..Self::new(name, role) }
    }

    pub(crate) fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The name of the token or person.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role of the token or person.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// What it may see and act upon.
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Who stands in the history for what this principal does.
    pub fn actor(&self) -> Actor {
        let (principal, human) = match self.is_signed_in {
            true => ("oidc".to_owned(), Some(self.name.clone())),
            false => (self.name.clone(), None),
        };
        Actor { channel: Channel::Http, principal: Some(principal), human }
    }
}

/// Lets through who may read. Put it first: nothing else of the request is looked at before.
#[derive(Debug, Clone)]
pub struct Viewer(pub Principal);

/// Lets through who may ask for revocations. Put it first.
#[derive(Debug, Clone)]
pub struct Operator(pub Principal);

/// Lets through who may decide on what is held. Put it first.
#[derive(Debug, Clone)]
pub struct Approver(pub Principal);

macro_rules! role_extractor {
    ($($name:ident),+) => {
        $(impl<S: Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                authorise(parts, Role::$name).await.map(Self)
            }
        })+
    };
}
role_extractor!(Viewer, Operator, Approver);

async fn authorise(parts: &Parts, needed: Role) -> Result<Principal, Problem> {
    let callers = parts
        .extensions
        .get::<Arc<Callers>>()
        .ok_or_else(|| Problem::internal("a protected route was mounted without callers"))?;
    let Some(token) = bearer(&parts.headers) else {
        return Err(unauthenticated(r#"Bearer realm="reaper""#));
    };
    let principal = callers.principal(token).await.map_err(|refused| match refused {
        Refused::Invalid(why) => {
            unauthenticated(r#"Bearer realm="reaper", error="invalid_token""#).because(why)
        }
        Refused::Nobody(why) => callers.refuse().err().unwrap_or_else(|| forbidden(needed).because(why)),
        Refused::Unavailable(why) => issuer_away(why),
    })?;
    callers.admit(&principal)?;
    if principal.role < needed {
        return Err(forbidden(needed).because(format!("{} is {}", principal.name, principal.role)));
    }
    Ok(principal)
}

/// What a browser is told that has come back from the issuer for nothing.
pub(crate) fn refusal(refused: Refused) -> Problem {
    match refused {
        Refused::Invalid(why) => {
            Problem::new(ProblemType::Unauthenticated, "the issuer does not vouch for you: sign in again")
                .because(why)
        }
        Refused::Nobody(why) => {
            Problem::new(ProblemType::Forbidden, "you have signed in, and have no role here").because(why)
        }
        Refused::Unavailable(why) => issuer_away(why),
    }
}

fn issuer_away(why: String) -> Problem {
    Problem::new(ProblemType::SignInUnavailable, "the issuer of sign-ins does not answer now")
        .because(why)
        .retry_after(ISSUER_WAIT)
}

/// The token of a single `Authorization: Bearer …` (RFC 6750, 2.1). Two such headers are none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Challenges are those of RFC 6750, section 3.
fn unauthenticated(challenge: &'static str) -> Problem {
    Problem::new(ProblemType::Unauthenticated, "send `Authorization: Bearer` with a token of this service")
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

fn forbidden(needed: Role) -> Problem {
    let challenge = match needed {
        Role::Viewer => r#"Bearer realm="reaper", error="insufficient_scope", scope="viewer""#,
        Role::Operator => r#"Bearer realm="reaper", error="insufficient_scope", scope="operator""#,
        Role::Approver => r#"Bearer realm="reaper", error="insufficient_scope", scope="approver""#,
    };
    Problem::new(ProblemType::Forbidden, format!("this needs a token of the role {needed}"))
        .with("needs", needed.as_str())
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_token_is_read_from_one_bearer_header() {
        assert_eq!(bearer(&headers(&["Bearer abc"])), Some("abc"));
        assert_eq!(bearer(&headers(&["bearer  abc"])), Some("abc"));
    }

    #[test]
    fn anything_else_is_no_token() {
        let cases: [&[&'static str]; 7] = [
            &[],
            &["abc"],
            &["Bearer"],
            &["Bearer "],
            &["Basic abc"],
            &["Bearer\tabc"],
            &["Bearer a", "Bearer a"],
        ];
        for case in cases {
            assert_eq!(bearer(&headers(case)), None, "{case:?}");
        }
    }

    #[test]
    fn the_principal_stands_in_the_history_under_the_name_of_its_token() {
        let actor = Principal::new("bot", Role::Operator).actor();
        assert_eq!(actor.to_string(), "bot (http)");
        assert!(!actor.channel.is_automatic());
        let person = Principal::person("olga", Role::Operator).actor();
        assert_eq!((person.to_string().as_str(), person.name()), ("olga via oidc (http)", "olga"));
    }
}
