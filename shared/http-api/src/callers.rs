//! Everybody who may call, and what of the account they may see.

use revocation::Config;
use revocation::config::AccessConfig;

use crate::auth::Principal;
use crate::tokens::{TokenError, Tokens};

/// Who may call, by the configuration.
#[derive(Debug, Clone, Default)]
pub struct Callers {
    tokens: Tokens,
    access: AccessConfig,
}

impl Callers {
    /// Those of the configuration.
    ///
    /// # Errors
    /// A token that does not fit; it is named by its place and not shown.
    pub fn of(config: &Config) -> Result<Self, TokenError> {
        Ok(Self { tokens: Tokens::parse(&config.api.tokens)?, access: config.access.clone() })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Who presents this token.
    pub(crate) fn principal(&self, token: &str) -> Option<Principal> {
        let principal = self.tokens.principal(token)?.clone();
        let scope = self.access.scope_of(principal.name());
        Some(principal.within(scope))
    }
}
