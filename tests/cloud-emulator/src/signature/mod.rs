//! Request signatures: who sent a request, and was it sent like this.
//!
//! A scheme reads a request into a [`Claim`]; whether the claim holds is decided in one place for all schemes.

mod acs3;
mod oss;
mod roa;
mod rpc;
mod sls;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::account::{Account, Identity, Key};
use crate::moment::{SKEW, within_skew};
use crate::service::{Request, Service};

/// Who sent a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) identity: Identity,
    /// The access key, empty for a call that was made in process.
    pub(crate) key_id: String,
    /// The session of an assumed role.
    pub(crate) session: Option<String>,
}

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denied {
    /// There is no signature.
    Unsigned,
    /// Something that a signature needs is missing or malformed.
    Incomplete(String),
    /// The signature method is not one of those that are checked here.
    Method(String),
    /// Nobody has this access key.
    UnknownKey(String),
    /// The access key is switched off.
    InactiveKey,
    /// The signature is another one.
    Mismatch {
        /// What would have had to be signed.
        string_to_sign: String,
    },
    /// The date of the request is too far from the clock.
    Date(String),
    /// The nonce was used before.
    Replayed,
    /// The security token is not the one of the key.
    Token,
    /// The session has ended.
    TokenExpired,
}

/// What a request says about its own signature.
#[derive(Debug)]
pub(crate) struct Claim {
    key_id: String,
    token: Option<String>,
    nonce: Option<String>,
    date: Timestamp,
    algorithm: Algorithm,
    /// More than one where clients differ in what they sign; one has to fit.
    strings_to_sign: Vec<String>,
    signature: String,
}

/// How a string to sign becomes a signature.
#[derive(Debug)]
enum Algorithm {
    /// Hexadecimal HMAC-SHA256.
    Sha256Hex,
    /// Base64 HMAC-SHA1.
    Sha1,
    /// Base64 HMAC-SHA256.
    Sha256,
    /// Base64 HMAC-SHA1 with `&` behind the secret.
    Sha1Ampersand,
    /// Hexadecimal HMAC-SHA256 with a key made for one day and region.
    Sls4 { date: String, region: String },
    /// The same for OSS.
    Oss4 { date: String, region: String },
}

impl Algorithm {
    fn sign(&self, secret: &str, text: &str) -> String {
        match self {
            Self::Sha256Hex => hex::encode(hmac_sha256(secret.as_bytes(), text)),
            Self::Sha1 => STANDARD.encode(hmac_sha1(secret.as_bytes(), text)),
            Self::Sha256 => STANDARD.encode(hmac_sha256(secret.as_bytes(), text)),
            Self::Sha1Ampersand => STANDARD.encode(hmac_sha1(format!("{secret}&").as_bytes(), text)),
            Self::Sls4 { date, region } => v4(secret, [date, region, "sls"], text),
            Self::Oss4 { date, region } => v4(secret, [date, region, "oss"], text),
        }
    }

    /// The region that a signature is good for, where the service holds to it.
    fn region(&self) -> Option<&str> {
        match self {
            Self::Oss4 { region, .. } => Some(region),
            _ => None,
        }
    }
}

fn v4(secret: &str, scope: [&str; 3], text: &str) -> String {
    let steps = scope.into_iter().chain(["aliyun_v4_request"]);
    let start = format!("aliyun_v4{secret}").into_bytes();
    let key = steps.fold(start, |key, step| hmac_sha256(&key, step));
    hex::encode(hmac_sha256(&key, text))
}

impl Claim {
    fn read(service: Service, request: &Request) -> Result<Self, Denied> {
        let authorization = request.header("authorization");
        match service {
            Service::Sls => sls::read(request, &authorization),
            Service::Oss => oss::read(request, &authorization),
            _ if authorization.starts_with("ACS3-") => acs3::read(request, &authorization),
            Service::Cs => roa::read(request, &authorization),
            _ => rpc::read(request),
        }
    }
}

/// Nonces that were used, as long as a request with one could still be served.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    seen: Mutex<BTreeMap<(String, String), Timestamp>>,
}

impl Nonces {
    /// Remembers a nonce; false if it is known.
    fn first_use(&self, key_id: &str, nonce: &str, now: Timestamp) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Checked only now and then: each sweep is paid for by as many insertions as it can find.
        if seen.len() % 1024 == 1023 {
            seen.retain(|_, at| now.duration_since(*at) <= SKEW * 2);
        }
        seen.insert((key_id.to_owned(), nonce.to_owned()), now).is_none()
    }
}

/// Finds out who sent a request. `clock` is real time, `now` the emulator's.
pub(crate) fn caller(
    service: Service,
    request: &Request,
    account: &Account,
    nonces: &Nonces,
    clock: Timestamp,
    now: Timestamp,
) -> Result<Caller, Denied> {
    let claim = Claim::read(service, request)?;
    let key = account.key(&claim.key_id).ok_or_else(|| Denied::UnknownKey(claim.key_id.clone()))?;
    check_token(&key, claim.token.as_deref(), now)?;
    if !within_skew(claim.date, clock) {
        return Err(Denied::Date(claim.date.to_string()));
    }
    let secret = key.secret().expose();
    let fits = |text: &String| claim.algorithm.sign(secret, text) == claim.signature;
    if !claim.strings_to_sign.iter().any(fits) {
        let string_to_sign = claim.strings_to_sign.into_iter().next().unwrap_or_default();
        return Err(Denied::Mismatch { string_to_sign });
    }
    if claim.algorithm.region().is_some_and(|region| region != account.region) {
        return Err(Denied::Incomplete("The signing region".to_owned()));
    }
    if let Some(nonce) = &claim.nonce
        && !nonces.first_use(&claim.key_id, nonce, clock)
    {
        return Err(Denied::Replayed);
    }
    let identity = account.identity(key.owner()).cloned();
    let identity = identity.ok_or_else(|| Denied::UnknownKey(claim.key_id.clone()))?;
    let session = match key {
        Key::Access(_) => None,
        Key::Session(session) => Some(session.session),
    };
    Ok(Caller { identity, key_id: claim.key_id, session })
}

pub(crate) fn check_token(key: &Key, token: Option<&str>, now: Timestamp) -> Result<(), Denied> {
    match (key, token) {
        (Key::Access(key), None) if key.active => Ok(()),
        (Key::Access(_), None) => Err(Denied::InactiveKey),
        (Key::Access(_), Some(_)) => Err(Denied::Token),
        (Key::Session(session), token) if token == Some(session.token.expose()) => {
            if session.expires > now {
                Ok(())
            } else {
                Err(Denied::TokenExpired)
            }
        }
        (Key::Session(_), _) => Err(Denied::Token),
    }
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of any length.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn hmac_sha1(key: &[u8], text: &str) -> Vec<u8> {
    Hmac::<Sha1>::new_from_slice(key)
        .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// RFC 3986: everything but letters, digits and `-_.~`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `name=value` of every pair, encoded and sorted by name.
fn canonical_query(pairs: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = pairs.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The path with `name=value` of every pair behind it, sorted by name and not encoded.
fn plain_resource(request: &Request, join: impl Fn(&str, &str) -> String) -> String {
    let mut pairs = request.query.clone();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| join(name, value)).collect();
    if pairs.is_empty() { request.path.clone() } else { format!("{}?{}", request.path, pairs.join("&")) }
}

/// Sorted `name:value\n` of the headers that `wanted` names.
fn canonical_headers(request: &Request, wanted: impl Fn(&str) -> bool) -> (String, Vec<String>) {
    let mut names: Vec<_> = request.headers.keys().map(|n| n.as_str().to_owned()).collect();
    names.retain(|name| wanted(name));
    names.sort();
    names.dedup();
    let lines = names.iter().map(|name| format!("{name}:{}\n", request.header(name))).collect();
    (lines, names)
}

fn optional(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
pub(crate) mod vectors {
    //! Requests with known signatures.

    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Algorithm, Claim};
    use crate::service::Request;

    pub(super) fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header name");
            map.insert(name, HeaderValue::from_str(value).expect("a header value"));
        }
        Request::new(method, uri, map, body.to_owned().into())
    }

    pub(super) fn signatures(claim: &Claim, secret: &str) -> Vec<String> {
        claim.strings_to_sign.iter().map(|text| claim.algorithm.sign(secret, text)).collect()
    }

    #[test]
    fn hmac_of_the_empty_text() {
        let signed = Algorithm::Sha256Hex.sign("", "");
        assert_eq!(signed, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    }
}
