//! Signature V4 of OSS in headers (oss2 2.19.1, `auth.py`; DOC:oss/developer-reference/recommend-to-use-signature-version-4).
//! Signatures V1 and V2 are not taken.

use super::{Algorithm, Claim, Denied, canonical_headers, encode, optional, sha256_hex};
use crate::moment::{compact, http_date};
use crate::service::{Request, place_of_object};

const ALGORITHM: &str = "OSS4-HMAC-SHA256";

pub(super) fn read(request: &Request, authorization: &str) -> Result<Claim, Denied> {
    if authorization.is_empty() {
        return Err(Denied::Unsigned);
    }
    let fields = authorization
        .strip_prefix(ALGORITHM)
        .and_then(|rest| rest.strip_prefix(' '))
        .ok_or_else(|| Denied::Method(authorization.chars().take(20).collect()))?;
    let optional_field =
        |name: &str| fields.split(',').find_map(|f| f.trim().strip_prefix(name)?.strip_prefix('='));
    let field = |name: &str| optional_field(name).ok_or_else(|| Denied::Incomplete(name.to_owned()));
    let (key_id, scope) = field("Credential")?.split_once('/').unwrap_or_default();
    let scope_parts: Vec<_> = scope.split('/').collect();
    let [day, region, "oss", "aliyun_v4_request"] = scope_parts[..] else {
        return Err(Denied::Incomplete("Credential".to_owned()));
    };
    // Nothing else is documented.
    let payload = request.header("x-oss-content-sha256");
    if payload != "UNSIGNED-PAYLOAD" {
        return Err(Denied::Incomplete("x-oss-content-sha256".to_owned()));
    }
    let (time, at) = date(request).ok_or_else(|| Denied::Incomplete("x-oss-date".to_owned()))?;
    if !time.starts_with(day) {
        return Err(Denied::Incomplete("Credential".to_owned()));
    }
    let additional = optional_field("AdditionalHeaders").unwrap_or_default();
    let (headers, _) = canonical_headers(request, |name| {
        name.starts_with("x-oss-")
            || matches!(name, "content-type" | "content-md5")
            || additional.split(';').any(|other| other == name)
    });
    let canonical = format!(
        "{}\n{}\n{}\n{headers}\n{additional}\n{payload}",
        request.method,
        path(request),
        query(request)
    );
    Ok(Claim {
        key_id: key_id.to_owned(),
        token: optional(request.header("x-oss-security-token")),
        nonce: None,
        date: at,
        algorithm: Algorithm::Oss4 { date: day.to_owned(), region: region.to_owned() },
        strings_to_sign: vec![format!("{ALGORITHM}\n{time}\n{scope}\n{}", sha256_hex(canonical.as_bytes()))],
        signature: field("Signature")?.to_owned(),
    })
}

/// The time as it is signed, and the moment that it is. `Date` stands in where `x-oss-date` is missing.
fn date(request: &Request) -> Option<(String, jiff::Timestamp)> {
    let sent = request.header("x-oss-date");
    if sent.is_empty() {
        let at = http_date(&request.header("date"))?;
        return Some((at.strftime("%Y%m%dT%H%M%SZ").to_string(), at));
    }
    let at = compact(&sent)?;
    Some((sent, at))
}

/// `/bucket/object`, whichever way the request names them; slashes stay.
fn path(request: &Request) -> String {
    let (bucket, key) = place_of_object(request);
    let segments: Vec<_> = format!("/{bucket}/{key}").split('/').map(encode).collect();
    segments.join("/")
}

fn query(request: &Request) -> String {
    let mut pairs: Vec<_> = request.query.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    let join = |(name, value): &(String, String)| {
        if value.is_empty() { name.clone() } else { format!("{name}={value}") }
    };
    pairs.iter().map(join).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{request, signatures};
    use super::*;

    const SCOPE: &str =
        "OSS4-HMAC-SHA256 Credential=ak/20260102/cn-hangzhou/oss/aliyun_v4_request, Signature=x";

    /// Made by running oss2 2.19.1, `ProviderAuthV4`; the same object, by either kind of address.
    #[test]
    fn v4() {
        for (host, path) in [
            ("reaper-settings.oss-cn-hangzhou.aliyuncs.com", "/path/reaper.toml"),
            ("127.0.0.1:80", "/reaper-settings/path%2Freaper.toml"),
        ] {
            let headers = [
                ("host", host),
                ("x-oss-date", "20260102T030405Z"),
                ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
            ];
            let claim = read(&request("GET", path, &headers, ""), SCOPE).expect("a claim");
            let expected = "89b2b640e4ee9a0fa5bdb84ef4d7d3069988267a24bba5f3fe7f534e9e8859ac";
            assert_eq!(signatures(&claim, "sk"), [expected]);
        }
        let headers = [
            ("host", "reaper-settings.oss-cn-hangzhou.aliyuncs.com"),
            ("content-type", "text/plain; charset=utf-8"),
            ("x-oss-date", "20260102T030405Z"),
            ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
            ("x-oss-security-token", "hush"),
        ];
        let claim =
            read(&request("PUT", "/path/reaper.checkpoint", &headers, "text"), SCOPE).expect("a claim");
        let expected = "b1d49216c20f87e33a0a0b36d54535b81df46b56eefd87532986669c8a3eecf1";
        assert_eq!(signatures(&claim, "sk"), [expected]);
    }

    #[test]
    fn a_day_in_the_scope_that_is_not_the_day_of_the_request_is_refused() {
        let headers = [("x-oss-date", "20260103T030405Z"), ("x-oss-content-sha256", "UNSIGNED-PAYLOAD")];
        let denied = read(&request("GET", "/b/k", &headers, ""), SCOPE).expect_err("denied");
        assert_eq!(denied, Denied::Incomplete("Credential".to_owned()));
    }
}
