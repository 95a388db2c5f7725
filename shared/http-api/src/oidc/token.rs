//! One token: its three parts, its signature, and what it has to say (RFC 7515 and 7519).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::jwk::{Algorithm, Key};

/// The longest token, in bytes. Those with hundreds of groups stay below.
const LENGTH_MAX: usize = 16 * 1024;

/// How far the clocks may be apart, in seconds.
const LEEWAY: f64 = 60.0;

/// Why a token is not taken. Quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenProblem {
    #[error("longer than {LENGTH_MAX} bytes")]
    TooLong,
    #[error("not three parts in base64url")]
    Form,
    #[error("a header that is not understood, or an algorithm that is not taken")]
    Header,
    #[error("signed by another algorithm than its key's")]
    Algorithm,
    #[error("not the signature of its key")]
    Signature,
    #[error("claims that are no JSON object")]
    Claims,
    #[error("another issuer")]
    Issuer,
    #[error("another audience")]
    Audience,
    #[error("no expiry, or expired")]
    Expired,
    #[error("not valid yet")]
    Early,
}

/// A token that nobody has vouched for yet.
pub(super) struct Token<'a> {
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
    header: Header,
}

/// Addresses and keys that a header may carry are not read: nobody chooses the key that they are checked with.
#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    kid: String,
    /// Extensions that have to be understood. None is.
    crit: Option<Value>,
}

impl<'a> Token<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, TokenProblem> {
        if text.len() > LENGTH_MAX {
            return Err(TokenProblem::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenProblem::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenProblem::Form)?;
        let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| TokenProblem::Header)?;
        if header.crit.is_some() {
            return Err(TokenProblem::Header);
        }
        Ok(Self { signed, claims, signature: decoded(signature)?, header })
    }

    pub(super) fn key_id(&self) -> &str {
        &self.header.kid
    }

    /// What it says, if it is the key's word. The key says how it signs, not the token.
    pub(super) fn verified(&self, key: &Key) -> Result<Value, TokenProblem> {
        if self.header.alg != key.algorithm() {
            return Err(TokenProblem::Algorithm);
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(TokenProblem::Signature);
        }
        let claims: Value =
            serde_json::from_slice(&decoded(self.claims)?).map_err(|_| TokenProblem::Claims)?;
        if claims.is_object() { Ok(claims) } else { Err(TokenProblem::Claims) }
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenProblem> {
    BASE64URL.decode(part).map_err(|_| TokenProblem::Form)
}

/// Whose tokens, and made for whom.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
}

impl Expected<'_> {
    pub(super) fn check(&self, claims: &Value, now: Timestamp) -> Result<(), TokenProblem> {
        if claims["iss"].as_str() != Some(self.issuer) {
            return Err(TokenProblem::Issuer);
        }
        let is_ours = |value: &Value| value.as_str() == Some(self.audience);
        let audiences = claims["aud"].as_array();
        if !is_ours(&claims["aud"]) && !audiences.is_some_and(|all| all.iter().any(is_ours)) {
            return Err(TokenProblem::Audience);
        }
        let now = now.as_duration().as_secs_f64();
        if claims["exp"].as_f64().is_none_or(|at| at + LEEWAY <= now) {
            return Err(TokenProblem::Expired);
        }
        // Both are optional; what is there has to be a time.
        let is_ahead = |claim: &Value| !claim.is_null() && claim.as_f64().is_none_or(|at| at > now + LEEWAY);
        if is_ahead(&claims["nbf"]) || is_ahead(&claims["iat"]) {
            return Err(TokenProblem::Early);
        }
        Ok(())
    }
}
