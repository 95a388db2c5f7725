//! The older signature of ROA calls, HMAC-SHA1 in `Authorization: acs {key}:{signature}`
//! (alibabacloud-openapi-util 0.2.4, `get_string_to_sign` and `get_roasignature`).

use super::{Algorithm, Claim, Denied, canonical_headers, optional, plain_resource};
use crate::moment::http_date;
use crate::service::Request;

pub(super) fn read(request: &Request, authorization: &str) -> Result<Claim, Denied> {
    if authorization.is_empty() {
        return Err(Denied::Unsigned);
    }
    let fields = authorization.strip_prefix("acs ").and_then(|rest| rest.split_once(':'));
    let (key_id, signature) = fields.ok_or_else(|| Denied::Incomplete("Authorization".to_owned()))?;
    let method = request.header("x-acs-signature-method");
    if !method.is_empty() && method != "HMAC-SHA1" {
        return Err(Denied::Method(method));
    }
    let date = request.header("date");
    let (headers, _) = canonical_headers(request, |name| name.starts_with("x-acs-"));
    let resource = plain_resource(request, |name, value| match value {
        "" => name.to_owned(),
        value => format!("{name}={value}"),
    });
    let string_to_sign = format!(
        "{}\n{}\n{}\n{}\n{date}\n{headers}{resource}",
        request.method,
        request.header("accept"),
        request.header("content-md5"),
        request.header("content-type"),
    );
    Ok(Claim {
        key_id: key_id.to_owned(),
        token: optional(request.header("x-acs-security-token")),
        nonce: optional(request.header("x-acs-signature-nonce")),
        date: http_date(&date).ok_or_else(|| Denied::Incomplete("Date".to_owned()))?,
        algorithm: Algorithm::Sha1,
        strings_to_sign: vec![string_to_sign],
        signature: signature.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{request, signatures};
    use super::*;

    /// Made by running alibabacloud-openapi-util 0.2.4.
    #[test]
    fn a_deletion_with_an_empty_parameter() {
        let headers = [
            ("accept", "application/json"),
            ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
            ("host", "cs.cn-hangzhou.aliyuncs.com"),
            ("x-acs-action", "CleanClusterUserPermissions"),
            ("x-acs-signature-method", "HMAC-SHA1"),
            ("x-acs-signature-nonce", "n1"),
            ("x-acs-signature-version", "1.0"),
            ("x-acs-version", "2015-12-15"),
        ];
        let uri = "/cluster/c0123/user/200000000000000001/permissions?Force=true&Empty=";
        let claim = read(&request("DELETE", uri, &headers, ""), "acs YourAccessKeyId:x").expect("a claim");
        assert_eq!(signatures(&claim, "YourAccessKeySecret"), ["4uSCw+GEolz0i0+SIvns5cyZsGw="]);
        assert_eq!(claim.key_id, "YourAccessKeyId");
    }

    /// Made by running alibabacloud-openapi-util 0.2.4.
    #[test]
    fn a_body_and_a_security_token() {
        let headers = [
            ("accept", "application/json"),
            ("content-type", "application/json; charset=utf-8"),
            ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
            ("x-acs-accesskey-id", "YourAccessKeyId"),
            ("x-acs-action", "UpdateK8sClusterUserConfigExpire"),
            ("x-acs-security-token", "YourSecurityToken"),
            ("x-acs-signature-method", "HMAC-SHA1"),
            ("x-acs-signature-nonce", "n1"),
            ("x-acs-signature-version", "1.0"),
            ("x-acs-version", "2015-12-15"),
        ];
        let request = request("POST", "/k8s/c0123/user_config/expire", &headers, "{}");
        let claim = read(&request, "acs YourAccessKeyId:x").expect("a claim");
        assert_eq!(signatures(&claim, "YourAccessKeySecret"), ["oxT4EhITtmNqz6awpUDHaDUDcXw="]);
        assert_eq!(claim.token.as_deref(), Some("YourSecurityToken"));
    }
}
