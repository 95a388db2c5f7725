//! Signature V3, ACS3-HMAC-SHA256 (alibabacloud-tea-openapi 0.4.6, alibabacloud-openapi-util 0.2.4).

use super::{Algorithm, Claim, Denied, canonical_headers, canonical_query, optional, sha256_hex};
use crate::moment::rfc3339;
use crate::service::Request;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Headers that every request has to sign.
const REQUIRED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"];

pub(super) fn read(request: &Request, authorization: &str) -> Result<Claim, Denied> {
    let Some((algorithm, fields)) = authorization.split_once(' ') else {
        return Err(Denied::Incomplete("Authorization".to_owned()));
    };
    if algorithm != ALGORITHM {
        return Err(Denied::Method(algorithm.to_owned()));
    }
    let field = |name: &str| {
        let found = fields.split(',').find_map(|f| f.trim().strip_prefix(name)?.strip_prefix('='));
        found.map(str::to_owned).ok_or_else(|| Denied::Incomplete(name.to_owned()))
    };
    let signed_headers = field("SignedHeaders")?;
    let signed: Vec<_> = signed_headers.split(';').collect();
    refuse_unsigned(request, &signed)?;
    let hash = request.header("x-acs-content-sha256");
    if hash != sha256_hex(&request.body) {
        return Err(Denied::Incomplete("x-acs-content-sha256".to_owned()));
    }
    let (headers, _) = canonical_headers(request, |name| signed.contains(&name));
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{hash}",
        request.method,
        request.path,
        canonical_query(&request.query)
    );
    let date = request.header("x-acs-date");
    Ok(Claim {
        key_id: field("Credential")?,
        token: optional(request.header("x-acs-security-token")),
        nonce: optional(request.header("x-acs-signature-nonce")),
        date: rfc3339(&date).ok_or_else(|| Denied::Incomplete("x-acs-date".to_owned()))?,
        algorithm: Algorithm::Sha256Hex,
        strings_to_sign: vec![format!("{ALGORITHM}\n{}", sha256_hex(canonical.as_bytes()))],
        signature: field("Signature")?,
    })
}

/// A header that changes the meaning of a request has to be signed if it is there.
fn refuse_unsigned(request: &Request, signed: &[&str]) -> Result<(), Denied> {
    let sent = request.headers.keys().map(http::HeaderName::as_str);
    let meaning = sent.filter(|name| name.starts_with("x-acs-") || *name == "content-type");
    let missing = REQUIRED.into_iter().find(|name| request.header(name).is_empty());
    let missing = missing.or_else(|| REQUIRED.into_iter().chain(meaning).find(|name| !signed.contains(name)));
    missing.map_or(Ok(()), |name| Err(Denied::Incomplete(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{request, signatures};
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const CLUSTER: &str = "c0123456789abcdef0123456789abcde";

    /// Adds what every vector has, signs the headers that Go signs, and gives the signature.
    fn sign(method: &str, uri: &str, action: &str, more: &[(&str, &str)], body: &str) -> String {
        let hash = sha256_hex(body.as_bytes());
        let mut headers = vec![
            ("host", "cs.cn-hangzhou.aliyuncs.com"),
            ("x-acs-action", action),
            ("x-acs-version", "2015-12-15"),
            ("x-acs-date", "2026-01-02T03:04:05Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-content-sha256", &hash),
        ];
        for (name, value) in more {
            headers.retain(|(other, _)| other != name);
            headers.push((name, value));
        }
        let mut names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        names.retain(|name| {
            *name == "host" || *name == "content-type" || name.starts_with("x-acs-") || *name == "accept"
        });
        names.sort_unstable();
        let names = names.join(";");
        let authorization =
            format!("ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders={names},Signature=x");
        let claim = read(&request(method, uri, &headers, body), &authorization).expect("a claim");
        assert_eq!(claim.key_id, "YourAccessKeyId");
        signatures(&claim, "YourAccessKeySecret").remove(0)
    }

    #[test]
    fn the_published_vector() {
        let uri = "/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai";
        let more = [
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-version", "2014-05-26"),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
        ];
        assert_eq!(
            sign("POST", uri, "RunInstances", &more, ""),
            "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn a_deletion_with_a_security_token() {
        let uri = format!("/cluster/{CLUSTER}/user/200000000000000001/permissions?Force=true");
        let more = [
            ("accept", "application/json"),
            ("x-acs-accesskey-id", "YourAccessKeyId"),
            ("x-acs-security-token", "YourSecurityToken"),
        ];
        assert_eq!(
            sign("DELETE", &uri, "CleanClusterUserPermissions", &more, ""),
            "904bab09d572c7da5adcb5a90cdae352a032164f3bb96934986162dd0403c73a"
        );
    }

    #[test]
    fn a_list() {
        let uri = "/users/200000000000000001/kubeconfig/states?page_number=1&page_size=50";
        assert_eq!(
            sign("GET", uri, "ListUserKubeConfigStates", &[], ""),
            "a23efe8c4ad1f394a6394484fb680139966c099614c23e2567a89d11448a86fb"
        );
    }

    #[test]
    fn an_rpc_call_with_characters_that_need_encoding() {
        let uri = "/?Filter=UserPrincipalName%20eq%20alice%40example.onaliyun.com&MaxItems=100";
        let more = [("host", "ims.aliyuncs.com"), ("x-acs-version", "2019-08-15")];
        assert_eq!(
            sign("POST", uri, "ListUsersInRecycleBin", &more, ""),
            "207bf99ffaf019366f80744230fe644a0271d3c15c62e8204aca9c9fb1550274"
        );
    }

    #[test]
    fn a_body() {
        let uri = format!("/k8s/{CLUSTER}/user_config/expire");
        let more = [("content-type", "application/json; charset=utf-8")];
        let body = r#"{"expire_hour":24,"user":"200000000000000001"}"#;
        assert_eq!(
            sign("POST", &uri, "UpdateK8sClusterUserConfigExpire", &more, body),
            "7f8845840ea2f6dcdc6718eee494a59e4c7631fe60b25da69227a6d66b7fbe1a"
        );
    }

    #[test]
    fn the_content_hash_has_to_be_that_of_the_body() {
        let headers = [
            ("host", "h"),
            ("x-acs-action", "A"),
            ("x-acs-version", "2015-12-15"),
            ("x-acs-date", "2026-01-02T03:04:05Z"),
            ("x-acs-signature-nonce", "n"),
            ("x-acs-content-sha256", EMPTY),
        ];
        let authorization =
            format!("ACS3-HMAC-SHA256 Credential=k,SignedHeaders={},Signature=x", REQUIRED.join(";"));
        assert!(read(&request("POST", "/", &headers, ""), &authorization).is_ok());
        let denied = read(&request("POST", "/", &headers, "more"), &authorization).expect_err("denied");
        assert_eq!(denied, Denied::Incomplete("x-acs-content-sha256".to_owned()));
    }

    #[test]
    fn a_header_that_is_not_signed_is_refused() {
        let headers = [
            ("host", "h"),
            ("x-acs-action", "A"),
            ("x-acs-version", "2015-12-15"),
            ("x-acs-date", "2026-01-02T03:04:05Z"),
            ("x-acs-signature-nonce", "n"),
            ("x-acs-content-sha256", EMPTY),
            ("x-acs-security-token", "slipped in"),
        ];
        let authorization =
            format!("ACS3-HMAC-SHA256 Credential=k,SignedHeaders={},Signature=x", REQUIRED.join(";"));
        let denied = read(&request("POST", "/", &headers, ""), &authorization).expect_err("denied");
        assert_eq!(denied, Denied::Incomplete("x-acs-security-token".to_owned()));
    }
}
