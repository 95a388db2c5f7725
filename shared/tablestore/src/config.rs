//! What can be set about a client.

mod builder;
mod endpoint;
mod timeout;

use std::sync::Arc;

pub use builder::ConfigBuilder;
pub(crate) use endpoint::Endpoint;
pub use timeout::TimeoutConfig;

use crate::credentials::Cache;
use crate::http::HttpClient;
use crate::operation::OperationClass;
use crate::retry::RetryConfig;
use crate::signature::SignatureVersion;

/// A checked configuration. A clone shares connections and credentials.
///
/// ```
/// use tablestore_rs::{Config, credentials::EnvironmentCredentials};
///
/// let config = Config::builder()
///     .region("cn-hangzhou")
///     .instance_name("audit")
///     .credentials_provider(EnvironmentCredentials)
///     .build()?;
/// # Ok::<(), tablestore_rs::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) endpoint: Endpoint,
    pub(crate) instance_name: String,
    pub(crate) signature_version: SignatureVersion,
    pub(crate) credentials: Arc<Cache>,
    pub(crate) http_client: Arc<dyn HttpClient>,
    pub(crate) retry: PerClass<RetryConfig>,
    pub(crate) timeout: PerClass<TimeoutConfig>,
    pub(crate) max_response: usize,
}

impl Config {
    /// Starts a configuration.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// The instance.
    pub fn instance_name(&self) -> &str {
        &self.instance_name
    }

    /// Where requests are sent to, e.g. `https://audit.cn-hangzhou.ots.aliyuncs.com`.
    pub fn endpoint_url(&self) -> &str {
        self.endpoint.as_str()
    }

    /// How requests are signed.
    pub fn signature_version(&self) -> &SignatureVersion {
        &self.signature_version
    }

    /// How operations of a class are repeated.
    pub fn retry_config(&self, class: OperationClass) -> &RetryConfig {
        self.retry.get(class)
    }

    /// How long operations of a class may take.
    pub fn timeout_config(&self, class: OperationClass) -> &TimeoutConfig {
        self.timeout.get(class)
    }
}

/// A setting for each class of operations.
#[derive(Debug, Clone)]
pub(crate) struct PerClass<T> {
    read: T,
    write: T,
    definition: T,
}

impl<T> PerClass<T> {
    pub(crate) fn get(&self, class: OperationClass) -> &T {
        match class {
            OperationClass::Read => &self.read,
            OperationClass::Write => &self.write,
            OperationClass::Definition => &self.definition,
        }
    }

    fn set(&mut self, class: OperationClass, value: T) {
        match class {
            OperationClass::Read => self.read = value,
            OperationClass::Write => self.write = value,
            OperationClass::Definition => self.definition = value,
        }
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Something that is needed was not given.
    #[error("`{0}` was not given")]
    Missing(&'static str),
    /// Not an address to call the service at.
    #[error("endpoint `{endpoint}`: {why}")]
    Endpoint {
        /// What was given, cut.
        endpoint: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not an instance name.
    #[error("instance name `{0}`: expected letters, digits and `-`")]
    InstanceName(String),
    /// Not a region.
    #[error("region `{0}`: expected lower-case letters, digits and `-`")]
    Region(String),
    /// The HTTP client could not be made.
    #[error("http client: {0}")]
    Http(String),
}
