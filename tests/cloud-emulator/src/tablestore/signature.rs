//! Request signatures V2 and V4, and the signature of answers (package tablestore 6.4.8 `auth.py`, `protocol.py`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::error::OtsError;
use crate::account::{Account, Key};
use crate::moment::{rfc3339, within_skew};
use crate::service::Request;
use crate::signature::{Denied, check_token};

/// The only version there is.
const API_VERSION: &str = "2015-12-31";

/// Who signed a request, and with what its answer is signed.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) caller: String,
    pub(crate) key_id: String,
    pub(crate) key: SigningKey,
}

/// The key of a signature. It does not show itself in `Debug`.
pub(crate) struct SigningKey(Vec<u8>);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl SigningKey {
    fn v2(secret: &str) -> Self {
        Self(secret.as_bytes().to_vec())
    }

    /// The base64 text of the chain, not its bytes.
    fn v4(secret: &str, date: &str, region: &str) -> Self {
        let start = format!("aliyun_v4{secret}").into_bytes();
        let steps = [date, region, "ots", "aliyun_v4_request"];
        let key = steps.iter().fold(start, |key, step| {
            // HMAC takes keys of any length.
            Hmac::<Sha256>::new_from_slice(&key)
                .map(|mac| mac.chain_update(step).finalize().into_bytes().to_vec())
                .unwrap_or_default()
        });
        Self(STANDARD.encode(key).into_bytes())
    }

    /// Signs an answer: always HMAC-SHA1, whatever the request was signed with.
    pub(crate) fn sign_answer(&self, path: &str, headers: &[(&'static str, String)]) -> String {
        let mut lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        lines.sort();
        let text = format!("{}\n{path}", lines.join("\n"));
        Hmac::<Sha1>::new_from_slice(&self.0)
            .map(|mac| STANDARD.encode(mac.chain_update(text).finalize().into_bytes()))
            .unwrap_or_default()
    }
}

/// Base64 of the MD5 of a body.
pub(crate) fn content_md5(body: &[u8]) -> String {
    STANDARD.encode(Md5::digest(body))
}

/// Everything with `x-ots-` in front but the signature itself.
fn string_to_sign(request: &Request) -> String {
    let names = request.headers.keys().map(http::HeaderName::as_str);
    let signed =
        |name: &&str| name.starts_with("x-ots-") && !matches!(*name, "x-ots-signature" | "x-ots-signaturev4");
    let mut lines: Vec<_> =
        names.filter(signed).map(|name| format!("{name}:{}", request.header(name))).collect();
    lines.sort();
    format!("{}\nPOST\n\n{}\n", request.path, lines.join("\n"))
}

/// A header that has to be there.
fn need(request: &Request, name: &str) -> Result<String, OtsError> {
    let value = request.header(name);
    if value.is_empty() { Err(OtsError::parameter(format!("Missing header: {name}."))) } else { Ok(value) }
}

/// Compares in constant time.
fn verify<M: Mac + KeyInit>(key: &SigningKey, text: &str, signature: &str) -> Result<(), OtsError> {
    let mismatch = || OtsError::denied("Signature mismatch.");
    let signature = STANDARD.decode(signature).map_err(|_| mismatch())?;
    let mac = <M as KeyInit>::new_from_slice(&key.0).map_err(|_| mismatch())?;
    mac.chain_update(text).verify_slice(&signature).map_err(|_| mismatch())
}

fn signing_key(request: &Request, key: &Key, account: &Account) -> Result<SigningKey, OtsError> {
    let text = string_to_sign(request);
    let secret = key.secret().expose();
    if request.headers.contains_key("x-ots-signaturev4") {
        let signature = need(request, "x-ots-signaturev4")?;
        let date = need(request, "x-ots-signdate")?;
        let region = need(request, "x-ots-signregion")?;
        let key = SigningKey::v4(secret, &date, &region);
        verify::<Hmac<Sha256>>(&key, &format!("{text}ots"), &signature)?;
        if region != account.region {
            return Err(OtsError::denied("Signature mismatch."));
        }
        return Ok(key);
    }
    let signature = need(request, "x-ots-signature")?;
    let key = SigningKey::v2(secret);
    verify::<Hmac<Sha1>>(&key, &text, &signature)?;
    Ok(key)
}

/// Finds out who sent a request to an instance. `clock` is real time, `now` the emulator's.
pub(crate) fn check(
    request: &Request,
    account: &Account,
    instance: &str,
    clock: Timestamp,
    now: Timestamp,
) -> Result<Signed, OtsError> {
    let version = need(request, "x-ots-apiversion")?;
    if version != API_VERSION {
        return Err(OtsError::parameter(format!("Invalid API version: {version}."))); // invented
    }
    let date = need(request, "x-ots-date")?;
    let at = rfc3339(&date).ok_or_else(|| OtsError::parameter(format!("Invalid date format: {date}.")))?;
    let key_id = need(request, "x-ots-accesskeyid")?;
    let key = account.key(&key_id).ok_or_else(|| OtsError::denied("The AccessKeyID does not exist."))?;
    let token = Some(request.header("x-ots-ststoken")).filter(|token| !token.is_empty());
    check_token(&key, token.as_deref(), now).map_err(|denied| {
        OtsError::denied(match denied {
            Denied::InactiveKey => "The AccessKeyID is disabled.",
            Denied::TokenExpired => "The STS token has expired.", // invented
            _ => "The STS token is invalid.",                     // invented
        })
    })?;
    let md5 = need(request, "x-ots-contentmd5")?;
    let named = need(request, "x-ots-instancename")?;
    let signing = signing_key(request, &key, account)?;
    if !within_skew(at, clock) {
        return Err(OtsError::denied(format!("Mismatch between system time and x-ots-date: {date}.")));
    }
    if md5 != content_md5(&request.body) {
        let message = "Mismatch between MD5 value of request body and x-ots-contentmd5 in header.";
        return Err(OtsError::denied(message));
    }
    if named != instance {
        return Err(OtsError::denied("The instance is not found."));
    }
    Ok(Signed { caller: key.owner().to_owned(), key_id, key: signing })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    /// Printed by package tablestore 6.4.8 for access key `ak`, secret `sk`, instance `inst`.
    const DATE: &str = "2026-01-02T03:04:05.000Z";

    fn describe_table(more: &[(&str, &str)]) -> Request {
        let body = hex::decode("0a0174").unwrap();
        let md5 = content_md5(&body);
        assert_eq!(md5, "yLFeGnWRrRXWNgAc1U8CZQ==");
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-ots-date", DATE),
            ("x-ots-apiversion", API_VERSION),
            ("x-ots-accesskeyid", "ak"),
            ("x-ots-instancename", "inst"),
            ("x-ots-contentmd5", &md5),
        ]
        .iter()
        .chain(more)
        {
            headers.insert(HeaderName::from_static(leak(name)), HeaderValue::from_str(value).unwrap());
        }
        Request::new("POST", "/DescribeTable", headers, body.into())
    }

    fn leak(name: &str) -> &'static str {
        name.to_owned().leak()
    }

    fn answer() -> [(&'static str, String); 4] {
        [
            ("x-ots-contentmd5", "yLFeGnWRrRXWNgAc1U8CZQ==".to_owned()),
            ("x-ots-requestid", "rid".to_owned()),
            ("x-ots-date", "2026-01-02T03:04:05.000000Z".to_owned()),
            ("x-ots-contenttype", "protocol buffer".to_owned()),
        ]
    }

    #[test]
    fn version_2() {
        let key = SigningKey::v2("sk");
        let text = string_to_sign(&describe_table(&[("x-ots-signature", "not a part of it")]));
        let signature = "K8KKsGW64QbKqYYVC8skJ++RJDs=";
        assert_eq!(verify::<Hmac<Sha1>>(&key, &text, signature), Ok(()));
        assert!(verify::<Hmac<Sha1>>(&key, &format!("{text} "), signature).is_err());
        assert_eq!(key.sign_answer("/DescribeTable", &answer()), "p+1ZrUhRRWOpt/Ff2RJpTwkyQiw=");
    }

    #[test]
    fn version_4() {
        let key = SigningKey::v4("sk", "20260102", "cn-hangzhou");
        let more = [("x-ots-signdate", "20260102"), ("x-ots-signregion", "cn-hangzhou")];
        let text = format!("{}ots", string_to_sign(&describe_table(&more)));
        let signature = "XD5e+PMHyY4RZx2f4cy+j28TOEMHqhXnn7MS/1qic94=";
        assert_eq!(verify::<Hmac<Sha256>>(&key, &text, signature), Ok(()));
        assert!(verify::<Hmac<Sha256>>(&key, &text, "XD5e+PMHyY4=").is_err());
        assert_eq!(key.sign_answer("/DescribeTable", &answer()), "nv/XO2dlBMw1/XNL0biAoiVPjTY=");
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", SigningKey::v2("sk")), "SigningKey(..)");
    }
}
