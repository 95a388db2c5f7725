//! Credentials from a closure.

use std::fmt;

use futures::future::BoxFuture;

use super::{Credentials, CredentialsError, ProvideCredentials};

/// A source made of a closure. See [`provide_credentials_fn`].
pub struct CredentialsFn<F>(F);

/// Makes a source of an asynchronous closure, e.g. one that assumes a role at STS.
///
/// ```
/// use tablestore_rs::credentials::{Credentials, provide_credentials_fn};
///
/// let source = provide_credentials_fn(|| async {
///     // ask STS here
///     let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(30);
///     Ok(Credentials::new("STS.id", "secret").with_security_token("token").with_expiry(expires))
/// });
/// # let _ = source;
/// ```
pub fn provide_credentials_fn<F, Fut>(provide: F) -> CredentialsFn<F>
where
    F: Fn() -> Fut + Send + Sync,
    Fut: Future<Output = Result<Credentials, CredentialsError>> + Send,
{
    CredentialsFn(provide)
}

impl<F, Fut> ProvideCredentials for CredentialsFn<F>
where
    F: Fn() -> Fut + Send + Sync,
    Fut: Future<Output = Result<Credentials, CredentialsError>> + Send,
{
    fn provide_credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async { (self.0)().await })
    }
}

impl<F> fmt::Debug for CredentialsFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialsFn")
    }
}
