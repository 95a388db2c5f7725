//! People who sign in elsewhere: tokens that an OpenID Connect issuer has signed (JWT, RFC 7519).
//!
//! The signature is checked with the issuer's published keys, by RS256, ES256 or EdDSA; then issuer, audience and times. A
//! claim gives the name, another one groups that stand for roles. Whoever has no role may not call.
//!
//! Programs bring such a token along (`principal`); browsers are sent to the issuer and come back with a code that it gives
//! one for (`code_flow`).

mod code_flow;
mod issuer;
mod issuer_keys;
mod jwk;
mod token;

use std::sync::Arc;

use chat::Role;
use jiff::Timestamp;
use revocation::config::OidcConfig;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::auth::Principal;
use crate::tokens;

use code_flow::Client;
pub use code_flow::SignInAttempt;
use issuer::Issuer;
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
    issuer: Arc<Issuer>,
    keys: IssuerKeys,
    /// Who the tokens that programs bring along are for.
    audience: String,
    /// Absent: browsers are not sent to the issuer.
    client: Option<Client>,
    name_claim: String,
    roles_claim: String,
    roles: Vec<(String, Role)>,
}

/// Somebody whom the issuer has vouched for, as a session keeps it: which role that means is looked up each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    issuer: String,
    name: String,
    /// Of the groups that stand for a role the one with the highest.
    group: String,
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
        let Some(issuer) = &config.issuer else { return Ok(None) };
        let audience = config.audience.clone().or_else(|| config.client_id.clone());
        let audience = audience.ok_or(OidcError::Incomplete("audience or client_id has to be set"))?;
        if config.roles.is_empty() {
            return Err(OidcError::Incomplete("without roles nobody could call"));
        }
        let entries = config.roles.iter().enumerate();
        let roles = entries.map(|(index, entry)| role(entry).ok_or(OidcError::Roles(index + 1)));
        let issuer = Arc::new(Issuer::new(issuer)?);
        Ok(Some(Self {
            keys: IssuerKeys::new(issuer.clone(), config.jwks_url.as_deref())?,
            issuer,
            audience,
            client: Client::of(config),
            name_claim: config.name_claim.clone(),
            roles_claim: config.roles_claim.clone(),
            roles: roles.collect::<Result<_, _>>()?,
        }))
    }

    /// Whose token it is.
    pub(crate) async fn principal(&self, text: &str, now: Timestamp) -> Result<Principal, Refused> {
        let claims = self.claims(text, &self.audience, now).await?;
        self.present(&self.person(&claims)?)
    }

    /// Where a browser goes to sign in; `None`: it cannot.
    pub(crate) async fn address(
        &self,
        attempt: &SignInAttempt<'_>,
        now: Timestamp,
    ) -> Option<Result<String, Refused>> {
        Some(self.client.as_ref()?.address(&self.issuer, attempt, now).await)
    }

    /// Who has come back with a code.
    pub(crate) async fn arrival(
        &self,
        code: &str,
        attempt: &SignInAttempt<'_>,
        now: Timestamp,
    ) -> Result<(Principal, Person), Refused> {
        let nobody = || Refused::Invalid("browsers are not sent to the issuer".to_owned());
        let client = self.client.as_ref().ok_or_else(nobody)?;
        let token = client.token(&self.issuer, code, attempt, now).await?;
        let claims = self.claims(&token, client.id(), now).await?;
        client.check(&claims, attempt.nonce)?;
        let person = self.person(&claims)?;
        Ok((self.present(&person)?, person))
    }

    /// What somebody may do by now who has signed in before.
    pub(crate) fn present(&self, person: &Person) -> Result<Principal, Refused> {
        let role = self.roles.iter().filter(|(group, _)| *group == person.group).map(|(_, role)| *role).max();
        match role.filter(|_| person.issuer == self.issuer.name()) {
            Some(role) => Ok(Principal::person(&person.name, role)),
            None => Err(Refused::Nobody(format!("{} has no role", person.name))),
        }
    }

    /// Whether this is how the issuer calls itself.
    pub(crate) fn is_issuer(&self, name: &str) -> bool {
        self.issuer.name() == name
    }

    /// What a token says that the issuer has made for somebody.
    async fn claims(&self, text: &str, audience: &str, now: Timestamp) -> Result<Value, Refused> {
        let invalid = |error: token::TokenProblem| Refused::Invalid(error.to_string());
        let token = token::Token::parse(text).map_err(invalid)?;
        let key = self.keys.find(token.key_id(), now).await?;
        let claims = token.verified(&key).map_err(invalid)?;
        Expected { issuer: self.issuer.name(), audience }.check(&claims, now).map_err(invalid)?;
        Ok(claims)
    }

    fn person(&self, claims: &Value) -> Result<Person, Refused> {
        let name = claims.get(&self.name_claim).and_then(Value::as_str).unwrap_or_default();
        if !tokens::is_name(name) {
            return Err(Refused::Nobody(format!("the claim {} holds no usable name", self.name_claim)));
        }
        let group = self.highest(claims).ok_or_else(|| Refused::Nobody(format!("{name} has no role")))?;
        Ok(Person { issuer: self.issuer.name().to_owned(), name: name.to_owned(), group: group.to_owned() })
    }

    /// The group with the highest role.
    fn highest(&self, claims: &Value) -> Option<&str> {
        let groups = match claims.get(&self.roles_claim)? {
            Value::Array(groups) => groups.iter().filter_map(Value::as_str).collect(),
            Value::String(group) => vec![group.as_str()],
            _ => vec![],
        };
        let mapped = self.roles.iter().filter(|(group, _)| groups.contains(&group.as_str()));
        mapped.max_by_key(|(_, role)| *role).map(|(group, _)| group.as_str())
    }
}

/// `group:role`; the group may have colons.
fn role(entry: &str) -> Option<(String, Role)> {
    let (group, role) = entry.rsplit_once(':')?;
    let group = group.trim();
    (!group.is_empty()).then_some((group.to_owned(), role.trim().parse().ok()?))
}
