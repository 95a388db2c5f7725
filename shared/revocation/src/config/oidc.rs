//! Sign-in of people.

use ::chat::Secret;
use serde::{Deserialize, Serialize};

use super::Config;

/// Sign-in of people by an OpenID Connect issuer. Without an issuer it is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OidcConfig {
    /// The issuer, as it stands in the claim `iss`.
    pub issuer: Option<String>,
    /// What has to be in the claim `aud`.
    pub audience: Option<String>,
    /// What the issuer calls us; absent: browsers are not sent to it.
    pub client_id: Option<String>,
    /// What we show the issuer; absent: a public client.
    pub client_secret: Option<Secret>,
    /// What the issuer is asked to tell, with spaces between.
    pub scope: String,
    /// Where the issuer's keys are, in place of what it says itself.
    pub jwks_url: Option<String>,
    /// The claim that holds the name.
    pub name_claim: String,
    /// The claim that holds groups.
    pub roles_claim: String,
    /// Which role a group has: `group:role`.
    pub roles: Vec<String>,
}

impl Default for OidcConfig {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: None,
            client_id: None,
            client_secret: None,
            scope: "openid profile email".into(),
            jwks_url: None,
            name_claim: "sub".into(),
            roles_claim: "groups".into(),
            roles: vec![],
        }
    }
}

impl Config {
    /// What cannot be used of the sign-in by browsers.
    pub(super) fn sign_in_problem(&self) -> Option<String> {
        let oidc = &self.api.oidc;
        if oidc.client_id.is_none() {
            return oidc
                .client_secret
                .is_some()
                .then(|| "api.oidc.client_secret is of no use without client_id".into());
        }
        let missing = if oidc.issuer.is_none() {
            "api.oidc.issuer"
        } else if self.console.origin.is_none() {
            "console.origin, where browsers come back to"
        } else {
            return None;
        };
        Some(format!("api.oidc.client_id needs {missing}"))
    }
}
