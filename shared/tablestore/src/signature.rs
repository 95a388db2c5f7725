//! Signatures of requests and of answers, versions 2 and 4.
//!
//! Source: package tablestore 6.4.8 for Python, `auth.py` and `protocol.py`. A server, for instance one to test
//! against, can use the same functions for its side.

mod key;
mod request;
mod response;

pub use key::SigningKey;
pub(crate) use request::signed_headers;
pub use response::VerifyError;
pub(crate) use response::{ResponseCheck, verify};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

/// The version of the service's interface.
pub const API_VERSION: &str = "2015-12-31";

/// How far the clocks of client and service may be apart, in seconds.
pub const MAX_CLOCK_SKEW_SECONDS: i64 = 15 * 60;

/// How requests are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureVersion {
    /// HMAC-SHA1 with the secret itself.
    V2,
    /// HMAC-SHA256 with a key derived from the secret, the day and the region.
    V4 {
        /// The region of the instance, e.g. `cn-hangzhou`.
        region: String,
    },
}

/// What stands in `x-ots-contentmd5`: base64 of the MD5 of a body.
pub fn content_md5(body: &[u8]) -> String {
    STANDARD.encode(Md5::digest(body))
}

/// The `x-ots-*` headers as they are signed: `name:value`, sorted, each on a line of its own.
fn canonical_headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut lines: Vec<String> = headers
        .into_iter()
        .filter(|(name, _)| name.starts_with("x-ots-"))
        .map(|(name, value)| format!("{name}:{}", value.trim()))
        .collect();
    lines.sort_unstable();
    lines.join("\n")
}
