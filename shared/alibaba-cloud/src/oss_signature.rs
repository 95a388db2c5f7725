//! Signature V4 of OSS, in headers (package oss2 2.19.1, `auth.py`; DOC:
//! oss/developer-reference/recommend-to-use-signature-version-4).
//!
//! `content-type` and `x-oss-*` are signed, and the request does not list them. Bucket and object are signed as
//! `/bucket/object`, wherever the request is sent. The body is not part of the signature: the service takes nothing but
//! `UNSIGNED-PAYLOAD`, so what protects it on the way is TLS.

use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::credentials::Credentials;
use crate::signature::encode_path;
use crate::signature_v4::{Scheme, Signed, time};

const SCHEME: Scheme = Scheme { algorithm: "OSS4-HMAC-SHA256", service: "oss" };

/// What is signed in place of the body's hash.
const PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// What is signed of a request about an object.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// The object, not encoded, without a slash before it.
    pub key: &'a str,
    /// Region of the bucket: part of the scope of the signature.
    pub region: &'a str,
    /// `Content-Type`, where there is a body.
    pub content_type: Option<&'a str>,
}

/// Signs a request about an object.
pub fn sign(request: &Unsigned<'_>, credentials: &Credentials, now: Timestamp) -> Signed {
    let mut headers = vec![("x-oss-content-sha256", PAYLOAD.to_owned()), ("x-oss-date", time(now))];
    if let Some(content_type) = request.content_type {
        headers.push(("content-type", content_type.to_owned()));
    }
    if let Some(token) = &credentials.security_token {
        headers.push(("x-oss-security-token", token.expose_secret().to_owned()));
    }
    headers.sort_unstable_by_key(|(name, _)| *name);

    let path = encode_path(&format!("/{}/{}", request.bucket, request.key));
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    // Two empty places: there are no parameters, and no header is signed beyond those that always are.
    let canonical = format!("{}\n{path}\n\n{lines}\n\n{PAYLOAD}", request.method);
    let (scope, signature) = SCHEME.sign(&canonical, credentials, request.region, now);
    let id = &credentials.access_key_id;
    headers.push((
        "authorization",
        format!("{} Credential={id}/{scope}, Signature={signature}", SCHEME.algorithm),
    ));
    Signed { headers, signature }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(request: &Unsigned<'_>, credentials: &Credentials) -> String {
        sign(request, credentials, "2026-01-02T03:04:05Z".parse().unwrap()).signature
    }

    const GET: Unsigned<'static> = Unsigned {
        method: "GET",
        bucket: "reaper-settings",
        key: "path/reaper.toml",
        region: "cn-hangzhou",
        content_type: None,
    };

    /// Made by running oss2 2.19.1, `ProviderAuthV4`.
    #[test]
    fn the_signatures_of_the_official_client_are_reproduced() {
        assert_eq!(
            signature(&GET, &Credentials::new("ak", "sk")),
            "89b2b640e4ee9a0fa5bdb84ef4d7d3069988267a24bba5f3fe7f534e9e8859ac"
        );
        let put = Unsigned {
            method: "PUT",
            key: "path/reaper.checkpoint",
            content_type: Some("text/plain; charset=utf-8"),
            ..GET
        };
        assert_eq!(
            signature(&put, &Credentials::new("ak", "sk").with_security_token("hush")),
            "b1d49216c20f87e33a0a0b36d54535b81df46b56eefd87532986669c8a3eecf1"
        );
    }

    #[test]
    fn the_security_token_is_sent_signed_and_not_shown() {
        let credentials = Credentials::new("ak", "sk").with_security_token("hush");
        let signed = sign(&GET, &credentials, "2026-01-02T03:04:05Z".parse().unwrap());
        assert!(signed.headers.contains(&("x-oss-security-token", "hush".to_owned())));
        assert_ne!(signed.signature, signature(&GET, &Credentials::new("ak", "sk")));
        assert!(!format!("{signed:?}").contains("hush"));
    }
}
