//! Everybody who may call, and what of the account they may see.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use revocation::Config;
use revocation::config::AccessConfig;

use crate::auth::Principal;
use crate::limits::Limits;
use crate::oidc::{Oidc, OidcError, Refused};
use crate::problem::Problem;
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
            limits: Arc::new(Limits::of(&config.api)),
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
