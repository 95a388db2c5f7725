//! Cookies that we have signed: what browsers keep for us.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

/// The longest cookie that is looked at, in bytes. Ours have some hundreds; a browser keeps 4096 (RFC 6265, section 6.1).
const VALUE_MAX: usize = 3072;

/// A cookie, by what it is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cookie {
    /// Its name over TLS. The prefix makes browsers refuse it from other hosts, other paths and plain HTTP.
    secure: &'static str,
    /// Its name without TLS, on this machine.
    plain: &'static str,
    /// What links from other sites send it along.
    same_site: &'static str,
}

/// Who is signed in. No link from elsewhere sends it.
pub(crate) const SESSION: Cookie =
    Cookie { secure: "__Host-reaper", plain: "reaper-session", same_site: "Strict" };

/// The way to the issuer, which sends the browser back: a link from elsewhere.
pub(crate) const ATTEMPT: Cookie =
    Cookie { secure: "__Host-reaper-sign-in", plain: "reaper-sign-in", same_site: "Lax" };

impl Cookie {
    /// As `Set-Cookie` has it.
    pub(crate) fn set(
        self,
        value: &impl Serialize,
        key: &Hmac<Sha256>,
        seconds: i64,
        secure: bool,
    ) -> String {
        // What we keep there always has a JSON form.
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default());
        let mac = URL_SAFE_NO_PAD.encode(key.clone().chain_update(&body).finalize().into_bytes());
        self.line(&format!("{body}.{mac}"), seconds.max(0), secure)
    }

    /// What makes a browser forget it, whichever name it has.
    pub(crate) fn forget(self) -> [String; 2] {
        [self.line("", 0, true), self.line("", 0, false)]
    }

    /// What a request has; `None` where there is none, or one that we did not sign.
    pub(crate) fn of_request<T: DeserializeOwned>(
        self,
        headers: &HeaderMap,
        key: &Hmac<Sha256>,
    ) -> Option<T> {
        let (body, mac) = self.presented(headers)?.split_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        key.clone().chain_update(body).verify_slice(&mac).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
    }

    fn line(self, value: &str, seconds: i64, secure: bool) -> String {
        let (name, more) = if secure { (self.secure, "; Secure") } else { (self.plain, "") };
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={}{more}", self.same_site)
    }

    /// The value of the one cookie that counts. Where the secure one is there, the plain one may be anybody's. Two of a name
    /// are none.
    fn presented(self, headers: &HeaderMap) -> Option<&str> {
        let of = |name: &str| {
            let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
            let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
            pairs.filter(|(given, _)| *given == name).map(|(_, value)| value).collect::<Vec<_>>()
        };
        let secure = of(self.secure);
        let values = if secure.is_empty() { of(self.plain) } else { secure };
        let [value] = values[..] else { return None };
        (value.len() <= VALUE_MAX).then_some(value)
    }
}
