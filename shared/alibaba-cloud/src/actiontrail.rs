//! ActionTrail, API version 2020-07-06 (RPC style; package alibabacloud-actiontrail20200706 2.6.0): the record of calls.
//!
//! What it is asked for here: who was created under a name that is now deleted. The names of fields in a record are
//! those of the page "Management event structure"; only the creation of a user is documented by an example, that of
//! a role is read by analogy.

use jiff::Timestamp;
use kubeconfig::Uid;
use kubeconfig::reading::AccountKind;
use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::listing::{self, Entries, MarkedPage, Reader};
use crate::operation::{Operation, Service};
use crate::transport::Request;
use crate::wire;

static LOOKUP: Operation = Operation::read(Service::ActionTrail, "2020-07-06", "LookupEvents", 20);

/// The most that LookupEvents gives at once.
const PAGE_SIZE: u32 = 50;

/// The operations of ActionTrail.
#[derive(Clone)]
pub struct ActionTrail {
    client: Client,
}

/// What records are looked up by. The service takes one condition a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupBy {
    /// A resource, e.g. the login name of a user.
    ResourceName(String),
    /// A call, e.g. `CreateUser`.
    EventName(String),
    /// One record.
    EventId(String),
    /// A user who called.
    User(String),
}

impl LookupBy {
    fn key_value(&self) -> (&'static str, &str) {
        match self {
            Self::ResourceName(value) => ("ResourceName", value),
            Self::EventName(value) => ("EventName", value),
            Self::EventId(value) => ("EventId", value),
            Self::User(value) => ("User", value),
        }
    }
}

/// A record of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct TrailEvent {
    /// Its id.
    pub id: String,
    /// The call, e.g. `CreateUser`.
    pub name: String,
    /// The service called, e.g. `Ram` or `Ims`.
    pub service: String,
    /// When it was called.
    pub time: Timestamp,
    /// Set where the call failed: nothing was done.
    pub error_code: Option<String>,
    /// What was asked.
    pub request: Value,
    /// What was answered.
    pub response: Value,
}

/// An identity whose creation a record tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedIdentity {
    /// Its id.
    pub uid: Uid,
    /// User or role.
    pub kind: AccountKind,
    /// The name it was created under, without the part behind `@`.
    pub name: String,
    /// When it was created.
    pub created: Timestamp,
}

impl TrailEvent {
    /// The identity that this call created. None for other calls, failed ones, and records without the id.
    pub fn created_identity(&self) -> Option<CreatedIdentity> {
        if self.error_code.is_some() {
            return None;
        }
        let (kind, identity, id, names) = match self.name.as_str() {
            "CreateUser" => (AccountKind::RamUser, "User", "UserId", ["UserName", "UserPrincipalName"]),
            "CreateRole" => (AccountKind::RamRole, "Role", "RoleId", ["RoleName", "RolePrincipalName"]),
            _ => return None,
        };
        let identity = self.response.get(identity)?;
        let text = |name: &str| match identity.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let name = names.iter().find_map(|name| text(name))?;
        let name = name.split('@').next()?.to_owned();
        Some(CreatedIdentity { uid: text(id)?.parse().ok()?, kind, name, created: self.time })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(deserialize_with = "wire::list")]
    events: Vec<Value>,
    #[serde(default, deserialize_with = "wire::some_text")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEvent {
    #[serde(deserialize_with = "wire::text")]
    event_id: String,
    event_name: String,
    event_time: String,
    #[serde(default, deserialize_with = "wire::text")]
    service_name: String,
    #[serde(default, deserialize_with = "wire::some_text")]
    error_code: Option<String>,
    #[serde(default)]
    request_parameters: Value,
    #[serde(default)]
    response_elements: Value,
}

fn read(value: &Value) -> Result<TrailEvent, String> {
    let wire = WireEvent::deserialize(value).map_err(|error| error.to_string())?;
    Ok(TrailEvent {
        time: wire.event_time.parse().map_err(|_| format!("`{}` is not a time", wire.event_time))?,
        id: wire.event_id,
        name: wire.event_name,
        service: wire.service_name,
        error_code: wire.error_code,
        request: wire.request_parameters,
        response: wire.response_elements,
    })
}

impl ActionTrail {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The records of a time range that meet the condition, newest first. Which region's endpoint shows the calls to
    /// RAM, which belongs to no region, is not documented: it has to be tried on a real account.
    pub fn events(&self, by: &LookupBy, from: Timestamp, to: Timestamp) -> Entries<TrailEvent> {
        let reader = Reader { operation: &LOOKUP, names: &["eventId", "eventName"], read };
        let client = self.client.clone();
        let by = by.clone();
        let seconds = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (from, to) = (seconds(from), seconds(to));
        listing::marked(reader, move |token| {
            let (key, value) = by.key_value();
            let request = Request::rpc(&LOOKUP)
                .with("LookupAttribute.1.Key", key)
                .with("LookupAttribute.1.Value", value)
                .with("StartTime", &from)
                .with("EndTime", &to)
                .with("Direction", "BACKWARD")
                .with("MaxResults", PAGE_SIZE)
                .with_some("NextToken", token);
            let client = client.clone();
            async move {
                let page: Page = client.call(&request).await?.json()?;
                Ok(MarkedPage { entries: page.events, next: page.next_token })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(name: &str, error: &str, response: Value) -> TrailEvent {
        read(&json!({"eventId": "e1", "eventName": name, "eventTime": "2026-01-02T03:04:05Z", "eventVersion": "1",
            "serviceName": "Ims", "errorCode": error, "responseElements": response}))
        .unwrap()
    }

    #[test]
    fn a_creation_tells_whose_name_it_was() {
        let user = json!({"User": {"UserId": "200000000000000001", "UserPrincipalName": "alice@example.onaliyun.com"}});
        let created = event("CreateUser", "", user.clone()).created_identity().unwrap();
        assert_eq!((created.uid.as_str(), created.name.as_str()), ("200000000000000001", "alice"));
        let role = json!({"Role": {"RoleId": 300000000000000001_u64, "RoleName": "deployer"}});
        let created = event("CreateRole", "", role).created_identity().unwrap();
        assert_eq!((created.uid.as_str(), created.kind), ("300000000000000001", AccountKind::RamRole));
        assert_eq!(event("CreateUser", "NoPermission", user.clone()).created_identity(), None);
        assert_eq!(event("DeleteUser", "", user).created_identity(), None);
    }
}
