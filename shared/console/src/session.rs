//! Sessions of browsers: a signed cookie, and nothing kept by the server.
//!
//! A session says which entry of `api.tokens` opened it, or whom the issuer has vouched for, not what its holder may do: that
//! is looked up at each request, so that a token that is taken out of the configuration, or a group that gets another role,
//! takes its sessions along.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_api::{Callers, Fingerprint, Person, Principal};
use jiff::Timestamp;
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::cookie::SESSION;

/// Keys made of one secret, so that what signs sessions never signs anything else.
#[derive(Clone)]
pub(crate) struct Keys {
    sessions: Hmac<Sha256>,
    forms: Hmac<Sha256>,
    /// For ways to the issuer.
    pub(crate) attempts: Hmac<Sha256>,
}

impl Keys {
    pub(crate) fn derive(secret: &[u8]) -> Self {
        let key = |label: &[u8]| keyed(&keyed(secret).chain_update(label).finalize().into_bytes());
        Self {
            sessions: key(b"reaper console session 1"),
            forms: key(b"reaper console form 1"),
            attempts: key(b"reaper console sign-in 1"),
        }
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

/// What opened the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Holder {
    /// The fingerprint of a token of the configuration.
    Token(String),
    /// Somebody whom the issuer has vouched for.
    Person(Person),
}

impl Session {
    /// Of somebody who has shown a token.
    pub(crate) fn of_token(token: &Fingerprint, until: Timestamp) -> Self {
        Self { id: Uuid::now_v7(), holder: Holder::Token(token.to_string()), until }
    }

    /// Of somebody who has signed in at the issuer.
    pub(crate) fn of_person(person: Person, until: Timestamp) -> Self {
        Self { id: Uuid::now_v7(), holder: Holder::Person(person), until }
    }

    /// Who it is, as of now; `None` once it is over.
    pub(crate) fn principal(&self, callers: &Callers, now: Timestamp) -> Option<Principal> {
        if now >= self.until {
            return None;
        }
        match &self.holder {
            Holder::Token(fingerprint) => callers.holder(&fingerprint.parse().ok()?),
            Holder::Person(person) => callers.present(person),
        }
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
        SESSION.set(self, &keys.sessions, self.until.duration_since(now).as_secs(), secure)
    }

    /// The session of a request; `None` where there is none, or one that we did not sign.
    pub(crate) fn of_request(headers: &HeaderMap, keys: &Keys) -> Option<Self> {
        SESSION.of_request(headers, &keys.sessions)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;

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
