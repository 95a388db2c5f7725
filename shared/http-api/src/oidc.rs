//! People who sign in elsewhere: tokens that an OpenID Connect issuer has signed (JWT, RFC 7519).
//!
//! The signature is checked with the issuer's published keys, by RS256, ES256 or EdDSA; then issuer, audience and times. A
//! claim gives the name, another one groups that stand for roles. Whoever has no role may not call.

mod issuer_keys;
mod jwk;
mod token;

use jiff::Timestamp;
use revocation::config::OidcConfig;
use serde_json::Value;

use crate::auth::Principal;
use crate::tokens::{self, Role};

use issuer_keys::IssuerKeys;
use token::Expected;

/// Why a token is not taken. The texts are for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is none, or not good, or not good any more.
    Invalid(String),
    /// It is good, and gives its bearer no role or no name.
    Nobody(String),
    /// The issuer's keys could not be had, so that nobody can say.
    Unavailable(String),
}

/// The issuer whose tokens are taken.
pub(crate) struct Oidc {
    keys: IssuerKeys,
    expected: Expected,
    name_claim: String,
    roles_claim: String,
    roles: Vec<(String, Role)>,
}

/// What is wrong with `api.oidc`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// An entry of another form.
    #[error("api.oidc.roles: entry {0} is not of the form group:role; roles are viewer, operator, approver")]
    Roles(usize),
    /// Something that belongs to it is missing, or an address cannot be used.
    #[error("api.oidc: {0}")]
    Incomplete(&'static str),
}

impl Oidc {
    /// The issuer of the configuration; absent where none is named.
    ///
    /// # Errors
    /// The configuration names one and cannot be used.
    pub(crate) fn of(config: &OidcConfig) -> Result<Option<Self>, OidcError> {
        let Some(issuer) = config.issuer.clone() else { return Ok(None) };
        let audience = config.audience.clone().ok_or(OidcError::Incomplete("audience has to be set"))?;
        if config.roles.is_empty() {
            return Err(OidcError::Incomplete("without roles nobody could call"));
        }
        let entries = config.roles.iter().enumerate();
        let roles = entries.map(|(index, entry)| role(entry).ok_or(OidcError::Roles(index + 1)));
        Ok(Some(Self {
            keys: IssuerKeys::new(&issuer, config.jwks_url.as_deref())?,
            expected: Expected { issuer, audience },
            name_claim: config.name_claim.clone(),
            roles_claim: config.roles_claim.clone(),
            roles: roles.collect::<Result<_, _>>()?,
        }))
    }

    /// Whose token it is.
    pub(crate) async fn principal(&self, text: &str, now: Timestamp) -> Result<Principal, Refused> {
        let invalid = |error: token::TokenProblem| Refused::Invalid(error.to_string());
        let token = token::Token::parse(text).map_err(invalid)?;
        let key = self.keys.find(token.key_id(), now).await?;
        let claims = token.verified(&key).map_err(invalid)?;
        self.expected.check(&claims, now).map_err(invalid)?;
        let name = claims.get(&self.name_claim).and_then(Value::as_str).unwrap_or_default();
        if !tokens::is_name(name) {
            return Err(Refused::Nobody(format!("the claim {} holds no usable name", self.name_claim)));
        }
        let role = self.role_of(&claims).ok_or_else(|| Refused::Nobody(format!("{name} has no role")))?;
        Ok(Principal::person(name, role))
    }

    /// The highest role that the groups stand for.
    fn role_of(&self, claims: &Value) -> Option<Role> {
        let groups = match claims.get(&self.roles_claim)? {
            Value::Array(groups) => groups.iter().filter_map(Value::as_str).collect(),
            Value::String(group) => vec![group.as_str()],
            _ => vec![],
        };
        let mapped = self.roles.iter().filter(|(group, _)| groups.contains(&group.as_str()));
        mapped.map(|(_, role)| *role).max()
    }
}

/// `group:role`; the group may have colons.
fn role(entry: &str) -> Option<(String, Role)> {
    let (group, role) = entry.rsplit_once(':')?;
    let group = group.trim();
    (!group.is_empty()).then_some((group.to_owned(), role.trim().parse().ok()?))
}
