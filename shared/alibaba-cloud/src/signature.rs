//! Request signature V3, `ACS3-HMAC-SHA256`, for ROA and RPC style alike
//! (packages alibabacloud-tea-openapi 0.4.6 and alibabacloud-openapi-util 0.2.4).
//!
//! Of the headers, `host`, `content-type` and `x-acs-*` are signed, as the Go client does; the service checks the list
//! that a request names. Signing is a pure function of the request, the credentials, the time and the nonce.

mod canonical;

use std::fmt;

use jiff::Timestamp;
use secrecy::ExposeSecret;

pub use canonical::{canonical_query, encode, encode_path};
pub(crate) use canonical::{canonical_request, hmac_sha256, sha256_hex};

use crate::credentials::Credentials;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// What is signed of a request, apart from who signs it and when.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// `Host` as it is sent, with the port where it is not the usual one.
    pub host: &'a str,
    /// The path, already percent-encoded.
    pub path: &'a str,
    /// Parameters, not encoded, in any order.
    pub query: &'a [(&'a str, &'a str)],
    /// Name of the operation, e.g. `DescribeClustersV1`.
    pub action: &'a str,
    /// Version of the API, e.g. `2015-12-15`.
    pub version: &'a str,
    /// `Content-Type`, where there is a body.
    pub content_type: Option<&'a str>,
    /// The body; empty where there is none.
    pub body: &'a [u8],
}

/// The headers that make a request a signed one.
#[derive(Clone)]
pub struct Signed {
    /// Name and value of every header to send, `host`, `content-type` and `authorization` among them.
    pub headers: Vec<(&'static str, String)>,
    /// SHA-256 of the canonical request, hexadecimal: what to compare when a signature is refused.
    pub canonical_hash: String,
    /// The signature, hexadecimal.
    pub signature: String,
}

/// The headers hold the security token: only their names are shown.
impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Signed")
            .field("headers", &names)
            .field("canonical_hash", &self.canonical_hash)
            .finish()
    }
}

/// Signs a request. `nonce` has to be new for every attempt, `now` within about a quarter of an hour of the
/// service's clock.
pub fn sign(request: &Unsigned<'_>, credentials: &Credentials, now: Timestamp, nonce: &str) -> Signed {
    authorize(request, credentials, headers(request, credentials, now, nonce))
}

/// The headers that are signed.
fn headers(
    request: &Unsigned<'_>,
    credentials: &Credentials,
    now: Timestamp,
    nonce: &str,
) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("host", request.host.to_owned()),
        ("x-acs-action", request.action.to_owned()),
        ("x-acs-content-sha256", sha256_hex(request.body)),
        ("x-acs-date", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("x-acs-signature-nonce", nonce.to_owned()),
        ("x-acs-version", request.version.to_owned()),
    ];
    if let Some(content_type) = request.content_type {
        headers.push(("content-type", content_type.to_owned()));
    }
    if let Some(token) = &credentials.security_token {
        headers.push(("x-acs-accesskey-id", credentials.access_key_id.clone()));
        headers.push(("x-acs-security-token", token.expose_secret().to_owned()));
    }
    headers
}

/// Signs exactly these headers, and adds the one that says so.
fn authorize(
    request: &Unsigned<'_>,
    credentials: &Credentials,
    mut headers: Vec<(&'static str, String)>,
) -> Signed {
    headers.sort_unstable_by_key(|(name, _)| *name);
    let query = canonical_query(request.query);
    let body_hash = sha256_hex(request.body);
    let canonical = canonical_request(request.method, request.path, &query, &headers, &body_hash);
    let canonical_hash = sha256_hex(canonical.text.as_bytes());
    let to_sign = format!("{ALGORITHM}\n{canonical_hash}");
    let key = credentials.access_key_secret.expose_secret().as_bytes();
    let signature = hex::encode(hmac_sha256(key, to_sign.as_bytes()));
    let (id, names) = (&credentials.access_key_id, canonical.signed_headers);
    let authorization = format!("{ALGORITHM} Credential={id},SignedHeaders={names},Signature={signature}");
    headers.push(("authorization", authorization));
    Signed { headers, canonical_hash, signature }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "3156853299f313e23d1673dc12e1703d";

    fn credentials(token: Option<&str>) -> Credentials {
        let credentials = Credentials::new("YourAccessKeyId", "YourAccessKeySecret");
        match token {
            Some(token) => credentials.with_security_token(token),
            None => credentials,
        }
    }

    fn cs<'a>(method: &'a str, path: &'a str, action: &'a str) -> Unsigned<'a> {
        Unsigned {
            method,
            host: "cs.cn-hangzhou.aliyuncs.com",
            path,
            query: &[],
            action,
            version: "2015-12-15",
            content_type: None,
            body: b"",
        }
    }

    fn signed(request: &Unsigned<'_>) -> Signed {
        sign(request, &credentials(None), "2026-01-02T03:04:05Z".parse().unwrap(), NONCE)
    }

    #[test]
    fn the_published_vector_is_reproduced() {
        let request = Unsigned {
            method: "POST",
            host: "ecs.cn-shanghai.aliyuncs.com",
            path: "/",
            query: &[
                ("RegionId", "cn-shanghai"),
                ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
            ],
            action: "RunInstances",
            version: "2014-05-26",
            content_type: None,
            body: b"",
        };
        let signed = sign(&request, &credentials(None), "2023-10-26T10:22:32Z".parse().unwrap(), NONCE);
        assert_eq!(signed.signature, "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
    }

    #[test]
    fn a_call_with_a_security_token_is_signed_with_both_token_headers() {
        let request = Unsigned {
            query: &[("Force", "true")],
            ..cs(
                "DELETE",
                "/cluster/c0123456789abcdef0123456789abcde/user/200000000000000001/permissions",
                "CleanClusterUserPermissions",
            )
        };
        let credentials = credentials(Some("YourSecurityToken"));
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut headers = headers(&request, &credentials, now, NONCE);
        // This vector was made with one more signed header than this client signs.
        headers.push(("accept", "application/json".to_owned()));
        let signed = authorize(&request, &credentials, headers);
        assert_eq!(signed.canonical_hash, "8464e1819f36fe532528850d3467e37bd058d2771f88048e05a0b17fe85fca5c");
        assert_eq!(signed.signature, "904bab09d572c7da5adcb5a90cdae352a032164f3bb96934986162dd0403c73a");
        assert!(!format!("{signed:?}").contains("YourSecurityToken"));
    }

    #[test]
    fn a_listing_is_signed_with_its_query_sorted() {
        let request = Unsigned {
            query: &[("page_size", "50"), ("page_number", "1")],
            ..cs("GET", "/users/200000000000000001/kubeconfig/states", "ListUserKubeConfigStates")
        };
        let signed = signed(&request);
        assert_eq!(signed.canonical_hash, "8fc70bd27f562c7ea527005f71ac46cd1ee71e19e924aed6212ad4df1d67ff47");
        assert_eq!(signed.signature, "a23efe8c4ad1f394a6394484fb680139966c099614c23e2567a89d11448a86fb");
        let authorization = &signed.headers.iter().find(|(name, _)| *name == "authorization").unwrap().1;
        assert_eq!(
            authorization,
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;\
             x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=a23efe8c4ad1f394a6394484fb680139966c099614c23e2567a89d11448a86fb"
        );
    }

    #[test]
    fn an_rpc_call_is_signed_with_spaces_and_at_signs_encoded() {
        let request = Unsigned {
            host: "ims.aliyuncs.com",
            version: "2019-08-15",
            query: &[("Filter", "UserPrincipalName eq alice@example.onaliyun.com"), ("MaxItems", "100")],
            ..cs("POST", "/", "ListUsersInRecycleBin")
        };
        let signed = signed(&request);
        assert_eq!(signed.canonical_hash, "a07c4fbd72cbbae5c3675a564e464989c3e98fd87b34d60278cdef8d410700b0");
        assert_eq!(signed.signature, "207bf99ffaf019366f80744230fe644a0271d3c15c62e8204aca9c9fb1550274");
    }

    #[test]
    fn a_body_is_signed_with_its_content_type() {
        let request = Unsigned {
            content_type: Some("application/json; charset=utf-8"),
            body: br#"{"expire_hour":24,"user":"200000000000000001"}"#,
            ..cs(
                "POST",
                "/k8s/c0123456789abcdef0123456789abcde/user_config/expire",
                "UpdateK8sClusterUserConfigExpire",
            )
        };
        let signed = signed(&request);
        assert_eq!(signed.canonical_hash, "d6580b283cd5c4341a4444d57a829929d1f28cb5fa5f36b5228aad632f5fb97b");
        assert_eq!(signed.signature, "7f8845840ea2f6dcdc6718eee494a59e4c7631fe60b25da69227a6d66b7fbe1a");
    }
}
