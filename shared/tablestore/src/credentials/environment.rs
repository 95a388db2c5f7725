//! Credentials from the environment of the process.

use futures::future::BoxFuture;

use super::{Credentials, CredentialsError, ProvideCredentials};

const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";

/// Reads `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, if set, `ALIBABA_CLOUD_SECURITY_TOKEN`,
/// the names that Function Compute and the official packages use, each time it is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct EnvironmentCredentials;

impl ProvideCredentials for EnvironmentCredentials {
    fn provide_credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(std::future::ready(read(|name| std::env::var(name).ok())))
    }
}

fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Credentials, CredentialsError> {
    let get = |name: &str| variable(name).filter(|value| !value.is_empty());
    let need = |name: &str| get(name).ok_or_else(|| CredentialsError::new(format!("{name} is not set")));
    let credentials = Credentials::new(need(ID)?, need(SECRET)?);
    Ok(match get(TOKEN) {
        Some(token) => credentials.with_security_token(token),
        None => credentials,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_that_is_missing_or_empty_is_named() {
        let error = read(|name| (name == ID).then(|| "ak".to_owned())).unwrap_err();
        assert_eq!(error.to_string(), "no credentials: ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set");
        let error = read(|_| Some(String::new())).unwrap_err();
        assert_eq!(error.to_string(), "no credentials: ALIBABA_CLOUD_ACCESS_KEY_ID is not set");
    }

    #[test]
    fn a_token_makes_it_a_temporary_key() {
        assert!(read(|name| Some(name.to_owned())).unwrap().security_token().is_some());
        let permanent = read(|name| (name != TOKEN).then(|| name.to_owned())).unwrap();
        assert!(permanent.security_token().is_none());
    }
}
