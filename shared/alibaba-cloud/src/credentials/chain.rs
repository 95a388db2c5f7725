//! Several sources, asked one after the other.

use futures::future::BoxFuture;

use super::{CliProfile, Credentials, CredentialsError, CredentialsFile, Environment, ProvideCredentials};

/// The first source that has credentials wins.
#[derive(Default)]
pub struct Chain {
    sources: Vec<Box<dyn ProvideCredentials>>,
}

impl Chain {
    /// No source at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source behind those that are there.
    #[must_use]
    pub fn then(mut self, source: impl ProvideCredentials + 'static) -> Self {
        self.sources.push(Box::new(source));
        self
    }

    /// The environment, then the profile of Alibaba's command line, then the credentials file: the order of
    /// alibabacloud-credentials 1.0.12, without the sources that need further calls.
    pub fn standard() -> Self {
        Self::new()
            .then(Environment::process())
            .then(CliProfile::from_environment())
            .then(CredentialsFile::from_environment())
    }
}

impl ProvideCredentials for Chain {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async {
            let mut tried = Vec::new();
            for source in &self.sources {
                match source.provide().await {
                    Ok(credentials) => return Ok(credentials),
                    Err(error) => tried.extend(error.tried),
                }
            }
            if tried.is_empty() {
                tried.push("no source is configured".to_owned());
            }
            Err(CredentialsError { tried })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::from_fn;
    use super::*;

    #[tokio::test]
    async fn the_first_source_that_has_some_wins() {
        let chain = Chain::new()
            .then(from_fn("request context", || None))
            .then(Credentials::new("second", "x"))
            .then(Credentials::new("third", "x"));
        assert_eq!(chain.provide().await.unwrap().access_key_id, "second");
    }

    #[tokio::test]
    async fn the_error_lists_all_that_was_tried() {
        let chain = Chain::new().then(from_fn("request context", || None)).then(Credentials::new("", ""));
        let error = chain.provide().await.unwrap_err();
        assert_eq!(error.tried.len(), 2, "{error}");
        assert_eq!(Chain::new().provide().await.unwrap_err().tried, ["no source is configured"]);
    }
}
