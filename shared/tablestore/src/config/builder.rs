//! Building a configuration.

use std::sync::Arc;

use super::{Config, ConfigError, Endpoint, PerClass, TimeoutConfig};
use crate::credentials::{Cache, ProvideCredentials};
use crate::http::{HttpClient, ReqwestClient};
use crate::operation::OperationClass;
use crate::retry::RetryConfig;
use crate::signature::SignatureVersion;

/// The longest answer that is read by default. The service answers at most about 4 MB.
const MAX_RESPONSE: usize = 16 << 20;

/// Builds a [`Config`]. Needed are an instance name, credentials, and a region or an endpoint.
#[derive(Debug, Clone)]
pub struct ConfigBuilder {
    endpoint: Option<String>,
    region: Option<String>,
    instance_name: Option<String>,
    signature_version: Option<SignatureVersion>,
    credentials: Option<Arc<dyn ProvideCredentials>>,
    http_client: Option<Arc<dyn HttpClient>>,
    retry: PerClass<RetryConfig>,
    timeout: PerClass<TimeoutConfig>,
    max_response: usize,
}

impl Default for ConfigBuilder {
    fn default() -> Self {
        let retry = RetryConfig::standard();
        Self {
            endpoint: None,
            region: None,
            instance_name: None,
            signature_version: None,
            credentials: None,
            http_client: None,
            retry: PerClass { read: retry, write: retry, definition: retry },
            timeout: PerClass {
                read: TimeoutConfig::standard(OperationClass::Read),
                write: TimeoutConfig::standard(OperationClass::Write),
                definition: TimeoutConfig::standard(OperationClass::Definition),
            },
            max_response: MAX_RESPONSE,
        }
    }
}

impl ConfigBuilder {
    /// The region of the instance, e.g. `cn-hangzhou`.
    #[must_use]
    pub fn region(self, region: impl Into<String>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// An address in place of the public one of instance and region, e.g. one in a VPC or `http://127.0.0.1:8080`.
    #[must_use]
    pub fn endpoint_url(self, endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), ..self }
    }

    /// The instance.
    #[must_use]
    pub fn instance_name(self, instance_name: impl Into<String>) -> Self {
        Self { instance_name: Some(instance_name.into()), ..self }
    }

    /// How requests are signed. By default as the official packages do it: version 4 if a region is given, otherwise
    /// version 2.
    #[must_use]
    pub fn signature_version(self, version: SignatureVersion) -> Self {
        Self { signature_version: Some(version), ..self }
    }

    /// Where credentials come from.
    #[must_use]
    pub fn credentials_provider(self, provider: impl ProvideCredentials + 'static) -> Self {
        Self { credentials: Some(Arc::new(provider)), ..self }
    }

    /// Another HTTP client in place of [`ReqwestClient`].
    #[must_use]
    pub fn http_client(self, client: impl HttpClient + 'static) -> Self {
        Self { http_client: Some(Arc::new(client)), ..self }
    }

    /// How all operations are repeated.
    #[must_use]
    pub fn retry_config(self, retry: RetryConfig) -> Self {
        Self { retry: PerClass { read: retry, write: retry, definition: retry }, ..self }
    }

    /// How the operations of one class are repeated.
    #[must_use]
    pub fn retry_config_for(mut self, class: OperationClass, retry: RetryConfig) -> Self {
        self.retry.set(class, retry);
        self
    }

    /// How long the operations of one class may take.
    #[must_use]
    pub fn timeout_config_for(mut self, class: OperationClass, timeout: TimeoutConfig) -> Self {
        self.timeout.set(class, timeout);
        self
    }

    /// The longest answer that is read, in bytes. Default 16 MiB.
    #[must_use]
    pub fn max_response_bytes(self, max_response: usize) -> Self {
        Self { max_response, ..self }
    }

    /// Checks it.
    ///
    /// # Errors
    /// What is missing or wrong.
    pub fn build(self) -> Result<Config, ConfigError> {
        let instance_name = self.instance_name.ok_or(ConfigError::Missing("instance_name"))?;
        if !is_label(&instance_name) {
            return Err(ConfigError::InstanceName(instance_name.chars().take(80).collect()));
        }
        let signing_region = match &self.signature_version {
            Some(SignatureVersion::V4 { region }) => Some(region),
            _ => None,
        };
        for region in self.region.iter().chain(signing_region) {
            if !is_label(region) || region.bytes().any(|byte| byte.is_ascii_uppercase()) {
                return Err(ConfigError::Region(region.chars().take(80).collect()));
            }
        }
        let endpoint = match (&self.endpoint, &self.region) {
            (Some(endpoint), _) => Endpoint::parse(endpoint)?,
            (None, Some(region)) => Endpoint::of(&instance_name, region),
            (None, None) => return Err(ConfigError::Missing("region")),
        };
        let by_region = || self.region.map_or(SignatureVersion::V2, |region| SignatureVersion::V4 { region });
        let http_client = match self.http_client {
            Some(client) => client,
            None => Arc::new(ReqwestClient::new().map_err(ConfigError::Http)?),
        };
        Ok(Config {
            endpoint,
            instance_name,
            signature_version: self.signature_version.unwrap_or_else(by_region),
            credentials: Arc::new(Cache::new(
                self.credentials.ok_or(ConfigError::Missing("credentials_provider"))?,
            )),
            http_client,
            retry: self.retry,
            timeout: self.timeout,
            max_response: self.max_response,
        })
    }
}

/// Whether a text can be a part of a host name and of a header.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
