//! The Object Storage Service: GetObject and PutObject (oss2 2.19.1, `api.py`). Errors are XML.
//!
//! Neither is on the trail: they are data events, which ActionTrail does not deliver unless it is asked to.

use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;

use super::answer::{Answer, ApiError};
use super::desk::{Desk, Effect, Operation, Params};
use super::wire::Request;

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::roa("GetObject", "GET", "/{bucket}/{key}", Effect::Read, get_object),
    Operation::roa("PutObject", "PUT", "/{bucket}/{key}", Effect::Read, put_object),
];

/// Bucket and object that a request is about, decoded. The bucket is the first label of the host; an address in numbers
/// has none, and the path begins with it there.
pub(crate) fn place(request: &Request) -> (String, String) {
    let path = percent_decode_str(request.path.trim_start_matches('/')).decode_utf8_lossy().into_owned();
    let host = request.host();
    let number = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() || host == "localhost";
    if number {
        let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
        return (bucket.to_owned(), key.to_owned());
    }
    (host.split('.').next().unwrap_or_default().to_owned(), path)
}

/// An operation on an object. Parameters ask for other operations (`acl`, `append`, …), none of which is here.
pub(crate) fn route(request: &Request) -> Option<(&'static Operation, Params)> {
    let (bucket, key) = place(request);
    if key.is_empty() || !request.query.is_empty() {
        return None;
    }
    let verb = |operation: &&Operation| operation.at.is_some_and(|(verb, _)| verb == request.method);
    let operation = OPERATIONS.iter().find(verb)?;
    Some((operation, Params::new(vec![("bucket".to_owned(), bucket), ("key".to_owned(), key)])))
}

fn get_object(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let (bucket, key) = (desk.params.need("bucket")?, desk.params.need("key")?);
    let content = desk.account.object(bucket, key).map_err(desk.refused())?.to_vec();
    Ok(Answer { headers: sums(&content), bytes: Some(content), ..Answer::default() })
}

fn put_object(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let (bucket, key) = (desk.params.need("bucket")?, desk.params.need("key")?);
    let refused = desk.refused();
    desk.account.put_object(bucket, key, desk.body).map_err(refused)?;
    Ok(Answer { headers: sums(desk.body), ..Answer::default() })
}

/// The official package compares the second with what it has sent or read.
fn sums(content: &[u8]) -> Vec<(&'static str, String)> {
    let etag = hex::encode_upper(Md5::digest(content));
    vec![("etag", format!("\"{etag}\"")), ("x-oss-hash-crc64ecma", crc64(content).to_string())]
}

/// CRC-64/XZ, which is what OSS means by ECMA.
fn crc64(content: &[u8]) -> u64 {
    const POLYNOMIAL: u64 = 0xC96C_5795_D787_0F42;
    let bit = |crc: u64| if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 };
    let byte = |crc: u64, byte: &u8| (0..8).fold(crc ^ u64::from(*byte), |crc, _| bit(crc));
    !content.iter().fold(!0, byte)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;

    /// The check value of the catalogue of CRC algorithms.
    #[test]
    fn crc_64_xz() {
        assert_eq!(crc64(b"123456789"), 0x995D_C9BB_DF19_39FA);
    }

    #[test]
    fn the_bucket_is_in_the_host_or_in_the_path() {
        let at = |host: &'static str, path: &str| {
            let headers = HeaderMap::from_iter([(http::header::HOST, http::HeaderValue::from_static(host))]);
            place(&Request::new("GET", path, headers, Bytes::new()))
        };
        let expected = ("settings".to_owned(), "a/b c.toml".to_owned());
        assert_eq!(at("settings.oss-cn-hangzhou.aliyuncs.com", "/a/b%20c.toml"), expected);
        assert_eq!(at("127.0.0.1:8080", "/settings/a%2Fb%20c.toml"), expected);
    }
}
