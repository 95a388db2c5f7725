//! The check of an answer: who made it, that it is whole, and that it is of now.

use http::HeaderMap;
use jiff::Timestamp;

use super::{MAX_CLOCK_SKEW_SECONDS, SigningKey, content_md5};

/// Headers that a good answer always has.
const REQUIRED: [&str; 4] = ["x-ots-contentmd5", "x-ots-requestid", "x-ots-date", "x-ots-contenttype"];

/// Why an answer is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A header is missing that every good answer has.
    #[error("header {0} is missing")]
    MissingHeader(&'static str),
    /// A header that is signed is there twice or is not text.
    #[error("a signed header is there twice or is not text")]
    AmbiguousHeader,
    /// The MD5 is not that of the body: it was damaged or changed.
    #[error("the MD5 does not match the body")]
    ContentMd5,
    /// The signature is not the service's, or of another key.
    #[error("the signature of the answer does not match")]
    Signature,
    /// `Authorization` is not of the form `OTS id:signature`, or of another access key.
    #[error("the authorization of the answer is not for this access key")]
    Authorization,
    /// The date is not a date.
    #[error("the date of the answer is not a date")]
    Date,
    /// The clocks are too far apart, or the answer was recorded earlier.
    #[error("the date of the answer is {0} s away from the local clock, more than 15 minutes")]
    ClockSkew(i64),
}

/// What an answer is checked against.
pub(crate) struct ResponseCheck<'a> {
    pub(crate) key: &'a SigningKey,
    pub(crate) access_key_id: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) now: Timestamp,
}

/// Checks a good answer completely. Of a failure (`good` is false) only what it has is checked, because it can come
/// from before the service knows the key.
pub(crate) fn verify(
    check: &ResponseCheck<'_>,
    good: bool,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), VerifyError> {
    let headers_signed = signed(headers)?;
    let get = |name: &str| headers_signed.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
    if good && let Some(name) = REQUIRED.into_iter().find(|name| get(name).is_none()) {
        return Err(VerifyError::MissingHeader(name));
    }
    if get("x-ots-contentmd5").is_some_and(|md5| md5 != content_md5(body)) {
        return Err(VerifyError::ContentMd5);
    }
    match authorization(headers)? {
        Some((id, signature)) => {
            if id != check.access_key_id {
                return Err(VerifyError::Authorization);
            }
            if !check.key.verifies_response(check.operation, headers_signed.iter().copied(), signature) {
                return Err(VerifyError::Signature);
            }
        }
        None if good => return Err(VerifyError::MissingHeader("authorization")),
        None => {}
    }
    get("x-ots-date").map_or(Ok(()), |date| check_date(date, check.now))
}

/// The signed headers, each once.
fn signed(headers: &HeaderMap) -> Result<Vec<(&str, &str)>, VerifyError> {
    let mut signed = Vec::new();
    for (name, value) in headers {
        let name = name.as_str();
        if !name.starts_with("x-ots-") {
            continue;
        }
        let value = str::from_utf8(value.as_bytes()).map_err(|_| VerifyError::AmbiguousHeader)?;
        if signed.iter().any(|(other, _)| *other == name) {
            return Err(VerifyError::AmbiguousHeader);
        }
        signed.push((name, value.trim()));
    }
    Ok(signed)
}

fn authorization(headers: &HeaderMap) -> Result<Option<(&str, &str)>, VerifyError> {
    let Some(value) = headers.get(http::header::AUTHORIZATION) else { return Ok(None) };
    let parts = value.to_str().ok().and_then(|value| value.strip_prefix("OTS ")?.split_once(':'));
    parts.map(Some).ok_or(VerifyError::Authorization)
}

fn check_date(date: &str, now: Timestamp) -> Result<(), VerifyError> {
    let date: Timestamp = date.parse().map_err(|_| VerifyError::Date)?;
    let skew = date.as_second() - now.as_second();
    if skew.abs() > MAX_CLOCK_SKEW_SECONDS { Err(VerifyError::ClockSkew(skew)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: [u8; 3] = [0x0a, 0x01, 0x74];

    fn headers(signature: &str) -> HeaderMap {
        let authorization = format!("OTS ak:{signature}");
        [
            ("x-ots-contentmd5", "yLFeGnWRrRXWNgAc1U8CZQ=="),
            ("x-ots-requestid", "rid"),
            ("x-ots-date", "2026-01-02T03:04:05.000000Z"),
            ("x-ots-contenttype", "protocol buffer"),
            ("authorization", authorization.as_str()),
        ]
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
    }

    fn check(key: &SigningKey, headers: &HeaderMap, now: &str) -> Result<(), VerifyError> {
        let now = now.parse().unwrap();
        let check = ResponseCheck { key, access_key_id: "ak", operation: "DescribeTable", now };
        verify(&check, true, headers, &BODY)
    }

    const NOW: &str = "2026-01-02T03:04:05Z";

    #[test]
    fn answers_signed_as_by_the_official_package_are_believed_in_both_versions() {
        let v4 = SigningKey::v4("sk", "20260102", "cn-hangzhou");
        assert_eq!(check(&SigningKey::v2("sk"), &headers("p+1ZrUhRRWOpt/Ff2RJpTwkyQiw="), NOW), Ok(()));
        assert_eq!(check(&v4, &headers("nv/XO2dlBMw1/XNL0biAoiVPjTY="), NOW), Ok(()));
    }

    #[test]
    fn every_signed_header_counts() {
        let key = SigningKey::v2("sk");
        let mut changed = headers("p+1ZrUhRRWOpt/Ff2RJpTwkyQiw=");
        changed.insert("x-ots-requestid", "other".parse().unwrap());
        assert_eq!(check(&key, &changed, NOW), Err(VerifyError::Signature));
        let mut twice = headers("p+1ZrUhRRWOpt/Ff2RJpTwkyQiw=");
        twice.append("x-ots-requestid", "other".parse().unwrap());
        assert_eq!(check(&key, &twice, NOW), Err(VerifyError::AmbiguousHeader));
        for name in REQUIRED {
            let mut without = headers("p+1ZrUhRRWOpt/Ff2RJpTwkyQiw=");
            without.remove(name);
            assert_eq!(check(&key, &without, NOW), Err(VerifyError::MissingHeader(name)));
        }
    }

    #[test]
    fn an_answer_is_believed_within_15_minutes_both_ways() {
        let (key, headers) = (SigningKey::v2("sk"), headers("p+1ZrUhRRWOpt/Ff2RJpTwkyQiw="));
        for (now, expected) in [
            ("2026-01-02T03:19:05Z", Ok(())),
            ("2026-01-02T02:49:05Z", Ok(())),
            ("2026-01-02T03:19:06Z", Err(VerifyError::ClockSkew(-901))),
            ("2026-01-02T02:49:04Z", Err(VerifyError::ClockSkew(901))),
        ] {
            assert_eq!(check(&key, &headers, now), expected, "{now}");
        }
    }
}
