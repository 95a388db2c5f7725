//! Everybody who may call, and what of the account they may see.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use revocation::Config;
use revocation::config::AccessConfig;

use crate::auth::{self, Principal};
use crate::limits::{Limits, TooManyCommands};
use crate::oidc::{Oidc, OidcError, Person, Refused, SignInAttempt};
use crate::problem::Problem;
use crate::problem_type::ProblemType;
use crate::tokens::{Fingerprint, TokenError, Tokens};

/// Who may call, by the configuration. Cheap to clone.
#[derive(Clone, Default)]
pub struct Callers {
    tokens: Tokens,
    oidc: Option<Arc<Oidc>>,
    access: AccessConfig,
    limits: Arc<Limits>,
}

/// What is wrong with the configuration of callers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallersError {
    /// A token. It is named by its place and not shown.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Sign-in.
    #[error(transparent)]
    Oidc(#[from] OidcError),
}

impl Callers {
    /// Those of the configuration. The issuer of sign-ins is asked for its keys when they are first needed.
    ///
    /// # Errors
    /// The configuration cannot be used.
    pub fn of(config: &Config) -> Result<Self, CallersError> {
        Ok(Self {
            tokens: Tokens::parse(&config.api.tokens)?,
            oidc: Oidc::of(&config.api.oidc)?.map(Arc::new),
            access: config.access.clone(),
            limits: Arc::new(Limits::of(&config.api, &config.chat)),
        })
    }

    /// Whether nobody can call.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.oidc.is_none()
    }

    /// Who presents this token.
    pub(crate) async fn principal(&self, token: &str) -> Result<Principal, Refused> {
        let principal = match (self.tokens.principal(token), &self.oidc) {
            (Some(principal), _) => principal.clone(),
            (None, Some(oidc)) => oidc.principal(token, Timestamp::now()).await?,
            (None, None) => return Err(Refused::Invalid("no token of the configuration".into())),
        };
        Ok(self.bounded(principal))
    }

    /// Counts a call of somebody who is known, at whichever door.
    ///
    /// # Errors
    /// It is one too many: [`ProblemType::TooManyRequests`](crate::ProblemType::TooManyRequests).
    pub fn admit(&self, principal: &Principal) -> Result<(), Problem> {
        self.limits.caller(principal.name())
    }

    /// Counts a call that is refused because it shows nothing good. Whoever does is never counted here, so that strangers
    /// lock nobody out.
    ///
    /// # Errors
    /// It is one too many: [`ProblemType::TooManyRequests`](crate::ProblemType::TooManyRequests).
    pub fn refuse(&self) -> Result<(), Problem> {
        self.limits.stranger()
    }

    /// Counts a command of a person of a chat, by the name that the history has, in whichever chat.
    ///
    /// # Errors
    /// It is one too many.
    pub fn admit_command(&self, name: &str) -> Result<(), TooManyCommands> {
        self.limits.command(name)
    }

    /// Begins a session with a token of the configuration.
    pub fn open_session(&self, token: &str) -> Option<(Principal, Fingerprint)> {
        let (principal, session) = self.tokens.open_session(token)?;
        Some((self.bounded(principal.clone()), session))
    }

    /// Whose session it is. A token that the configuration has no more has no session either, and a role or a scope that
    /// changed has changed for sessions, too.
    pub fn holder(&self, session: &Fingerprint) -> Option<Principal> {
        self.tokens.holder(session).map(|principal| self.bounded(principal.clone()))
    }

    /// Where a browser goes to sign in at the issuer.
    ///
    /// # Errors
    /// [`ProblemType::NoSuchRoute`] where the configuration has no client for it, [`ProblemType::SignInUnavailable`] while
    /// the issuer does not answer.
    pub async fn sign_in_address(&self, attempt: &SignInAttempt<'_>) -> Result<String, Problem> {
        let address = match &self.oidc {
            Some(oidc) => oidc.address(attempt, Timestamp::now()).await,
            None => None,
        };
        let nowhere = "nobody signs in elsewhere: `api.oidc.client_id` is not set";
        let address = address.ok_or_else(|| Problem::new(ProblemType::NoSuchRoute, nowhere))?;
        address.map_err(auth::refusal)
    }

    /// Who has come back from the issuer with a code. `issuer` is who says that it sent them back, if it says so (RFC 9207).
    ///
    /// # Errors
    /// [`ProblemType::Unauthenticated`] where the issuer does not vouch for them, [`ProblemType::Forbidden`] where they have
    /// no role, [`ProblemType::SignInUnavailable`] while the issuer does not answer.
    pub async fn sign_in(
        &self,
        code: &str,
        issuer: Option<&str>,
        attempt: &SignInAttempt<'_>,
    ) -> Result<(Principal, Person), Problem> {
        let oidc = self.oidc.as_ref().filter(|oidc| issuer.is_none_or(|issuer| oidc.is_issuer(issuer)));
        let Some(oidc) = oidc else {
            return Err(auth::refusal(Refused::Invalid("sent back by another issuer".to_owned())));
        };
        let arrival = oidc.arrival(code, attempt, Timestamp::now()).await;
        let (principal, person) = arrival.map_err(auth::refusal)?;
        Ok((self.bounded(principal), person))
    }

    /// The same person by now: who has no role any more has no session either.
    pub fn present(&self, person: &Person) -> Option<Principal> {
        let principal = self.oidc.as_ref()?.present(person).ok()?;
        Some(self.bounded(principal))
    }

    fn bounded(&self, principal: Principal) -> Principal {
        let scope = self.access.scope_of(principal.name());
        principal.within(scope)
    }
}

/// Names and roles only.
impl fmt::Debug for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callers").field("tokens", &self.tokens).field("oidc", &self.oidc.is_some()).finish()
    }
}
