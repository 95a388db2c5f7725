//! Requests as the services see them: everything read, nothing interpreted.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request as HttpRequest};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;

/// Largest body that is accepted, in bytes.
pub(crate) const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Past this a sender is cut off instead of answered, in bytes.
const DRAIN_LIMIT: usize = 8 * BODY_LIMIT;

/// A request with its body.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path as it was sent, percent-encoded.
    pub(crate) path: String,
    /// Decoded names and values, in the order they were sent.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why a request could not be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The body is larger than [`BODY_LIMIT`].
    TooLarge,
    /// The sender went away.
    Gone,
}

impl Request {
    pub(crate) async fn read(request: HttpRequest<Incoming>) -> Result<Self, Unreadable> {
        let (parts, body) = request.into_parts();
        let body = read_body(body).await?;
        Ok(Self::new(parts.method.as_str(), &parts.uri.to_string(), parts.headers, body))
    }

    pub(crate) fn new(method: &str, uri: &str, headers: HeaderMap, body: Bytes) -> Self {
        // A request line may hold an absolute address (RFC 9112, 3.2.2).
        let uri = match uri.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
            None => uri,
        };
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let path = if path.is_empty() { "/" } else { path };
        Self { method: method.to_owned(), path: path.to_owned(), query: pairs(query), headers, body }
    }

    /// A header's value; several values of one name are joined. Empty if there is none.
    pub(crate) fn header(&self, name: &str) -> String {
        let values: Vec<_> = self.headers.get_all(name).iter().map(|v| latin1(v.as_bytes())).collect();
        values.join(",")
    }

    /// The form in the body, if it is one.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let is_form = self.header("content-type").starts_with("application/x-www-form-urlencoded");
        if is_form { pairs(&String::from_utf8_lossy(&self.body)) } else { Vec::new() }
    }

    /// The decoded segments of the path.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path.trim_matches('/').split('/').filter(|s| !s.is_empty()).map(decode).collect()
    }

    /// The host without its port.
    pub(crate) fn host(&self) -> String {
        let host = self.header("host");
        host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name).to_owned()
    }
}

async fn read_body(mut body: Incoming) -> Result<Bytes, Unreadable> {
    let mut read = BytesMut::new();
    let mut size = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unreadable::Gone)?.into_data() else { continue };
        size = size.saturating_add(data.len());
        if size > DRAIN_LIMIT {
            return Err(Unreadable::Gone);
        }
        if size <= BODY_LIMIT {
            read.extend_from_slice(&data);
        }
    }
    if size > BODY_LIMIT { Err(Unreadable::TooLarge) } else { Ok(read.freeze()) }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        })
        .collect()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn latin1(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}
