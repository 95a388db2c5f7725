//! The client: cheap to clone, one connection pool and one set of rate limiters for all clones.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::actiontrail::ActionTrail;
use crate::config::{Config, ConfigError};
use crate::credentials::ProvideCredentials;
use crate::cs::Cs;
use crate::ims::Ims;
use crate::limiter::Limiter;
use crate::oss::Oss;
use crate::ram::Ram;
use crate::sls::Sls;
use crate::sts::Sts;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Idle connections are dropped early: a write that is lost on a stale one has an unknown outcome.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// The way to all services.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) credentials: Arc<dyn ProvideCredentials>,
    pub(crate) deadline: Option<Instant>,
}

pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) config: Config,
    pub(crate) limiter: Limiter,
}

impl Client {
    /// A client. Nothing is called yet.
    ///
    /// # Errors
    /// When the configuration is not usable.
    pub fn new(config: Config, credentials: impl ProvideCredentials + 'static) -> Result<Self, ConfigError> {
        config.check()?;
        let http = http_client()?;
        let limiter = Limiter::new(config.rate);
        let shared = Arc::new(Shared { http, config, limiter });
        Ok(Self { shared, credentials: Arc::new(credentials), deadline: None })
    }

    /// The same client with other credentials, e.g. those of the request that is being served.
    #[must_use]
    pub fn with_credentials(&self, credentials: impl ProvideCredentials + 'static) -> Self {
        Self { credentials: Arc::new(credentials), ..self.clone() }
    }

    /// The same client, all of whose calls end by this time, however many attempts they still had.
    #[must_use]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self.clone() }
    }

    /// The region it was configured for.
    pub fn region(&self) -> &str {
        &self.shared.config.region
    }

    /// Container Service.
    pub fn cs(&self) -> Cs {
        Cs::new(self.clone())
    }

    /// Resource Access Management.
    pub fn ram(&self) -> Ram {
        Ram::new(self.clone())
    }

    /// Identity management.
    pub fn ims(&self) -> Ims {
        Ims::new(self.clone())
    }

    /// Security Token Service.
    pub fn sts(&self) -> Sts {
        Sts::new(self.clone())
    }

    /// Simple Log Service.
    pub fn sls(&self) -> Sls {
        Sls::new(self.clone())
    }

    /// ActionTrail.
    pub fn action_trail(&self) -> ActionTrail {
        ActionTrail::new(self.clone())
    }

    /// Object Storage Service.
    pub fn oss(&self) -> Oss {
        Oss::new(self.clone())
    }
}

fn http_client() -> Result<reqwest::Client, ConfigError> {
    http_builder()?
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "-rust/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| ConfigError::Http(error.to_string()))
}

/// What HTTP clients of this project are built from: TLS by rustls with ring and Mozilla's roots, so that no part of it depends
/// on the machine. Redirects and proxies are not followed and nothing is sent again: a request goes once, to the host that it
/// was made for.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http_builder() -> Result<reqwest::ClientBuilder, ConfigError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::Http(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy())
}
