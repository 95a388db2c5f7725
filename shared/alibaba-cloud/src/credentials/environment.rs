//! Credentials from environment variables.

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::{Credentials, CredentialsError, ProvideCredentials};

/// `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, for a temporary key,
/// `ALIBABA_CLOUD_SECURITY_TOKEN` (alibabacloud-credentials 1.0.12).
pub struct Environment {
    variable: Box<Variable>,
}

/// The value of a variable, where it is set.
type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// The variables of this process.
    pub fn process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// Variables from elsewhere.
    pub fn new(variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { variable: Box::new(variable) }
    }

    fn read(&self) -> Result<Credentials, String> {
        let value = |name: &str| (self.variable)(name).filter(|value| !value.is_empty());
        let required = |name: &str| value(name).ok_or_else(|| format!("{name} is not set"));
        let id = required("ALIBABA_CLOUD_ACCESS_KEY_ID")?;
        let secret = required("ALIBABA_CLOUD_ACCESS_KEY_SECRET")?;
        let credentials = Credentials::new(id, secret);
        let credentials = match value("ALIBABA_CLOUD_SECURITY_TOKEN") {
            Some(token) => credentials.with_security_token(token),
            None => credentials,
        };
        credentials.usable(Timestamp::now())
    }
}

impl ProvideCredentials for Environment {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async { self.read().map_err(|why| CredentialsError::new("environment", why)) })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn environment(set: &'static [(&'static str, &'static str)]) -> Environment {
        Environment::new(move |name| set.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned()))
    }

    #[tokio::test]
    async fn a_temporary_key_is_read_with_its_token() {
        let read = environment(&[
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", "token"),
        ])
        .provide()
        .await
        .unwrap();
        assert_eq!(read.access_key_id, "id");
        assert_eq!(read.access_key_secret.expose_secret(), "secret");
        assert_eq!(read.security_token.unwrap().expose_secret(), "token");
    }

    #[tokio::test]
    async fn an_empty_token_is_none_and_a_missing_secret_is_named() {
        let read = environment(&[
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
        ]);
        assert!(read.provide().await.unwrap().security_token.is_none());
        let error = environment(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")]).provide().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "no credentials: environment: ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set"
        );
    }
}
