//! Standard Webhooks: messages to any program that checks them.
//!
//! Source: the specification 1.0.0 at <https://www.standardwebhooks.com> (headers, content that is signed, `whsec_`
//! secrets of 24 to 64 bytes, several signatures while a secret is replaced). The vector was printed by the package
//! standardwebhooks 1.1.0 (PyPI).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::secret::{REDACTED, Secret, SecretError};
use crate::signature::mac;

/// The header with the id of the message: the same however often it is sent.
pub const ID: &str = "webhook-id";
/// The header with the time of sending, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signatures.
pub const SIGNATURE: &str = "webhook-signature";

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// The bytes of a key.
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret that webhooks are signed with, as `whsec_` and base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(Vec<u8>);

/// Why a text is no such secret. The text is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Another form.
    #[error("the secret of a webhook is `whsec_` and 24 to 64 bytes in base64")]
    Form,
    /// Not a secret at all.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl TryFrom<String> for Key {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        let secret = Secret::try_from(text)?;
        let encoded = secret.expose().strip_prefix(PREFIX).ok_or(KeyError::Form)?;
        let bytes = BASE64.decode(encoded).map_err(|_| KeyError::Form)?;
        if KEY_LENGTHS.contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(KeyError::Form) }
    }
}

/// A configuration that is shown does not show it.
impl From<Key> for String {
    fn from(_: Key) -> Self {
        REDACTED.to_owned()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// The values of the three headers: one signature for each key, so that the receiver can replace its own at any time.
pub fn sign(id: &str, at: Timestamp, body: &[u8], keys: &[Key]) -> [(&'static str, String); 3] {
    let at = at.as_second().to_string();
    let signed = |key: &Key| {
        let mac = mac(&key.0, &[id.as_bytes(), b".", at.as_bytes(), b".", body]);
        format!("v1,{}", BASE64.encode(mac))
    };
    let signatures: Vec<String> = keys.iter().map(signed).collect();
    [(ID, id.to_owned()), (TIMESTAMP, at), (SIGNATURE, signatures.join(" "))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<Key, KeyError> {
        Key::try_from(text.to_owned())
    }

    /// `Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)`.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const GOOD: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn it_signs_as_the_package_does() {
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let [(_, named), (_, stamped), (_, one)] = sign(id, at, BODY, &[key(SECRET).unwrap()]);
        assert_eq!((named.as_str(), stamped.as_str(), one.as_str()), (id, "1614265330", GOOD));
        let next = key("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let [_, _, (_, two)] = sign(id, at, BODY, &[next, key(SECRET).unwrap()]);
        assert!(two.ends_with(&format!(" {GOOD}")) && two.matches("v1,").count() == 2, "{two}");
    }

    #[test]
    fn a_key_has_its_form_and_is_never_shown() {
        for text in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqr", "whsec_no base64 at all!!"] {
            assert_eq!(key(text), Err(KeyError::Form), "{text}");
        }
        assert_eq!(key("[redacted]"), Err(KeyError::Secret(SecretError::Redacted)));
        assert_eq!(format!("{:?}", key(SECRET).unwrap()), "[redacted]");
        assert_eq!(String::from(key(SECRET).unwrap()), "[redacted]");
    }
}
