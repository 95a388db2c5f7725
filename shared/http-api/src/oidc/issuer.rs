//! The issuer as a server: what it says of itself, and how it is asked.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{OidcError, Refused};

/// How long what it says of itself is used before it is asked again.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// The longest that one call may take.
const CALL_MAX: Duration = Duration::from_secs(5);

/// The most of an answer that is read, in bytes.
const ANSWER_MAX: usize = 256 * 1024;

/// An issuer.
pub(super) struct Issuer {
    client: reqwest::Client,
    name: String,
    known: RwLock<Option<(Discovery, Timestamp)>>,
}

/// What an issuer says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is used here.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Discovery {
    issuer: String,
    pub(super) jwks_uri: String,
    #[serde(default)]
    pub(super) authorization_endpoint: String,
    #[serde(default)]
    pub(super) token_endpoint: String,
}

impl Issuer {
    /// # Errors
    /// The name is no address, or is neither `https://` nor on this machine.
    pub(super) fn new(name: &str) -> Result<Self, OidcError> {
        safe(name).ok_or(OidcError::Incomplete("issuer has to be an https:// address"))?;
        // Redirects are not followed: answers come from where they are said to be.
        let client = alibaba_cloud::http_builder().ok().and_then(|builder| builder.build().ok());
        let client = client.ok_or(OidcError::Incomplete("there is no client for the issuer"))?;
        Ok(Self { client, name: name.to_owned(), known: RwLock::default() })
    }

    /// As it stands in the claim `iss`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it says of itself. It has to say who it is, too (section 4.3).
    pub(super) async fn discovery(&self, now: Timestamp) -> Result<Discovery, Refused> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((discovery, at)) = known
            && now.duration_since(at) < FRESH
        {
            return Ok(discovery);
        }
        let address = format!("{}/.well-known/openid-configuration", self.name.trim_end_matches('/'));
        let url = safe(&address).ok_or_else(|| unavailable("the issuer is no address"))?;
        let discovery: Discovery = self.get(url).await?;
        if discovery.issuer != self.name {
            return Err(unavailable("the issuer calls itself otherwise"));
        }
        let known = Some((discovery.clone(), now));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(discovery)
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, Refused> {
        self.answer(self.client.get(url)).await
    }

    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.client.post(url)
    }

    /// Sends a request. An issuer that says that the request is wrong has refused it; in every other case nobody knows.
    pub(super) async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Refused> {
        let told = |error: reqwest::Error| unavailable(&error.without_url().to_string());
        let mut response: Response = request.timeout(CALL_MAX).send().await.map_err(told)?;
        match response.status() {
            status if status.is_success() => {}
            status @ (StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) => {
                return Err(Refused::Invalid(format!("the issuer answered {status}")));
            }
            status => return Err(unavailable(&format!("the issuer answered {status}"))),
        }
        let mut body = vec![];
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_MAX {
                return Err(unavailable(&format!("the issuer answered with more than {ANSWER_MAX} bytes")));
            }
        }
        serde_json::from_slice(&body).map_err(|_| unavailable("the issuer's answer is not what it should be"))
    }
}

pub(super) fn unavailable(why: &str) -> Refused {
    Refused::Unavailable(why.to_owned())
}

/// An address whose answers nobody on the way can have changed.
pub(super) fn safe(address: &str) -> Option<Url> {
    let url: Url = address.parse().ok()?;
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    (is_safe && url.username().is_empty() && url.password().is_none()).then_some(url)
}
