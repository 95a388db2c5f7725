//! Simple Log Service: the audit log of a cluster's API server, asked for the last access of an identity
//! (package aliyun-log-python-sdk 0.9.52, `logclient.py` and `compress.py`).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use kubeconfig::{ClusterId, Uid};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::Client;
use crate::config::is_region;
use crate::error::{Error, ErrorKind};
use crate::operation::{Operation, Service};
use crate::transport::{Answer, Request, header};

static GET_LOGS: Operation =
    Operation::read(Service::Sls, crate::sls_signature::API_VERSION, "GetLogsV2", 30);

/// How often an incomplete answer is asked for again, as the official client does.
const MAX_QUERIES: u32 = 5;

/// The operations of the Simple Log Service.
#[derive(Clone)]
pub struct Sls {
    client: Client,
}

/// What the audit log tells of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastAccess {
    /// The whole range was searched, and there is no record. Some requests are never audited, so this is not proof
    /// that there was no access.
    NoRecords,
    /// There are records.
    Found {
        /// The latest, where the service says when.
        last: Option<Timestamp>,
        /// How many.
        count: u64,
    },
}

/// Where a log is kept: a log store of a project in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStore {
    /// Its project.
    pub project: LogName,
    /// Its name.
    pub name: LogName,
    /// Region of the project.
    pub region: String,
}

impl LogStore {
    /// The log store of a cluster's audit log, by its usual name `audit-{cluster}`.
    ///
    /// # Errors
    /// When the project is not one.
    pub fn of_audit(project: &str, cluster: &ClusterId, region: &str) -> Result<Self, LogNameError> {
        let name = format!("audit-{cluster}").parse()?;
        Ok(Self { project: project.parse()?, name, region: region.to_owned() })
    }
}

/// The name of a project or log store: letters, digits, `-` and `_`, at most 128. It becomes a part of host and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogName(String);

/// Not the name of a project or log store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a log project or log store: expected letters, digits, `-` or `_`")]
pub struct LogNameError;

impl FromStr for LogName {
    type Err = LogNameError;

    fn from_str(text: &str) -> Result<Self, LogNameError> {
        let valid = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if valid { Ok(Self(text.to_owned())) } else { Err(LogNameError) }
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    from: i64,
    to: i64,
    query: String,
    topic: &'static str,
    line: u32,
    offset: u32,
    reverse: bool,
    power_sql: bool,
}

#[derive(Deserialize)]
struct Logs {
    meta: Meta,
    data: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Meta {
    progress: String,
}

/// Counts the records of an identity. Its name in Kubernetes is the CN of its certificate, `{uid}-{suffix}`, in old
/// clusters `{uid}` alone. The syntax of the search part before `|` could not be confirmed.
fn query(uid: &Uid) -> String {
    format!(
        "* and \"user.username\": {uid}* | select max(__time__) as last, count(1) as n \
         where \"user.username\" = '{uid}' or \"user.username\" like '{uid}-%'"
    )
}

impl Sls {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// When the identity last used the cluster whose audit log this is, within `from..to`.
    ///
    /// # Errors
    /// When a call fails, or when the answer is still incomplete after five of them: a part of the log is never taken
    /// for all of it.
    pub async fn last_access(
        &self,
        store: &LogStore,
        uid: &Uid,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<LastAccess, Error> {
        let body = Query {
            from: from.as_second(),
            to: to.as_second(),
            query: query(uid),
            topic: "",
            line: 100,
            offset: 0,
            reverse: false,
            power_sql: false,
        };
        let invalid = |why: &dyn fmt::Display| Error::new(&GET_LOGS, ErrorKind::InvalidRequest, why);
        if !is_region(&store.region) {
            return Err(invalid(&"the region is not one"));
        }
        let body = serde_json::to_vec(&body).map_err(|error| invalid(&error))?;
        let request = Request::logs(&GET_LOGS, &store.project.0, &store.region, &store.name.0, body);
        self.complete(&request).await
    }

    /// Asks until the answer is complete.
    async fn complete(&self, request: &Request) -> Result<LastAccess, Error> {
        // All queries together are one call to the caller.
        let client = self.client.with_deadline(self.client.call_deadline());
        let config = &client.shared.config;
        for number in 1..=MAX_QUERIES {
            let answer = client.call(request).await?;
            let logs: Logs = serde_json::from_slice(&plain_body(&answer, config.max_response)?)
                .map_err(|error| answer.invalid(error))?;
            if logs.meta.progress == "Complete" {
                return read(&logs.data).map_err(|why| answer.invalid(why));
            }
            if number == MAX_QUERIES {
                return Err(answer.invalid(format_args!(
                    "the log is still not searched completely after {number} queries"
                )));
            }
            tokio::time::sleep(config.incomplete_delay).await;
        }
        Err(Error::invalid_response(&GET_LOGS, "not asked"))
    }
}

/// The body, decompressed where `x-log-compresstype` says so. Its length then stands in `x-log-bodyrawsize`; the block
/// itself does not tell.
fn plain_body(answer: &Answer, max: usize) -> Result<Vec<u8>, Error> {
    match header(&answer.headers, "x-log-compresstype").unwrap_or_default() {
        "" => Ok(answer.body.clone()),
        kind if kind.eq_ignore_ascii_case("lz4") => {
            let size: usize = header(&answer.headers, "x-log-bodyrawsize")
                .and_then(|size| size.trim().parse().ok())
                .ok_or_else(|| answer.invalid("a compressed answer without its length"))?;
            if size > max {
                return Err(answer.invalid(format_args!("the answer is longer than {max} bytes")));
            }
            lz4_flex::block::decompress(&answer.body, size).map_err(|error| answer.invalid(error))
        }
        kind => Err(answer.invalid(format_args!("compressed as `{kind}`, which was not asked for"))),
    }
}

/// The one row of the count.
fn read(rows: &[Map<String, Value>]) -> Result<LastAccess, String> {
    // Where nothing matches, there may be no row to count.
    let Some(row) = rows.first() else { return Ok(LastAccess::NoRecords) };
    let number = |name: &str| match row.get(name) {
        Some(Value::String(text)) => text.trim().parse::<i64>().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    };
    let count = number("n").and_then(|n| u64::try_from(n).ok()).ok_or("the answer has no count")?;
    if count == 0 {
        return Ok(LastAccess::NoRecords);
    }
    let last = number("last").and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(LastAccess::Found { last, count })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(value: Value) -> Result<LastAccess, String> {
        let rows: Vec<Map<String, Value>> = serde_json::from_value(value).unwrap();
        read(&rows)
    }

    #[test]
    fn all_values_are_text_and_no_count_is_no_answer() {
        let last = Some("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(rows(json!([{"last": "1767225600", "n": "3"}])), Ok(LastAccess::Found { last, count: 3 }));
        assert_eq!(rows(json!([{"last": "null", "n": "0"}])), Ok(LastAccess::NoRecords));
        assert_eq!(rows(json!([{"last": "null", "n": "2"}])), Ok(LastAccess::Found { last: None, count: 2 }));
        assert_eq!(rows(json!([])), Ok(LastAccess::NoRecords));
        assert!(rows(json!([{"user.username": "x"}])).is_err());
    }

    #[test]
    fn a_name_that_would_change_the_host_is_refused() {
        for name in ["", "a.b", "a/b", "evil.example#", "x\r\ny"] {
            assert!(name.parse::<LogName>().is_err(), "{name:?}");
        }
    }
}
