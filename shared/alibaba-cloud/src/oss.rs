//! Object Storage Service: one object is read or put (package oss2 2.19.1, `api.py`).

use std::fmt;
use std::str::FromStr;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::operation::{Operation, Service};
use crate::transport::{Body, Request};

static GET_OBJECT: Operation = Operation::read(Service::Oss, "", "GetObject", 10);

/// Putting the same object twice is the same as putting it once.
static PUT_OBJECT: Operation =
    Operation { idempotent: true, ..Operation::write(Service::Oss, "", "PutObject", 10) };

/// What every address of an object begins with.
pub const SCHEME: &str = "oss://";

/// The longest key, in bytes; the service takes 1023.
const MAX_KEY: usize = 512;

/// The operations of the Object Storage Service. Buckets are those of the client's region.
#[derive(Clone)]
pub struct Oss {
    client: Client,
}

/// Where an object is: `oss://bucket/path/of/object`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectAddress {
    bucket: String,
    key: String,
}

/// Not the address of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ObjectAddressError {
    /// It begins with something else.
    #[error("not the address of an object: expected oss://bucket/path/of/object")]
    Scheme,
    /// The bucket.
    #[error(
        "not the name of a bucket: expected 3 to 63 lower-case letters, digits and `-`, none of these at either end"
    )]
    Bucket,
    /// The object. Names that a path or a policy would read as another one are not taken.
    #[error(
        "not the name of an object that is taken here: expected letters, digits, `.`, `_`, `-` and `/`, at most 512"
    )]
    Key,
}

impl ObjectAddress {
    /// The bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The object in the bucket, without a slash before it.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl FromStr for ObjectAddress {
    type Err = ObjectAddressError;

    fn from_str(text: &str) -> Result<Self, ObjectAddressError> {
        let (bucket, key) = text
            .strip_prefix(SCHEME)
            .and_then(|rest| rest.split_once('/'))
            .ok_or(ObjectAddressError::Scheme)?;
        if !is_bucket(bucket) {
            return Err(ObjectAddressError::Bucket);
        }
        if !is_key(key) {
            return Err(ObjectAddressError::Key);
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl fmt::Display for ObjectAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.bucket, self.key)
    }
}

/// It becomes a part of the host (DOC:oss/user-guide/bucket-overview).
fn is_bucket(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (3..=63).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// It becomes the path, where `.` and `..` would be resolved, and a resource in a policy, where `*` stands for anything.
fn is_key(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let segment = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(plain);
    text.len() <= MAX_KEY && text.split('/').all(segment)
}

impl Oss {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// What the object holds, at most `limit` bytes. `None`: there is no such object. Who may get an object is told that
    /// it does not exist (`NoSuchKey`), without being allowed to list (DOC:oss/user-guide/0026-00000001).
    ///
    /// # Errors
    /// When the call fails, there is no such bucket, or the object is longer.
    pub async fn get(&self, object: &ObjectAddress, limit: usize) -> Result<Option<Vec<u8>>, Error> {
        match self.client.call(&Request::object(&GET_OBJECT, object, limit, None)).await {
            Ok(answer) => Ok(Some(answer.body)),
            Err(error) if error.code() == Some("NoSuchKey") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts a text as the object, in the place of what it held.
    ///
    /// # Errors
    /// When the call fails. After a failure whose outcome is unknown, the object holds either text as a whole.
    pub async fn put_text(&self, object: &ObjectAddress, text: &str) -> Result<(), Error> {
        let body = Body { content_type: "text/plain; charset=utf-8", bytes: text.as_bytes().to_vec() };
        self.client.call(&Request::object(&PUT_OBJECT, object, 0, Some(body))).await.map(drop)
    }

    /// The same as a text.
    ///
    /// # Errors
    /// As for [`Oss::get`], and when it is not UTF-8. No error quotes what the object holds.
    pub async fn get_text(&self, object: &ObjectAddress, limit: usize) -> Result<Option<String>, Error> {
        let Some(bytes) = self.get(object, limit).await? else { return Ok(None) };
        let text = String::from_utf8(bytes);
        text.map(Some)
            .map_err(|_| Error::new(&GET_OBJECT, ErrorKind::InvalidResponse, "the object is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_bucket_and_object() {
        let address: ObjectAddress = "oss://reaper-settings/path/reaper.toml".parse().unwrap();
        assert_eq!((address.bucket(), address.key()), ("reaper-settings", "path/reaper.toml"));
        assert_eq!(address.to_string(), "oss://reaper-settings/path/reaper.toml");
    }

    #[test]
    fn an_address_that_would_lead_elsewhere_is_refused() {
        for (text, why) in [
            ("reaper.toml", ObjectAddressError::Scheme),
            ("oss://bucket", ObjectAddressError::Scheme),
            ("https://bucket/key", ObjectAddressError::Scheme),
            ("oss:///key", ObjectAddressError::Bucket),
            ("oss://evil.example/key", ObjectAddressError::Bucket),
            ("oss://user@host/key", ObjectAddressError::Bucket),
            ("oss://Bucket/key", ObjectAddressError::Bucket),
            ("oss://bucket-/key", ObjectAddressError::Bucket),
            ("oss://bucket/", ObjectAddressError::Key),
            ("oss://bucket//key", ObjectAddressError::Key),
            ("oss://bucket/a/../key", ObjectAddressError::Key),
            ("oss://bucket/*", ObjectAddressError::Key),
            ("oss://bucket/key?acl", ObjectAddressError::Key),
            ("oss://bucket/%2e%2e", ObjectAddressError::Key),
            ("oss://bucket/a\r\nb", ObjectAddressError::Key),
        ] {
            assert_eq!(text.parse::<ObjectAddress>(), Err(why), "{text:?}");
        }
    }
}
