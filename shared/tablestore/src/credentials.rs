//! Who calls: access keys, permanent or temporary (STS), and where they come from.

mod cache;
mod environment;
mod function;

use std::fmt;

use futures::future::BoxFuture;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

pub(crate) use cache::Cache;
pub use environment::EnvironmentCredentials;
pub use function::{CredentialsFn, provide_credentials_fn};

/// An access key, with a security token where it is a temporary one. `Debug` shows neither secret nor token.
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    access_key_secret: SecretString,
    security_token: Option<SecretString>,
    expires: Option<Timestamp>,
}

impl Credentials {
    /// A permanent key.
    pub fn new(access_key_id: impl Into<String>, access_key_secret: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            access_key_secret: SecretString::from(access_key_secret.into()),
            security_token: None,
            expires: None,
        }
    }

    /// The same key as a temporary one.
    #[must_use]
    pub fn with_security_token(self, token: impl Into<String>) -> Self {
        Self { security_token: Some(SecretString::from(token.into())), ..self }
    }

    /// The same key with its end of validity. Credentials with one are kept until shortly before it; those without
    /// are asked for anew for every attempt.
    #[must_use]
    pub fn with_expiry(self, expires: Timestamp) -> Self {
        Self { expires: Some(expires), ..self }
    }

    /// Names the key; no secret.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret that requests are signed with.
    pub fn access_key_secret(&self) -> &SecretString {
        &self.access_key_secret
    }

    /// Proof that a temporary key is valid.
    pub fn security_token(&self) -> Option<&SecretString> {
        self.security_token.as_ref()
    }

    /// End of validity, where it is known.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// Checks that these can sign a request now.
    pub(crate) fn usable(self, now: Timestamp) -> Result<Self, CredentialsError> {
        let sendable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if self.access_key_id.is_empty() || self.access_key_secret.expose_secret().is_empty() {
            return Err(CredentialsError::new("the access key id or its secret is empty"));
        }
        // The id is followed by a colon in the authorization of answers.
        if !sendable(&self.access_key_id) || self.access_key_id.contains(':') {
            return Err(CredentialsError::new("the access key id cannot be sent in a header"));
        }
        if !self.security_token.as_ref().is_none_or(|token| sendable(token.expose_secret())) {
            return Err(CredentialsError::new("the security token cannot be sent in a header"));
        }
        match self.expires {
            Some(expires) if expires <= now => {
                Err(CredentialsError::new(format!("the access key expired at {expires}")))
            }
            _ => Ok(self),
        }
    }

    /// Takes the secret and the token out of a text from outside: a service may quote what was sent to it.
    pub(crate) fn redact(&self, text: &str) -> String {
        [Some(&self.access_key_secret), self.security_token.as_ref()]
            .into_iter()
            .flatten()
            .map(ExposeSecret::expose_secret)
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]"))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("temporary", &self.security_token.is_some())
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Why there are no credentials. Must hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no credentials: {0}")]
pub struct CredentialsError(String);

impl CredentialsError {
    /// For this reason, which must not quote a secret.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A source of credentials. It is asked before every attempt, except while credentials with a known end of validity
/// are good for five more minutes. So it may hand out newer ones at any time.
pub trait ProvideCredentials: Send + Sync + fmt::Debug {
    /// The credentials to sign with.
    ///
    /// # Errors
    /// Why there are none.
    fn provide_credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>>;
}

/// Fixed credentials.
impl ProvideCredentials for Credentials {
    fn provide_credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }
}

impl<P: ProvideCredentials + ?Sized> ProvideCredentials for std::sync::Arc<P> {
    fn provide_credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        (**self).provide_credentials()
    }
}
