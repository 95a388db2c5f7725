//! Temporary credentials of the function role.

use std::fmt;

use http::HeaderMap;
use secrecy::SecretString;

/// Credentials of the function role, as Function Compute hands them to a call.
///
/// They expire (they are STS credentials): take them from the current [`Invocation`](crate::Invocation), keep them no longer.
/// `Debug` shows none of the parts.
#[derive(Clone)]
pub struct Credentials {
    /// AccessKey id.
    pub access_key_id: String,
    /// AccessKey secret.
    pub secret: SecretString,
    /// STS security token; absent only with long-lived keys, which Function Compute never injects.
    pub token: Option<SecretString>,
}

impl Credentials {
    /// Reads `x-fc-access-key-id`, `x-fc-access-key-secret` and `x-fc-security-token`. None unless id and secret are both there.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self::from_parts(
            text("x-fc-access-key-id"),
            text("x-fc-access-key-secret"),
            text("x-fc-security-token"),
        )
    }

    pub(crate) fn from_parts(
        id: Option<String>,
        secret: Option<String>,
        token: Option<String>,
    ) -> Option<Self> {
        let present = |part: Option<String>| part.filter(|text| !text.is_empty());
        Some(Self {
            access_key_id: present(id)?,
            secret: present(secret)?.into(),
            token: present(token).map(SecretString::from),
        })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

/// Header names that carry secrets. Removed from a request as soon as they are read, so that no router can log or echo them.
pub(crate) const SECRET_HEADERS: [&str; 3] =
    ["x-fc-access-key-id", "x-fc-access-key-secret", "x-fc-security-token"];
