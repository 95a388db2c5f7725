//! Signature V4 of the Simple Log Service (package aliyun-log-python-sdk 0.9.52, `auth.py`).
//!
//! Of the headers, `content-type`, `host`, `x-log-*` and `x-acs-*` are signed; the request does not list them.

use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::credentials::Credentials;
use crate::signature::{canonical_query, canonical_request, sha256_hex};
use crate::signature_v4::{Scheme, Signed, time};

const SCHEME: Scheme = Scheme { algorithm: "SLS4-HMAC-SHA256", service: "sls" };

/// The version of the log service's API that is spoken.
pub(crate) const API_VERSION: &str = "0.6.0";

/// What is signed of a request to the log service.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// `Host` as it is sent: `{project}.{endpoint}`.
    pub host: &'a str,
    /// The path, as it is sent.
    pub path: &'a str,
    /// Parameters, not encoded, in any order.
    pub query: &'a [(&'a str, &'a str)],
    /// Region of the project: part of the scope of the signature.
    pub region: &'a str,
    /// `Content-Type`, where there is a body.
    pub content_type: Option<&'a str>,
    /// The body; empty where there is none.
    pub body: &'a [u8],
}

/// Signs a request to the log service.
pub fn sign(request: &Unsigned<'_>, credentials: &Credentials, now: Timestamp) -> Signed {
    let body_hash = sha256_hex(request.body);
    let mut headers = vec![
        ("host", request.host.to_owned()),
        ("x-log-apiversion", API_VERSION.to_owned()),
        ("x-log-bodyrawsize", request.body.len().to_string()),
        ("x-log-content-sha256", body_hash.clone()),
        ("x-log-date", time(now)),
    ];
    if let Some(content_type) = request.content_type {
        headers.push(("content-type", content_type.to_owned()));
    }
    if let Some(token) = &credentials.security_token {
        headers.push(("x-acs-security-token", token.expose_secret().to_owned()));
    }
    headers.sort_unstable_by_key(|(name, _)| *name);

    let query = canonical_query(request.query);
    let canonical = canonical_request(request.method, request.path, &query, &headers, &body_hash);
    let (scope, signature) = SCHEME.sign(&canonical.text, credentials, request.region, now);
    let id = &credentials.access_key_id;
    headers.push((
        "authorization",
        format!("{} Credential={id}/{scope},Signature={signature}", SCHEME.algorithm),
    ));
    Signed { headers, signature }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"from":1767225600,"to":1767830400,"query":"user.username: 200000000000000001","line":1,"offset":0,"reverse":true}"#;

    fn request() -> Unsigned<'static> {
        Unsigned {
            method: "POST",
            host: "proj.cn-hangzhou.log.aliyuncs.com",
            path: "/logstores/audit-c0123/logs",
            query: &[],
            region: "cn-hangzhou",
            content_type: Some("application/json"),
            body: BODY,
        }
    }

    #[test]
    fn the_signature_of_the_official_client_is_reproduced() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let signed = sign(&request(), &Credentials::new("ak", "sk"), now);
        assert_eq!(BODY.len(), 114);
        assert_eq!(signed.signature, "c50296f8d3d14cbb0dcded286218c0f7f86a69ed31bc2d4788e3b6633000f280");
    }

    #[test]
    fn the_security_token_is_sent_signed_and_not_shown() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let plain = sign(&request(), &Credentials::new("ak", "sk"), now);
        let with_token = sign(&request(), &Credentials::new("ak", "sk").with_security_token("hush"), now);
        assert!(with_token.headers.contains(&("x-acs-security-token", "hush".to_owned())));
        assert_ne!(plain.signature, with_token.signature);
        assert!(!format!("{with_token:?}").contains("hush"));
    }
}
