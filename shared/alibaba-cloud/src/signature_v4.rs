//! What the signatures V4 of OSS and of the Simple Log Service have in common: a canonical request is signed with a key of one
//! day, one region and one service. What a canonical request is made of differs, and stands with each.

use std::fmt;

use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::credentials::Credentials;
use crate::signature::{hmac_sha256, sha256_hex};

/// What ends every scope.
const TERMINATOR: &str = "aliyun_v4_request";

/// The headers that make a request a signed one.
#[derive(Clone)]
pub struct Signed {
    /// Name and value of every header to send, `authorization` among them.
    pub headers: Vec<(&'static str, String)>,
    /// The signature, hexadecimal.
    pub signature: String,
}

/// The headers hold the security token: only their names are shown.
impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Signed").field("headers", &names).finish()
    }
}

/// What a service calls its algorithm, and itself.
pub(crate) struct Scheme {
    pub(crate) algorithm: &'static str,
    pub(crate) service: &'static str,
}

impl Scheme {
    /// The scope of the signature, and the signature, hexadecimal.
    pub(crate) fn sign(
        &self,
        canonical: &str,
        credentials: &Credentials,
        region: &str,
        now: Timestamp,
    ) -> (String, String) {
        let date = now.strftime("%Y%m%d").to_string();
        let scope = format!("{date}/{region}/{}/{TERMINATOR}", self.service);
        let hash = sha256_hex(canonical.as_bytes());
        let to_sign = format!("{}\n{}\n{scope}\n{hash}", self.algorithm, time(now));
        let secret = credentials.access_key_secret.expose_secret();
        let first = hmac_sha256(format!("aliyun_v4{secret}").as_bytes(), date.as_bytes());
        let parts = [region, self.service, TERMINATOR];
        let key = parts.iter().fold(first, |key, part| hmac_sha256(&key, part.as_bytes()));
        (scope, hex::encode(hmac_sha256(&key, to_sign.as_bytes())))
    }
}

/// As a request says when it was signed.
pub(crate) fn time(now: Timestamp) -> String {
    now.strftime("%Y%m%dT%H%M%SZ").to_string()
}
