//! Personal values, which stand beside the bytes of a commit. The bytes hold a digest in the place of each: they are hashed
//! and sealed, and stay as they are, whether the value is still there or was erased.
//!
//! As in RFC 9901 (SD-JWT), section 4.2: a disclosure is the base64url of the JSON list `[salt, name, value]`, with 128 random
//! bits as the salt and the name of the field, and its digest is the base64url of the SHA-256 of that text. Without the salt,
//! which goes with the value, nobody can try which value fits a digest that is left.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use rand::Rng as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Bytes of a salt: 128 bits, as the RFC advises.
const SALT: usize = 16;

/// What stands in the bytes of a commit in the place of a personal value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL.encode(self.0))
    }
}

/// A text is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// No digest.
    #[error("not the base64url of a SHA-256")]
    NoDigest,
    /// No disclosure.
    #[error("not the base64url of a list of salt, name and value")]
    NoDisclosure,
}

impl FromStr for Digest {
    type Err = DisclosureError;

    fn from_str(text: &str) -> Result<Self, DisclosureError> {
        let bytes = BASE64URL.decode(text).map_err(|_| DisclosureError::NoDigest)?;
        bytes.try_into().map(Self).map_err(|_| DisclosureError::NoDigest)
    }
}

/// A personal value with its name and its salt. Kept as JSON; its text form is the base64url of that.
#[derive(Clone, PartialEq, Eq)]
pub struct Disclosure(Vec<u8>);

impl Disclosure {
    /// The value under a new salt.
    pub(crate) fn new(name: &str, value: &Value) -> Self {
        let mut salt = [0; SALT];
        rand::rng().fill_bytes(&mut salt);
        Self::salted(salt, name, value)
    }

    fn salted(salt: [u8; SALT], name: &str, value: &Value) -> Self {
        // A list of JSON values always has a JSON form.
        Self(serde_json::to_vec(&(BASE64URL.encode(salt), name, value)).unwrap_or_default())
    }

    /// One that was stored. Whether it is of the form shows when it is read.
    pub(crate) const fn from_json(json: Vec<u8>) -> Self {
        Self(json)
    }

    /// What is stored.
    pub(crate) fn as_json(&self) -> &[u8] {
        &self.0
    }

    /// What stands in its place in a commit.
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(BASE64URL.encode(&self.0)).into())
    }

    /// Name and value; `None` where somebody has put something else in its place.
    pub fn open(&self) -> Option<(String, Value)> {
        let (_, name, value): (String, String, Value) = serde_json::from_slice(&self.0).ok()?;
        Some((name, value))
    }
}

impl fmt::Debug for Disclosure {
    /// The digest alone: what is personal does not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disclosure({})", self.digest())
    }
}

impl fmt::Display for Disclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL.encode(&self.0))
    }
}

impl FromStr for Disclosure {
    type Err = DisclosureError;

    fn from_str(text: &str) -> Result<Self, DisclosureError> {
        let disclosure = BASE64URL.decode(text).map(Self).map_err(|_| DisclosureError::NoDisclosure)?;
        disclosure.open().map(|_| disclosure).ok_or(DisclosureError::NoDisclosure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9901, section 4.2.1 and 4.2.3: the disclosure and the digest of a family name.
    #[test]
    fn a_disclosure_and_its_digest_are_those_of_the_rfc() {
        let text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
        let disclosure: Disclosure = text.parse().unwrap();
        assert_eq!(disclosure.to_string(), text);
        assert_eq!(disclosure.digest().to_string(), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
        assert_eq!(disclosure.open(), Some(("family_name".to_owned(), "Möbius".into())));
    }

    #[test]
    fn the_same_value_has_another_digest_each_time() {
        let [one, other] = [(); 2].map(|()| Disclosure::new("name", &"alice".into()));
        assert_ne!(one.digest(), other.digest());
        assert_eq!(one.open(), other.open());
        assert_eq!(one.to_string().parse(), Ok(one));
    }

    #[test]
    fn a_disclosure_does_not_reach_a_log() {
        let text = format!("{:?}", Disclosure::new("name", &"alice".into()));
        assert!(text.starts_with("Disclosure(") && !text.contains("alice"), "{text}");
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "****", "WyJhIl0", "bm8"] {
            assert_eq!(text.parse::<Disclosure>(), Err(DisclosureError::NoDisclosure), "{text}");
            assert_eq!(text.parse::<Digest>(), Err(DisclosureError::NoDigest), "{text}");
        }
    }
}
