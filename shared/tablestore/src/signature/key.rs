//! Keys and the two strings that they sign.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};
use sha1::Sha1;
use sha2::Sha256;

use super::{SignatureVersion, canonical_headers};
use crate::credentials::Credentials;

/// What requests and their answers are signed with. `Debug` does not show it.
#[derive(Clone)]
pub struct SigningKey {
    version: Version,
    key: SecretSlice<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V2,
    V4,
}

impl SigningKey {
    /// The key of these credentials at this time.
    pub fn new(version: &SignatureVersion, credentials: &Credentials, at: Timestamp) -> Self {
        match version {
            SignatureVersion::V2 => Self::v2(credentials.access_key_secret().expose_secret()),
            SignatureVersion::V4 { region } => {
                Self::v4(credentials.access_key_secret().expose_secret(), &sign_date(at), region)
            }
        }
    }

    /// The key of version 2: the secret.
    pub fn v2(secret: &str) -> Self {
        Self { version: Version::V2, key: secret.as_bytes().to_vec().into() }
    }

    /// The key of version 4, for a day as `YYYYMMDD`.
    pub fn v4(secret: &str, sign_date: &str, region: &str) -> Self {
        let start = format!("aliyun_v4{secret}").into_bytes();
        let parts = [sign_date, region, "ots", "aliyun_v4_request"];
        let key = parts.into_iter().fold(start, |key, part| sha256(&key, part.as_bytes()));
        // It is the base64 text that is used as key from here on, not the bytes.
        Self { version: Version::V4, key: STANDARD.encode(key).into_bytes().into() }
    }

    /// The header that carries the signature of a request.
    pub fn signature_header(&self) -> &'static str {
        match self.version {
            Version::V2 => "x-ots-signature",
            Version::V4 => "x-ots-signaturev4",
        }
    }

    /// Signs a request to an operation with these headers, of which those in `x-ots-` count. Names in lower case; the
    /// header of the signature itself must not be among them.
    pub fn sign_request<'a>(
        &self,
        operation: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> String {
        let text = format!("/{operation}\nPOST\n\n{}\n", canonical_headers(headers));
        let key = self.key.expose_secret();
        STANDARD.encode(match self.version {
            Version::V2 => sha1(key, text.as_bytes()),
            Version::V4 => sha256(key, format!("{text}ots").as_bytes()),
        })
    }

    /// Signs the answer of an operation with these headers. This is HMAC-SHA1 in both versions.
    pub fn sign_response<'a>(
        &self,
        operation: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> String {
        STANDARD.encode(sha1(self.key.expose_secret(), response_text(operation, headers).as_bytes()))
    }

    /// Whether this is the signature of the answer; takes the same time for every wrong one.
    pub(crate) fn verifies_response<'a>(
        &self,
        operation: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a str)>,
        signature: &str,
    ) -> bool {
        let (Ok(signature), Ok(mut mac)) =
            (STANDARD.decode(signature), Hmac::<Sha1>::new_from_slice(self.key.expose_secret()))
        else {
            return false;
        };
        mac.update(response_text(operation, headers).as_bytes());
        mac.verify_slice(&signature).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("version", &self.version).finish_non_exhaustive()
    }
}

/// The day that a key of version 4 is for, in UTC.
pub(super) fn sign_date(at: Timestamp) -> String {
    at.strftime("%Y%m%d").to_string()
}

fn response_text<'a>(operation: &str, headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    format!("{}\n/{operation}", canonical_headers(headers))
}

fn sha1(key: &[u8], text: &[u8]) -> Vec<u8> {
    mac::<Hmac<Sha1>>(key, text)
}

fn sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    mac::<Hmac<Sha256>>(key, text)
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    // An HMAC takes a key of any length, so there is always one.
    let Ok(mut mac) = M::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
