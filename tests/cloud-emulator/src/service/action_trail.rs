//! ActionTrail 2020-07-06: LookupEvents (alibabacloud-actiontrail20200706 2.6.0). Only write calls are recorded.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::desk::{Desk, Effect, Operation};
use crate::moment::{days, rfc3339, utc};

pub(crate) const OPERATIONS: &[Operation] = &[Operation::rpc("LookupEvents", Effect::Read, lookup_events)];

fn lookup_events(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let params = desk.params;
    let time = |name: &str, default: Timestamp| match params.get(name) {
        None => Ok(default),
        Some(text) => rfc3339(text).ok_or_else(|| ApiError::parameter(name)),
    };
    let to = time("EndTime", desk.now)?;
    let from = time("StartTime", to.saturating_add(-days(7)).unwrap_or(to))?;
    let size = params.number("MaxResults", 20, (0, 50))?;
    let start = match params.get("NextToken") {
        None => 0,
        Some(token) => token.parse().map_err(|_| ApiError::parameter("NextToken"))?,
    };
    let condition = condition(desk)?;
    let mut found: Vec<_> = desk.trail.records();
    found.retain(|record| {
        let at = record["eventTime"].as_str().and_then(rfc3339);
        at.is_some_and(|at| from <= at && at <= to)
            && condition.as_ref().is_none_or(|(key, value)| fits(record, key, value))
    });
    match params.get("Direction").unwrap_or("BACKWARD") {
        "BACKWARD" => found.reverse(),
        "FORWARD" => {}
        _ => return Err(ApiError::parameter("Direction")),
    }
    let next: usize = start + size;
    let more = next < found.len();
    let events: Vec<_> = found.into_iter().skip(start).take(size).collect();
    let mut answer = json!({"Events": events, "StartTime": utc(from), "EndTime": utc(to)});
    if more {
        answer["NextToken"] = next.to_string().into();
    }
    Ok(Answer::json(answer))
}

/// One condition per call.
fn condition(desk: &Desk<'_>) -> Result<Option<(String, String)>, ApiError> {
    let key = desk.params.get("LookupAttribute.1.Key");
    let value = desk.params.get("LookupAttribute.1.Value");
    if desk.params.get("LookupAttribute.2.Key").is_some() {
        return Err(ApiError::parameter("LookupAttribute"));
    }
    match (key, value) {
        (None, None) => Ok(None),
        (Some(key), Some(value)) => Ok(Some((key.to_owned(), value.to_owned()))),
        _ => Err(ApiError::parameter("LookupAttribute")),
    }
}

fn fits(record: &Value, key: &str, value: &str) -> bool {
    let resources = || record["referencedResources"].as_object().into_iter().flatten();
    match key {
        "ServiceName" => record["serviceName"] == value,
        "EventName" => record["eventName"] == value,
        "User" => record["userIdentity"]["userName"] == value,
        "EventId" => record["eventId"] == value,
        "ResourceType" => resources().any(|(kind, _)| kind == value),
        "ResourceName" => resources()
            .any(|(_, names)| names.as_array().is_some_and(|names| names.iter().any(|name| name == value))),
        "EventRW" => record["eventRW"] == value,
        "EventAccessKeyId" => record["userIdentity"]["accessKeyId"] == value,
        _ => false,
    }
}
