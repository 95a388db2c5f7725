//! Sessions of browsers: a signed cookie, and nothing kept by the server.
//!
//! A session says which entry of `api.tokens` opened it, not what its holder may do: that is looked up at each request, so
//! that a token that is taken out of the configuration, or gets another role, takes its sessions along.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_api::{Callers, Fingerprint, Principal};
use jiff::Timestamp;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

/// Over TLS. The prefix makes browsers refuse it from other hosts, other paths and plain HTTP.
const SECURE_NAME: &str = "__Host-reaper";

/// Without TLS, on this machine.
const PLAIN_NAME: &str = "reaper-session";

/// The longest cookie that is looked at, in bytes. Ours have about 250.
const COOKIE_MAX: usize = 1024;

/// Two keys made of one secret, so that what signs sessions never signs anything else.
#[derive(Clone)]
pub(crate) struct Keys {
    sessions: Hmac<Sha256>,
    forms: Hmac<Sha256>,
}

impl Keys {
    pub(crate) fn derive(secret: &[u8]) -> Self {
        let key = |label: &[u8]| keyed(&keyed(secret).chain_update(label).finalize().into_bytes());
        Self { sessions: key(b"reaper console session 1"), forms: key(b"reaper console form 1") }
    }

    pub(crate) fn random() -> Self {
        let mut secret = [0_u8; 32];
        rand::rng().fill_bytes(&mut secret);
        Self::derive(&secret)
    }
}

/// A key of any length will do for HMAC (RFC 2104, section 2).
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&[0; 64].into()))
}

/// A person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    id: Uuid,
    holder: Holder,
    until: Timestamp,
}

/// What opened the session. Another way to sign in is another variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Holder {
    /// The fingerprint of a token of the configuration.
    Token(String),
}

impl Session {
    /// Of somebody who has shown a token.
    pub(crate) fn of_token(token: &Fingerprint, until: Timestamp) -> Self {
        Self { id: Uuid::now_v7(), holder: Holder::Token(token.to_string()), until }
    }

    /// Who it is, as of now; `None` once it is over.
    pub(crate) fn principal(&self, callers: &Callers, now: Timestamp) -> Option<Principal> {
        let Holder::Token(fingerprint) = &self.holder;
        (now < self.until).then(|| callers.holder(&fingerprint.parse().ok()?)).flatten()
    }

    /// What proves that a form was made for this session.
    pub(crate) fn form_token(&self, keys: &Keys) -> String {
        let mac = keys.forms.clone().chain_update(self.id.as_bytes()).finalize();
        URL_SAFE_NO_PAD.encode(mac.into_bytes())
    }

    /// Whether a form was made for this session.
    pub(crate) fn has_made(&self, form_token: &str, keys: &Keys) -> bool {
        let Ok(presented) = URL_SAFE_NO_PAD.decode(form_token) else { return false };
        keys.forms.clone().chain_update(self.id.as_bytes()).verify_slice(&presented).is_ok()
    }

    /// The cookie, as `Set-Cookie` has it.
    pub(crate) fn to_cookie(&self, keys: &Keys, secure: bool, now: Timestamp) -> String {
        // A structure of texts always has a JSON form.
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let mac = URL_SAFE_NO_PAD.encode(keys.sessions.clone().chain_update(&body).finalize().into_bytes());
        let seconds = self.until.duration_since(now).as_secs().max(0);
        cookie(&format!("{body}.{mac}"), seconds, secure)
    }

    /// The session of a request; `None` where there is none, or one that we did not sign.
    pub(crate) fn of_request(headers: &HeaderMap, keys: &Keys) -> Option<Self> {
        let (body, mac) = presented(headers)?.split_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        keys.sessions.clone().chain_update(body).verify_slice(&mac).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
    }
}

/// Cookies that end the session, whichever name it has.
pub(crate) fn no_cookies() -> [String; 2] {
    [cookie("", 0, true), cookie("", 0, false)]
}

fn cookie(value: &str, seconds: i64, secure: bool) -> String {
    let (name, more) = if secure { (SECURE_NAME, "; Secure") } else { (PLAIN_NAME, "") };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{more}")
}

/// The value of the one cookie that counts. Where the secure one is there, the plain one may be anybody's. Two of a name are
/// none.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let of = |name: &str| {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(given, _)| *given == name).map(|(_, value)| value).collect::<Vec<_>>()
    };
    let secure = of(SECURE_NAME);
    let values = if secure.is_empty() { of(PLAIN_NAME) } else { secure };
    let [value] = values[..] else { return None };
    (value.len() <= COOKIE_MAX).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::derive(b"a secret of the configuration")
    }

    fn session() -> Session {
        Session::of_token(&"ab".repeat(32).parse().unwrap(), "2026-11-24T12:00:00Z".parse().unwrap())
    }

    fn headers(cookies: &[String]) -> HeaderMap {
        cookies.iter().map(|cookie| (COOKIE, cookie.parse().unwrap())).collect()
    }

    fn sent(secure: bool) -> String {
        let cookie = session_cookie(&session(), secure);
        cookie.split(';').next().unwrap().to_owned()
    }

    fn session_cookie(session: &Session, secure: bool) -> String {
        session.to_cookie(&keys(), secure, "2026-11-24T11:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_cookie_is_not_for_scripts_nor_for_other_sites_and_ends() {
        let plain = session_cookie(&session(), false);
        assert!(plain.ends_with("; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict"), "{plain}");
        let secure = session_cookie(&session(), true);
        assert!(secure.starts_with("__Host-reaper=") && secure.ends_with("; Secure"), "{secure}");
    }

    #[test]
    fn what_was_signed_is_read_again() {
        let session = session();
        for secure in [false, true] {
            let sent = session_cookie(&session, secure).split(';').next().unwrap().to_owned();
            let read = Session::of_request(&headers(&[format!("a=b; {sent}; c=d")]), &keys());
            assert_eq!(read, Some(session.clone()));
        }
    }

    #[test]
    fn what_was_not_signed_by_this_key_is_no_session() {
        let sent = sent(false);
        let (name, value) = sent.split_once('=').unwrap();
        let (body, mac) = value.split_once('.').unwrap();
        assert!(Session::of_request(&headers(std::slice::from_ref(&sent)), &keys()).is_some());
        assert!(
            Session::of_request(&headers(std::slice::from_ref(&sent)), &Keys::derive(b"another")).is_none()
        );
        let mut forged = URL_SAFE_NO_PAD.decode(body).unwrap();
        forged[8] ^= 1;
        let forged = URL_SAFE_NO_PAD.encode(forged);
        for bad in [
            String::new(),
            ".".into(),
            body.into(),
            format!("{body}."),
            format!("{forged}.{mac}"),
            format!("{body}.{mac}x"),
        ] {
            assert!(Session::of_request(&headers(&[format!("{name}={bad}")]), &keys()).is_none(), "{bad}");
        }
    }

    #[test]
    fn two_cookies_are_none_and_a_plain_one_does_not_stand_in_for_a_secure_one() {
        assert!(Session::of_request(&headers(&[sent(false), sent(false)]), &keys()).is_none());
        let fixed = headers(&["__Host-reaper=broken".into(), sent(false)]);
        assert!(Session::of_request(&fixed, &keys()).is_none());
    }

    #[test]
    fn a_form_belongs_to_one_session() {
        let (mine, other) = (session(), session());
        let token = mine.form_token(&keys());
        assert!(mine.has_made(&token, &keys()));
        assert!(!other.has_made(&token, &keys()));
        assert!(!mine.has_made("", &keys()) && !mine.has_made(&token[1..], &keys()));
        assert!(!mine.has_made(&token, &Keys::derive(b"another")));
    }
}
