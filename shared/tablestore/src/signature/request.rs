//! The headers of a request.

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::key::sign_date;
use super::{API_VERSION, SignatureVersion, SigningKey, content_md5};
use crate::credentials::Credentials;

/// All `x-ots-*` headers of a request, the signature among them, and the key that also signs the answer.
pub(crate) fn signed_headers(
    version: &SignatureVersion,
    credentials: &Credentials,
    instance: &str,
    operation: &str,
    body: &[u8],
    at: Timestamp,
) -> (Vec<(&'static str, String)>, SigningKey) {
    let mut headers = vec![
        ("x-ots-date", at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()),
        ("x-ots-apiversion", API_VERSION.to_owned()),
        ("x-ots-accesskeyid", credentials.access_key_id().to_owned()),
        ("x-ots-instancename", instance.to_owned()),
        ("x-ots-contentmd5", content_md5(body)),
    ];
    if let Some(token) = credentials.security_token() {
        headers.push(("x-ots-ststoken", token.expose_secret().to_owned()));
    }
    if let SignatureVersion::V4 { region } = version {
        headers.push(("x-ots-signdate", sign_date(at)));
        headers.push(("x-ots-signregion", region.clone()));
    }
    let key = SigningKey::new(version, credentials, at);
    let signature = key.sign_request(operation, headers.iter().map(|(name, value)| (*name, value.as_str())));
    headers.push((key.signature_header(), signature));
    (headers, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of section 7.1 of the interface facts, produced by package tablestore 6.4.8 for Python.
    fn headers(version: &SignatureVersion) -> Vec<(&'static str, String)> {
        let body = [0x0a, 0x01, 0x74];
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        signed_headers(version, &Credentials::new("ak", "sk"), "inst", "DescribeTable", &body, at).0
    }

    fn get<'a>(headers: &'a [(&'static str, String)], name: &str) -> &'a str {
        headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str()).unwrap()
    }

    #[test]
    fn version_2_signs_as_the_official_package_does() {
        let headers = headers(&SignatureVersion::V2);
        assert_eq!(get(&headers, "x-ots-date"), "2026-01-02T03:04:05.000Z");
        assert_eq!(get(&headers, "x-ots-contentmd5"), "yLFeGnWRrRXWNgAc1U8CZQ==");
        assert_eq!(get(&headers, "x-ots-signature"), "K8KKsGW64QbKqYYVC8skJ++RJDs=");
    }

    #[test]
    fn version_4_signs_as_the_official_package_does() {
        let headers = headers(&SignatureVersion::V4 { region: "cn-hangzhou".to_owned() });
        assert_eq!(get(&headers, "x-ots-signdate"), "20260102");
        assert_eq!(get(&headers, "x-ots-signaturev4"), "XD5e+PMHyY4RZx2f4cy+j28TOEMHqhXnn7MS/1qic94=");
    }
}
