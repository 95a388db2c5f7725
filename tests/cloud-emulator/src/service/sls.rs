//! The log service: GetLogsV2 and GetLogs over audit logs (alibabacloud-sls20201230 5.15.1).
//!
//! The project is the first label of the host, as both official packages put it there.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::desk::{Desk, Effect, Operation};
use crate::account::Audit;
use crate::audit::{Log, Query, log};

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::roa("GetLogsV2", "POST", "/logstores/{logstore}/logs", Effect::Read, get_logs_v2),
    Operation::roa("GetLogs", "GET", "/logstores/{logstore}", Effect::Read, get_logs),
];

/// What is asked for. Times are seconds since the epoch; `from` is included, `to` is not.
#[derive(Deserialize)]
struct Asked {
    from: i64,
    to: i64,
    #[serde(default)]
    query: String,
    #[serde(default = "hundred")]
    line: i64,
    #[serde(default)]
    offset: i64,
    #[serde(default)]
    reverse: bool,
}

const fn hundred() -> i64 {
    100
}

struct Found {
    complete: bool,
    has_sql: bool,
    processed: usize,
    logs: Vec<Log>,
}

fn get_logs_v2(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let malformed = |error: serde_json::Error| ApiError::new(400, "PostBodyInvalid", error.to_string());
    let asked: Asked = serde_json::from_slice(desk.body).map_err(malformed)?;
    let found = ask(desk, &asked)?;
    Ok(Answer::json(json!({
        "meta": {
            "progress": progress(&found),
            "count": found.logs.len(),
            "processedRows": found.processed,
            "processedBytes": 0,
            "elapsedMillisecond": 1,
            "hasSQL": found.has_sql,
            "limited": 100,
            "aggQuery": "",
            "whereQuery": asked.query,
            "cpuSec": 0.0,
            "cpuCores": 0,
            "mode": 0,
            "isAccurate": true,
            "telementryType": "",
            "keys": found.logs.first().map(|log| log.keys().cloned().collect::<Vec<_>>()).unwrap_or_default(),
            "terms": [],
            "highlights": [],
        },
        "data": data(found.logs),
    })))
}

fn get_logs(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let number = |name: &str, default: Option<i64>| match desk.params.get(name) {
        Some(text) => text.parse().map_err(|_| invalid(name)),
        None => default.ok_or_else(|| invalid(name)),
    };
    if desk.params.get("type") != Some("log") {
        return Err(invalid("type"));
    }
    let asked = Asked {
        from: number("from", None)?,
        to: number("to", None)?,
        query: desk.params.get("query").unwrap_or_default().to_owned(),
        line: number("line", Some(100))?,
        offset: number("offset", Some(0))?,
        reverse: desk.params.flag("reverse").map_err(|_| invalid("reverse"))?,
    };
    let found = ask(desk, &asked)?;
    let headers = vec![
        ("x-log-progress", progress(&found).to_owned()),
        ("x-log-count", found.logs.len().to_string()),
        ("x-log-processed-rows", found.processed.to_string()),
        ("x-log-has-sql", found.has_sql.to_string()),
    ];
    Ok(Answer { headers, ..Answer::json(data(found.logs)) })
}

const fn progress(found: &Found) -> &'static str {
    if found.complete { "Complete" } else { "Incomplete" }
}

fn data(logs: Vec<Log>) -> Value {
    logs.into_iter().map(|log| Value::Object(log.into_iter().map(|(k, v)| (k, v.into())).collect())).collect()
}

fn ask(desk: &Desk<'_>, asked: &Asked) -> Result<Found, ApiError> {
    let cluster = audited_cluster(desk)?;
    if asked.from > asked.to {
        return Err(invalid("from"));
    }
    let query = Query::parse(&asked.query);
    let query = query.map_err(|error| ApiError::new(400, "ParameterInvalid", format!("query: {error}")))?;
    if desk.chaos.take_incomplete() {
        return Ok(Found { complete: false, has_sql: query.has_sql(), processed: 0, logs: Vec::new() });
    }
    let records = desk.account.access_records().iter();
    let range = asked.from..asked.to;
    let mut records: Vec<_> =
        records.filter(|r| r.cluster == cluster && range.contains(&r.at.as_second())).collect();
    records.sort_by_key(|record| record.at);
    if asked.reverse {
        records.reverse();
    }
    let processed = records.len();
    let mut logs = query.run(records.into_iter().map(log).collect());
    if !query.has_sql() {
        let skipped = usize::try_from(asked.offset).map_err(|_| invalid("offset"))?;
        let most = usize::try_from(asked.line).map_err(|_| invalid("line"))?.min(100);
        logs = logs.into_iter().skip(skipped).take(most).collect();
    }
    Ok(Found { complete: true, has_sql: query.has_sql(), processed, logs })
}

/// The cluster whose audit log the project and logstore are.
fn audited_cluster(desk: &Desk<'_>) -> Result<String, ApiError> {
    let project = desk.params.need("project")?;
    let logstore = desk.params.need("logstore")?;
    let in_project = |audit: &Audit| matches!(audit, Audit::On { project: name } if name == project);
    let clusters: Vec<_> = desk.account.clusters().iter().filter(|c| in_project(&c.audit)).collect();
    if clusters.is_empty() {
        let message = format!("The Project does not exist : {project}");
        return Err(ApiError::new(404, "ProjectNotExist", message));
    }
    let found = clusters.into_iter().find(|cluster| cluster.logstore() == logstore);
    let missing = || ApiError::new(404, "LogStoreNotExist", format!("logstore {logstore} does not exist"));
    found.map(|cluster| cluster.id.clone()).ok_or_else(missing)
}

fn invalid(name: &str) -> ApiError {
    ApiError::new(400, "ParameterInvalid", format!("{name} is missing or invalid"))
}
