//! Who calls: access keys, temporary or not, and where they come from.

mod chain;
mod environment;
mod profile;

use std::fmt;

use futures::future::BoxFuture;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

pub use chain::Chain;
pub use environment::Environment;
pub use profile::{CliProfile, CredentialsFile};

/// An access key, with a security token where it is a temporary one. `Debug` shows neither secret nor token.
#[derive(Clone)]
pub struct Credentials {
    /// Names the key; no secret.
    pub access_key_id: String,
    /// The secret that requests are signed with.
    pub access_key_secret: SecretString,
    /// Proof that a temporary key is valid (STS).
    pub security_token: Option<SecretString>,
    /// End of validity, where it is known.
    pub expires: Option<Timestamp>,
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

    /// The same key with its end of validity.
    #[must_use]
    pub fn with_expiry(self, expires: Timestamp) -> Self {
        Self { expires: Some(expires), ..self }
    }

    /// Checks that these can sign a request now.
    fn usable(self, now: Timestamp) -> Result<Self, String> {
        if self.access_key_id.is_empty() || self.access_key_secret.expose_secret().is_empty() {
            return Err("the access key id or its secret is empty".to_owned());
        }
        let parts =
            [Some(self.access_key_id.as_str()), self.security_token.as_ref().map(|t| t.expose_secret())];
        if parts.into_iter().flatten().any(|part| !part.bytes().all(|b| b.is_ascii_graphic())) {
            return Err("the access key id or the security token cannot be sent in a header".to_owned());
        }
        match self.expires {
            Some(expires) if expires <= now => Err(format!("expired at {expires}")),
            _ => Ok(self),
        }
    }

    /// Takes the secret and the token out of a text from outside: some services quote what was sent to them.
    pub(crate) fn redact(&self, text: &str) -> String {
        let secrets = [Some(&self.access_key_secret), self.security_token.as_ref()];
        secrets
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

/// Why there are no credentials. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no credentials: {}", .tried.join("; "))]
pub struct CredentialsError {
    /// Every source that was tried, each with the reason why it gave none.
    pub tried: Vec<String>,
}

impl CredentialsError {
    /// One source gave none, for this reason. The reason must not quote a secret.
    pub fn new(source: &str, reason: impl fmt::Display) -> Self {
        Self { tried: vec![format!("{source}: {reason}")] }
    }
}

/// A source of credentials. It is asked before every attempt, so it may hand out newer ones at any time.
pub trait ProvideCredentials: Send + Sync {
    /// The credentials to sign the next request with.
    ///
    /// # Errors
    /// What was tried, and why nothing came of it.
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>>;
}

/// Fixed credentials.
impl ProvideCredentials for Credentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async {
            self.clone().usable(Timestamp::now()).map_err(|why| CredentialsError::new("given", why))
        })
    }
}

impl<P: ProvideCredentials + ?Sized> ProvideCredentials for std::sync::Arc<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        (**self).provide()
    }
}

/// Credentials from a closure, e.g. those that a function instance got with the request it serves.
pub struct FromFn<F> {
    source: &'static str,
    provide: F,
}

/// Makes a source of a closure. `source` names it in errors; `None` means that it has none now.
pub fn from_fn<F>(source: &'static str, provide: F) -> FromFn<F>
where
    F: Fn() -> Option<Credentials> + Send + Sync,
{
    FromFn { source, provide }
}

impl<F> ProvideCredentials for FromFn<F>
where
    F: Fn() -> Option<Credentials> + Send + Sync,
{
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async {
            let given = (self.provide)().ok_or_else(|| CredentialsError::new(self.source, "none given"))?;
            given.usable(Timestamp::now()).map_err(|why| CredentialsError::new(self.source, why))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_secret_nor_token() {
        let shown = format!("{:?}", Credentials::new("LTAI", "s3cret").with_security_token("t0ken"));
        assert!(shown.contains("LTAI"), "{shown}");
        assert!(!shown.contains("s3cret") && !shown.contains("t0ken"), "{shown}");
    }

    #[tokio::test]
    async fn a_closure_is_asked_every_time_and_may_have_none() {
        let source = from_fn("request context", || None);
        let error = source.provide().await.unwrap_err();
        assert_eq!(error.to_string(), "no credentials: request context: none given");
    }

    #[tokio::test]
    async fn what_is_expired_empty_or_unsendable_is_refused_by_name() {
        let past: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
        for (credentials, why) in [
            (Credentials::new("a", "b").with_expiry(past), "expired at 2020-01-01T00:00:00Z"),
            (Credentials::new("a", ""), "empty"),
            (Credentials::new("a", "b").with_security_token("x\r\ny: z"), "cannot be sent"),
        ] {
            let error = credentials.provide().await.unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[test]
    fn quoted_secrets_are_taken_out() {
        let credentials = Credentials::new("ak", "s3cret").with_security_token("t0ken");
        assert_eq!(
            credentials.redact("x-acs-security-token:t0ken s3cret"),
            "x-acs-security-token:[redacted] [redacted]"
        );
    }
}
