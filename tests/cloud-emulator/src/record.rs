//! ActionTrail records, in the shape of "Management event structure" (ActionTrail documentation).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::account::{Account, Identity, Kind};
use crate::moment::utc;
use crate::service::{Answer, ApiError, Service};
use crate::signature::Caller;

/// A write call that was carried out or refused.
pub(crate) struct Occurrence<'a> {
    pub(crate) service: Service,
    pub(crate) service_name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) operation: &'a str,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) caller: &'a Caller,
    pub(crate) request_id: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) at: Timestamp,
}

impl Occurrence<'_> {
    /// The record. It names the actor, never the identity that was acted on, apart from what the parameters and the
    /// answer say.
    pub(crate) fn record(&self, account: &Account, result: Result<&Answer, &ApiError>) -> Value {
        let host = self.host(account);
        let mut parameters: Map<_, _> =
            self.params.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect();
        parameters.insert("RequestId".to_owned(), self.request_id.into());
        parameters.insert("HostId".to_owned(), host.as_str().into());
        if let Some(body) = &self.body {
            parameters.insert("body".to_owned(), body.clone());
        }
        let mut record = json!({
            "eventId": Uuid::new_v4().to_string(),
            "eventVersion": 1,
            "eventName": self.operation,
            "eventType": "ApiCall",
            "eventRW": "Write",
            "eventCategory": "Management",
            "eventSource": host,
            "eventTime": utc(self.at),
            "serviceName": self.service_name,
            "apiVersion": self.version,
            "requestId": self.request_id,
            "requestParameters": parameters,
            "referencedResources": {},
            "additionalEventData": {},
            "userIdentity": self.actor(account),
            "sourceIpAddress": "127.0.0.1",
            "userAgent": self.user_agent,
            "acsRegion": account.region,
            "isGlobal": self.service != Service::Cs,
        });
        match result {
            Ok(answer) => {
                record["responseElements"] = answer.body.clone().unwrap_or_else(|| json!({}));
                for (kind, name) in &answer.resources {
                    record["referencedResources"][*kind] = json!([name]);
                }
            }
            Err(error) => {
                record["errorCode"] = error.code.as_str().into();
                record["errorMessage"] = error.message.as_str().into();
            }
        }
        record
    }

    fn host(&self, account: &Account) -> String {
        match self.service {
            Service::Ram | Service::Ims => format!("{}.aliyuncs.com", self.service),
            service => format!("{service}.{}.aliyuncs.com", account.region),
        }
    }

    fn actor(&self, account: &Account) -> Value {
        let Identity { id, name, kind, .. } = &self.caller.identity;
        let session = self.caller.session.as_deref().unwrap_or("console");
        let (kind, principal, name) = match kind {
            Kind::Root => ("root-account", id.clone(), "root".to_owned()),
            Kind::User => ("ram-user", id.clone(), name.clone()),
            Kind::Role => ("assumed-role", format!("{id}:{session}"), format!("{name}:{session}")),
        };
        let created = utc(self.at);
        json!({
            "type": kind, "principalId": principal, "accountId": account.id, "userName": name,
            "accessKeyId": self.caller.key_id,
            "sessionContext": {"attributes": {"creationDate": created, "mfaAuthenticated": "false"}},
        })
    }
}
