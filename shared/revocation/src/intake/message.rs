//! Understanding what EventBridge delivers: a CloudEvent around an ActionTrail record.
//!
//! Lenient where the cloud is lenient (numbers for texts, records without an id), strict where a mistake would end
//! somebody's access. Shapes: "Management event structure" of the ActionTrail documentation, the RAM and IMS samples
//! there, and alibabacloud-ram20150501 1.3.0 for the parameter names.

use jiff::Timestamp;
use kubeconfig::intake::Deletion;
use kubeconfig::reading::AccountKind;
use kubeconfig::{SourceEvent, Uid};
use serde_json::Value;

/// A message that matters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    /// Where it came from: the same for every copy of it.
    pub source: SourceEvent,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub change: Change,
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// An identity was deleted.
    Deleted(Deletion),
    /// An identity was created under a name.
    Created {
        /// Its id.
        uid: Uid,
        /// User or role.
        kind: AccountKind,
        /// Its name.
        name: String,
    },
    /// A user came back from the recycle bin.
    Restored {
        /// Its id.
        uid: Uid,
    },
    /// A user bears another name now.
    Renamed {
        /// The id, where the record carries it.
        uid: Option<Uid>,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
}

/// What a message is to us.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Parsed {
    /// It matters.
    Relevant(Message),
    /// Nothing follows from it, and here is why: another event, or a call that failed.
    Irrelevant(String),
}

/// Why a message cannot be understood. The caller keeps the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct NotUnderstood(String);

/// Reads one CloudEvent.
///
/// # Errors
/// Says which part is missing or wrong.
pub(super) fn parse(event: &Value) -> Result<Parsed, NotUnderstood> {
    let record = event.get("data").filter(|data| data.is_object()).ok_or_else(|| missing("data"))?;
    let name = text(record, "eventName").ok_or_else(|| missing("data.eventName"))?;
    let Some(kind) = kind_of(&name) else {
        return Ok(Parsed::Irrelevant(format!("{name} is none of our events")));
    };
    if let Some(code) = text(record, "errorCode") {
        return Ok(Parsed::Irrelevant(format!("the call {name} failed with {code}")));
    }
    let source = SourceEvent {
        source: text(event, "source").ok_or_else(|| missing("source"))?,
        id: text(event, "id").ok_or_else(|| missing("id"))?,
    };
    let at = text(record, "eventTime")
        .or_else(|| text(event, "time"))
        .and_then(|time| time.parse().ok())
        .ok_or_else(|| NotUnderstood("neither `data.eventTime` nor `time` is a time".into()))?;
    let change = match name.as_str() {
        "DeleteUser" | "DeleteRole" => Change::Deleted(deletion(record, kind, at)?),
        "CreateUser" | "CreateRole" => created(record, kind)?,
        "RestoreUserFromRecycleBin" => Change::Restored {
            uid: uid_of(record, "requestParameters", "UserId")?
                .ok_or_else(|| missing("data.requestParameters.UserId"))?,
        },
        _ => match renamed(record)? {
            Some(change) => change,
            None => return Ok(Parsed::Irrelevant("the user was changed, but not renamed".into())),
        },
    };
    Ok(Parsed::Relevant(Message { source, at, change }))
}

/// The kind of identity that an event of interest is about.
fn kind_of(event_name: &str) -> Option<AccountKind> {
    match event_name {
        "DeleteUser" | "CreateUser" | "UpdateUser" | "RestoreUserFromRecycleBin" => {
            Some(AccountKind::RamUser)
        }
        "DeleteRole" | "CreateRole" => Some(AccountKind::RamRole),
        _ => None,
    }
}

fn deletion(record: &Value, kind: AccountKind, deleted_at: Timestamp) -> Result<Deletion, NotUnderstood> {
    let (id, names): (_, &[&str]) = match kind {
        AccountKind::RamRole => ("RoleId", &["RoleName"]),
        _ => ("UserId", &["UserName", "UserPrincipalName"]),
    };
    let uid = uid_of(record, "requestParameters", id)?;
    let name = names.iter().find_map(|name| parameter(record, "requestParameters", name));
    match (name, uid) {
        (None, None) => Err(NotUnderstood("the record names neither whom it is about nor an id".into())),
        (name, uid) => {
            Ok(Deletion { kind, name: name.map(local_part).unwrap_or_default().into(), uid, deleted_at })
        }
    }
}

fn created(record: &Value, kind: AccountKind) -> Result<Change, NotUnderstood> {
    let (entity, id, name) = match kind {
        AccountKind::RamRole => ("Role", "RoleId", "RoleName"),
        _ => ("User", "UserId", "UserName"),
    };
    let answer = record.get("responseElements").and_then(|answer| answer.get(entity));
    let answer = answer.ok_or_else(|| missing(&format!("data.responseElements.{entity}")))?;
    let uid = text(answer, id).ok_or_else(|| missing(&format!("data.responseElements.{entity}.{id}")))?;
    let name = text(answer, name)
        .or_else(|| text(answer, "UserPrincipalName"))
        .or_else(|| parameter(record, "requestParameters", name))
        .ok_or_else(|| missing("the name of the new identity"))?;
    Ok(Change::Created { uid: valid(&uid)?, kind, name: local_part(name) })
}

/// RAM says `UserName` and `NewUserName`, IMS says `UserPrincipalName` and `NewUserPrincipalName`.
fn renamed(record: &Value) -> Result<Option<Change>, NotUnderstood> {
    let parameter = |name: &str| parameter(record, "requestParameters", name).map(local_part);
    let Some(to) = parameter("NewUserName").or_else(|| parameter("NewUserPrincipalName")) else {
        return Ok(None);
    };
    let uid = match uid_of(record, "requestParameters", "UserId")? {
        Some(uid) => Some(uid),
        None => record
            .get("responseElements")
            .and_then(|answer| text(answer.get("User")?, "UserId"))
            .map(|uid| valid(&uid))
            .transpose()?,
    };
    let from = parameter("UserName").or_else(|| parameter("UserPrincipalName")).unwrap_or_default();
    if from.is_empty() && uid.is_none() {
        return Err(NotUnderstood("the record says neither who was renamed nor an id".into()));
    }
    Ok((from != to).then_some(Change::Renamed { uid, from, to }))
}

fn uid_of(record: &Value, part: &str, name: &str) -> Result<Option<Uid>, NotUnderstood> {
    parameter(record, part, name).map(|text| valid(&text)).transpose()
}

fn valid(text: &str) -> Result<Uid, NotUnderstood> {
    text.parse().map_err(|e: kubeconfig::IdError| NotUnderstood(e.to_string()))
}

fn parameter(record: &Value, part: &str, name: &str) -> Option<String> {
    text(record.get(part)?, name)
}

/// A text or a number, as bounded text; empty counts as absent.
fn text(object: &Value, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.chars().take(512).collect(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// `alice@example.onaliyun.com` and `alice` are the same RAM user name.
fn local_part(name: String) -> String {
    match name.split_once('@') {
        Some((local, _)) => local.to_owned(),
        None => name,
    }
}

fn missing(what: &str) -> NotUnderstood {
    NotUnderstood(format!("`{what}` is missing"))
}
