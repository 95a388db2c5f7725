//! An answer: read within bounds, judged by its status, parsed.

use std::time::Duration;

use reqwest::Response;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::attempt::lost;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;

/// What is read of an answer that reports an error, in bytes.
const MAX_ERROR_BODY: usize = 64 << 10;

/// An answer with a status of success.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) operation: &'static Operation,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) request_id: Option<String>,
}

impl Answer {
    /// Parses the body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| self.invalid(error))
    }

    /// This answer makes no sense.
    pub(crate) fn invalid(&self, why: impl std::fmt::Display) -> Error {
        Error::invalid_response(self.operation, why)
            .with_status(self.status)
            .with_request_id(self.request_id.as_deref())
    }
}

/// Code, message and request id of an error body.
#[derive(Default)]
struct Reported {
    code: String,
    message: String,
    request_id: Option<String>,
}

impl Reported {
    /// Reads the spellings of the CS API and of RPC services (tea-openapi 0.4.6 reads `code|Code`, `message|Message`,
    /// `requestId|RequestId`) and those of the log service. One body may hold several of them. OSS writes XML. What is
    /// neither, such as a gateway's page, is kept as text.
    fn read(body: &[u8]) -> Self {
        if let Some(reported) = Self::of_xml(body) {
            return reported;
        }
        let Ok(fields) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return Self { message: String::from_utf8_lossy(body).into_owned(), ..Self::default() };
        };
        let field = |spellings: &[&str]| {
            spellings.iter().filter_map(|name| fields.get(*name)).find_map(|value| match value {
                Value::String(text) if !text.is_empty() => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
        };
        Self {
            code: field(&["code", "Code", "errorCode"]).unwrap_or_default(),
            message: field(&["message", "Message", "errorMessage"]).unwrap_or_default(),
            request_id: field(&["requestId", "RequestId", "request_id"]),
        }
    }
}

impl Reported {
    /// The error of OSS (DOC:oss/developer-reference/error-responses): elements without attributes in one `Error`. Of the
    /// others, some quote what was signed.
    fn of_xml(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let (_, error) = text.split_once("<Error>")?;
        let element = |name: &str| {
            let (_, rest) = error.split_once(&format!("<{name}>"))?;
            Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
        };
        let message = element("Message").unwrap_or_default();
        Some(Self { code: element("Code")?, message, request_id: element("RequestId") })
    }
}

/// Reads an answer and judges it.
pub(super) async fn read(
    operation: &'static Operation,
    mut response: Response,
    max: usize,
    credentials: &Credentials,
) -> Result<Answer, Error> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let header_id = ["x-acs-request-id", "x-log-requestid", "x-oss-request-id"]
        .iter()
        .find_map(|name| text(&headers, name));
    let success = response.status().is_success();
    let limit = if success { max } else { MAX_ERROR_BODY };
    let (body, whole) = match read_body(&mut response, limit).await {
        Ok(read) => read,
        Err(error) if success => {
            return Err(lost(operation, &error).ambiguous().with_status(status).with_request_id(header_id));
        }
        // The status alone says enough.
        Err(_) => (Vec::new(), false),
    };
    if !success {
        return Err(judge(operation, status, &headers, &body, header_id, credentials));
    }
    if !whole {
        let too_long = Error::invalid_response(operation, format!("the answer is longer than {limit} bytes"));
        return Err(too_long.with_status(status).with_request_id(header_id));
    }
    let request_id = header_id.map(crate::error::bounded);
    Ok(Answer { operation, status, headers, body, request_id })
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// At most `limit` bytes, and whether that was all.
async fn read_body(response: &mut Response, limit: usize) -> Result<(Vec<u8>, bool), reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = limit - body.len();
        if chunk.len() > room {
            body.extend_from_slice(&chunk[..room]);
            return Ok((body, false));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body, true))
}

fn judge(
    operation: &'static Operation,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    header_id: Option<&str>,
    credentials: &Credentials,
) -> Error {
    let Reported { code, message, request_id } = Reported::read(body);
    let retry_after = text(headers, "x-acs-retry-after")
        .and_then(|value| value.trim().parse().ok())
        .filter(|milliseconds| *milliseconds > 0)
        .map(Duration::from_millis);
    // `Throttling`, `Throttling.User`, `Throttling.Api` of the gateway; quotas of the log service.
    let throttling_code = code.starts_with("Throttling") || code == "ReadQuotaExceed";
    let kind = match status {
        _ if throttling_code || status == 429 || (status >= 400 && retry_after.is_some()) => {
            ErrorKind::Throttled { retry_after }
        }
        404 => ErrorKind::NotFound,
        400..=499 => ErrorKind::Refused,
        500..=599 => ErrorKind::Server,
        // A redirect, or nothing that HTTP knows.
        _ => ErrorKind::InvalidResponse,
    };
    let error = Error::new(operation, kind, credentials.redact(&message))
        .with_status(status)
        .with_code(Some(&credentials.redact(&code)))
        .with_request_id(request_id.as_deref().or(header_id));
    let surely_not_done = (400..500).contains(&status) || throttling_code;
    if surely_not_done { error } else { error.ambiguous() }
}
