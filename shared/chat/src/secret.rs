//! Secrets of the chat systems' apps: never shown, and several at once, so that one can be replaced without a gap.

use std::fmt;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// The fewest characters of a secret. An empty or a toy secret would let anybody sign.
const LENGTH_MIN: usize = 8;

/// What stands for a secret wherever it would be shown.
pub(crate) const REDACTED: &str = "[redacted]";

/// One secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret(String);

/// Why a text is no secret. The text is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Too short.
    #[error("a secret has at least {LENGTH_MIN} characters")]
    Short,
    /// What stands for a secret where it is not shown.
    #[error("`{REDACTED}` stands for a secret, and is none")]
    Redacted,
}

impl Secret {
    /// The text. For signing and sending only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl TryFrom<String> for Secret {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
        match text.trim() {
            REDACTED => Err(SecretError::Redacted),
            secret if secret.chars().count() < LENGTH_MIN => Err(SecretError::Short),
            secret => Ok(Self(secret.to_owned())),
        }
    }
}

/// A configuration that is shown does not show it.
impl From<Secret> for String {
    fn from(_: Secret) -> Self {
        REDACTED.to_owned()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().ct_eq(other.bytes()).into()
    }
}

impl Eq for Secret {}

/// Secrets that are all good at the same time: the present one first, then those on their way out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one to sign with.
    pub fn first(&self) -> Option<&Secret> {
        self.0.first()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter()
    }
}

impl FromIterator<Secret> for Secrets {
    fn from_iter<I: IntoIterator<Item = Secret>>(secrets: I) -> Self {
        Self(secrets.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::try_from("hunter2-hunter2".to_owned()).unwrap();
        let secrets: Secrets = [secret.clone()].into_iter().collect();
        assert_eq!(format!("{secret:?} {secrets:?}"), "[redacted] Secrets([[redacted]])");
        assert_eq!(serde_json::to_string(&secrets).unwrap(), r#"["[redacted]"]"#);
        assert_eq!(secret.expose(), "hunter2-hunter2");
    }

    #[test]
    fn what_could_be_guessed_or_was_never_a_secret_is_refused() {
        for (text, error) in [
            ("", SecretError::Short),
            ("        ", SecretError::Short),
            ("hunter2", SecretError::Short),
            ("[redacted]", SecretError::Redacted),
        ] {
            assert_eq!(Secret::try_from(text.to_owned()), Err(error));
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
