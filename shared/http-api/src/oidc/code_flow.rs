//! Signing in by a browser: the authorization code flow (OpenID Connect Core 1.0, section 3.1) with PKCE (RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL};
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use revocation::config::OidcConfig;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Refused;
use super::issuer::{Issuer, safe, unavailable};

/// The longest code that is handed on, in bytes. Codes have no length of their own; those of large issuers stay below 2,000.
const CODE_MAX: usize = 4096;

/// One browser's way to the issuer and back. The same values have to be given both times; the browser carries none but the
/// first two.
#[derive(Debug, Clone, Copy)]
pub struct SignInAttempt<'a> {
    /// Ties the answer to the browser that asked.
    pub state: &'a str,
    /// Ties the token to the question.
    pub nonce: &'a str,
    /// What only we know, 43 to 128 characters (RFC 7636, section 4.1): a code that was stolen is worth nothing without.
    pub verifier: &'a str,
    /// Where the browser comes back to.
    pub redirect_uri: &'a str,
}

/// Us, as the issuer knows us.
pub(super) struct Client {
    id: String,
    config: OidcConfig,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Client {
    pub(super) fn of(config: &OidcConfig) -> Option<Self> {
        Some(Self { id: config.client_id.clone()?, config: config.clone() })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Where the browser goes.
    pub(super) async fn address(
        &self,
        issuer: &Issuer,
        attempt: &SignInAttempt<'_>,
        now: Timestamp,
    ) -> Result<String, Refused> {
        let endpoint = issuer.discovery(now).await?.authorization_endpoint;
        let mut url =
            safe(&endpoint).ok_or_else(|| unavailable("the issuer signs in at no https:// address"))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.id)
            .append_pair("redirect_uri", attempt.redirect_uri)
            .append_pair("scope", &self.config.scope)
            .append_pair("state", attempt.state)
            .append_pair("nonce", attempt.nonce)
            .append_pair("code_challenge", &BASE64URL.encode(Sha256::digest(attempt.verifier)))
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// The token that the issuer gives for a code.
    pub(super) async fn token(
        &self,
        issuer: &Issuer,
        code: &str,
        attempt: &SignInAttempt<'_>,
        now: Timestamp,
    ) -> Result<String, Refused> {
        if code.is_empty() || code.len() > CODE_MAX {
            return Err(Refused::Invalid("not a code".to_owned()));
        }
        let endpoint = issuer.discovery(now).await?.token_endpoint;
        let url =
            safe(&endpoint).ok_or_else(|| unavailable("the issuer gives tokens at no https:// address"))?;
        let request = issuer.post(url).header(ACCEPT, "application/json");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = match &self.config.client_secret {
            Some(secret) => request.header(AUTHORIZATION, basic(&self.id, secret.expose())),
            None => request,
        };
        let request = request.body(self.question(code, attempt));
        Ok(issuer.answer::<Tokens>(request).await?.id_token)
    }

    /// The fields of the request (section 3.1.3.1; RFC 7636, section 4.5). Who has no secret says who it is.
    fn question(&self, code: &str, attempt: &SignInAttempt<'_>) -> String {
        let mut fields = form_urlencoded::Serializer::new(String::new());
        fields
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", attempt.redirect_uri)
            .append_pair("code_verifier", attempt.verifier);
        if self.config.client_secret.is_none() {
            fields.append_pair("client_id", &self.id);
        }
        fields.finish()
    }

    /// What a token for us has to say beside issuer, audience and times (section 3.1.3.7, steps 4, 5 and 11).
    pub(super) fn check(&self, claims: &Value, nonce: &str) -> Result<(), Refused> {
        let for_several = claims["aud"].as_array().is_some_and(|audiences| audiences.len() > 1);
        let party = claims["azp"].as_str();
        if party.is_some_and(|party| party != self.id) || (for_several && party.is_none()) {
            return Err(Refused::Invalid("a token for another party".to_owned()));
        }
        if claims["nonce"].as_str() == Some(nonce) {
            Ok(())
        } else {
            Err(Refused::Invalid("a token of another sign-in".to_owned()))
        }
    }
}

/// RFC 6749, section 2.3.1: both are form-encoded first.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", BASE64.encode(format!("{}:{}", encoded(id), encoded(secret))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_encoded_before_they_are_joined() {
        // The characters that RFC 6749 has to keep apart.
        let expected = format!("Basic {}", BASE64.encode("re%3Aaper:s%2B+%25cret"));
        assert_eq!(basic("re:aper", "s+ %cret"), expected);
    }
}
