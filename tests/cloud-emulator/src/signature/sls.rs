//! Signatures of the log service: V1 with HMAC-SHA1 (aliyun-log-python-sdk 0.9.52) or HMAC-SHA256
//! (alibabacloud-gateway-sls 0.5.1), and V4 (both).

use md5::{Digest, Md5};

use super::{Algorithm, Claim, Denied, canonical_headers, encode, optional, plain_resource, sha256_hex};
use crate::moment::{compact, http_date};
use crate::service::Request;

/// Headers with this prefix are never signed (aliyun-log-python-sdk 0.9.52, `util.py`).
const UNSIGNED_PREFIX: &str = "x-log-meta-";

pub(super) fn read(request: &Request, authorization: &str) -> Result<Claim, Denied> {
    if let Some(fields) = authorization.strip_prefix("SLS4-HMAC-SHA256 ") {
        return read_v4(request, fields);
    }
    match authorization.strip_prefix("LOG ").and_then(|rest| rest.split_once(':')) {
        Some((key_id, signature)) => read_v1(request, key_id, signature),
        None if authorization.is_empty() => Err(Denied::Unsigned),
        None => Err(Denied::Incomplete("Authorization".to_owned())),
    }
}

fn signed_header(name: &str) -> bool {
    name.starts_with("x-acs-") || (name.starts_with("x-log-") && !name.starts_with(UNSIGNED_PREFIX))
}

fn read_v1(request: &Request, key_id: &str, signature: &str) -> Result<Claim, Denied> {
    let algorithm = match request.header("x-log-signaturemethod").as_str() {
        "hmac-sha1" => Algorithm::Sha1,
        "hmac-sha256" => Algorithm::Sha256,
        other => return Err(Denied::Method(other.to_owned())),
    };
    let md5 = request.header("content-md5");
    if !md5.is_empty() && md5 != hex::encode_upper(Md5::digest(&request.body)) {
        return Err(Denied::Incomplete("Content-MD5".to_owned()));
    }
    let sent = Some(request.header("date")).filter(|date| !date.is_empty());
    let date = sent.unwrap_or_else(|| request.header("x-log-date"));
    let resource = plain_resource(request, |name, value| format!("{name}={value}"));
    let string_to_sign = |wanted: &dyn Fn(&str) -> bool| {
        let (headers, _) = canonical_headers(request, wanted);
        let content_type = request.header("content-type");
        format!("{}\n{md5}\n{content_type}\n{date}\n{headers}{resource}", request.method)
    };
    // aliyun-log-python-sdk adds x-log-date after signing.
    let late = string_to_sign(&|name| signed_header(name) && name != "x-log-date");
    Ok(Claim {
        key_id: key_id.to_owned(),
        token: optional(request.header("x-acs-security-token")),
        nonce: None,
        date: http_date(&date).ok_or_else(|| Denied::Incomplete("Date".to_owned()))?,
        algorithm,
        strings_to_sign: vec![string_to_sign(&signed_header), late],
        signature: signature.to_owned(),
    })
}

fn read_v4(request: &Request, fields: &str) -> Result<Claim, Denied> {
    let field = |name: &str| {
        let found = fields.split(',').find_map(|f| f.trim().strip_prefix(name)?.strip_prefix('='));
        found.ok_or_else(|| Denied::Incomplete(name.to_owned()))
    };
    let (key_id, scope) = field("Credential")?.split_once('/').unwrap_or_default();
    let scope_parts: Vec<_> = scope.split('/').collect();
    let [day, region, "sls", "aliyun_v4_request"] = scope_parts[..] else {
        return Err(Denied::Incomplete("Credential".to_owned()));
    };
    let hash = request.header("x-log-content-sha256");
    if hash != sha256_hex(&request.body) {
        return Err(Denied::Incomplete("x-log-content-sha256".to_owned()));
    }
    let date = request.header("x-log-date");
    let at = compact(&date).filter(|_| date.starts_with(day));
    let (headers, names) =
        canonical_headers(request, |name| name == "content-type" || name == "host" || signed_header(name));
    let mut query: Vec<_> = request.query.iter().collect();
    query.sort();
    let query: Vec<_> = query
        .iter()
        .map(
            |(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={}", encode(value)) },
        )
        .collect();
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{}\n{hash}",
        request.method,
        request.path,
        query.join("&"),
        names.join(";")
    );
    let canonical = sha256_hex(canonical.as_bytes());
    Ok(Claim {
        key_id: key_id.to_owned(),
        token: optional(request.header("x-acs-security-token")),
        nonce: None,
        date: at.ok_or_else(|| Denied::Incomplete("x-log-date".to_owned()))?,
        algorithm: Algorithm::Sls4 { date: day.to_owned(), region: region.to_owned() },
        strings_to_sign: vec![format!("SLS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}")],
        signature: field("Signature")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{request, signatures};
    use super::*;

    const BODY: &str = r#"{"from":1767225600,"to":1767830400,"query":"user.username: 200000000000000001","line":1,"offset":0,"reverse":true}"#;
    const PATH: &str = "/logstores/audit-c0123/logs";

    #[test]
    fn v1_with_sha1() {
        let headers = [
            ("content-type", "application/json"),
            ("content-md5", "A18E179986F2C0C4456D3E6E8041571F"),
            ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
            ("x-log-apiversion", "0.6.0"),
            ("x-log-bodyrawsize", "114"),
            ("x-log-signaturemethod", "hmac-sha1"),
        ];
        let claim = read(&request("POST", PATH, &headers, BODY), "LOG ak:x").expect("a claim");
        assert!(signatures(&claim, "sk").contains(&"+1KKQvrMrRnnhNyVatFZEDysUNs=".to_owned()));
    }

    /// Made by running alibabacloud-gateway-sls 0.5.1.
    #[test]
    fn v1_with_sha256() {
        let mut headers = vec![
            ("content-type", "application/json"),
            ("content-md5", "A18E179986F2C0C4456D3E6E8041571F"),
            ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
            ("x-log-apiversion", "0.6.0"),
            ("x-log-bodyrawsize", "114"),
            ("x-log-signaturemethod", "hmac-sha256"),
        ];
        let claim = read(&request("POST", PATH, &headers, BODY), "LOG ak:x").expect("a claim");
        assert!(
            signatures(&claim, "sk").contains(&"AMLpHCjhZScGYKwGLTJyKUSSQ26oNBiCKHAcXk6cUtc=".to_owned())
        );

        headers[1] = ("content-md5", "");
        headers[4] = ("x-log-bodyrawsize", "0");
        let uri = "/logstores/audit-c0123?type=log&from=1767225600&to=1767830400&query=*%20and%20x%3A%201";
        let claim = read(&request("GET", uri, &headers, ""), "LOG ak:x").expect("a claim");
        assert!(
            signatures(&claim, "sk").contains(&"1AtFV4A1YwLrz5qOqVzzOLsgjy8KsvTQwjArRVNgvsY=".to_owned())
        );
    }

    #[test]
    fn v4() {
        let headers = [
            ("content-type", "application/json"),
            ("host", "proj.cn-hangzhou.log.aliyuncs.com"),
            ("x-log-apiversion", "0.6.0"),
            ("x-log-bodyrawsize", "114"),
            ("x-log-content-sha256", &sha256_hex(BODY.as_bytes())),
            ("x-log-date", "20260102T030405Z"),
        ];
        let authorization =
            "SLS4-HMAC-SHA256 Credential=ak/20260102/cn-hangzhou/sls/aliyun_v4_request,Signature=x";
        let claim = read(&request("POST", PATH, &headers, BODY), authorization).expect("a claim");
        let expected = "c50296f8d3d14cbb0dcded286218c0f7f86a69ed31bc2d4788e3b6633000f280";
        assert_eq!(signatures(&claim, "sk"), [expected]);
    }

    #[test]
    fn a_body_that_is_not_the_one_that_was_hashed_is_refused() {
        let headers = [
            ("content-md5", "A18E179986F2C0C4456D3E6E8041571F"),
            ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
            ("x-log-signaturemethod", "hmac-sha1"),
        ];
        let denied = read(&request("POST", PATH, &headers, "other"), "LOG ak:x").expect_err("denied");
        assert_eq!(denied, Denied::Incomplete("Content-MD5".to_owned()));
    }
}
