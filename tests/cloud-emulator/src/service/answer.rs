//! Answers and errors, in the spelling of each service.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::{Value, json};

use super::Service;
use super::wire::Request;
use crate::account::{Forbidden, Kind, Refusal};
use crate::signature::Denied;

/// What a service answers instead of doing what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} ({status}): {message}")]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Error code.
    pub code: String,
    /// For people.
    pub message: String,
    /// `x-acs-retry-after`, for throttled calls.
    pub retry_after: Option<u64>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), retry_after: None }
    }

    /// A parameter that is missing, malformed or out of range.
    pub(crate) fn parameter(name: &str) -> Self {
        Self::new(400, &format!("InvalidParameter.{name}"), format!("The parameter {name} is invalid."))
    }

    /// Codes marked `invented` are not documented anywhere: clients must not depend on them.
    pub(crate) fn refused(service: Service, refusal: &Refusal) -> Self {
        let cs = service == Service::Cs;
        let (status, code) = match refusal {
            Refusal::NoSuchCluster(_) => (404, "ErrorClusterNotFound"),
            Refusal::ClusterState { .. } => (400, "ErrorClusterState"),
            Refusal::NoSuchIdentity { .. } if cs => (404, "ErrorUserNotFound"), // invented
            Refusal::NoSuchIdentity { kind: Kind::Role, .. } => (404, "EntityNotExist.Role"),
            Refusal::NoSuchIdentity { .. } => (404, "EntityNotExist.User"),
            Refusal::NameTaken { kind: Kind::Role, .. } => (409, "EntityAlreadyExists.Role"),
            Refusal::NameTaken { .. } => (409, "EntityAlreadyExists.User"),
            Refusal::HasAccessKeys(_) => (409, "DeleteConflict.User.AccessKey"),
            Refusal::NotInRecycleBin(_) => (404, "EntityNotExist.User.RecycleBin"), // invented
            Refusal::RootAccount => (403, "Forbidden.MainAccount"),                 // invented
            Refusal::CallerItself => (403, "Forbidden.OwnPermissions"),             // invented
            Refusal::RecentlyUsed(_) => (400, "ErrorKubeConfigInUse"),              // invented
            Refusal::NoAccessRecords(_) => (400, "ErrorAccessRecordsNotFound"),     // invented
            Refusal::NothingToClean { .. } => (400, "ErrorNothingToClean"),         // invented
            Refusal::NoDeletedKubeconfig { .. } => (404, "ErrorKubeConfigNotInRecycleBin"), // invented
            Refusal::NewerKubeconfig => (400, "ErrorKubeConfigExists"),             // invented
            Refusal::NoSuchTask(_) => (404, "ErrorTaskNotFound"),                   // invented
            Refusal::NoSuchBucket(_) => (404, "NoSuchBucket"),
            Refusal::NoSuchObject(_) => (404, "NoSuchKey"),
            Refusal::Issuing(_) => (500, "InternalError"),
        };
        Self::new(status, code, refusal.to_string())
    }

    /// The gateway's codes; status and wording as in its public error tables, unconfirmed.
    pub(crate) fn denied(service: Service, denied: &Denied) -> Self {
        match service {
            Service::Sls => Self::denied_by_sls(denied),
            Service::Oss => Self::denied_by_oss(denied),
            _ => Self::denied_by_gateway(denied),
        }
    }

    fn denied_by_gateway(denied: &Denied) -> Self {
        let (status, code, message) = match denied {
            Denied::Unsigned => {
                (400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.".to_owned())
            }
            Denied::Incomplete(what) => {
                (400, "IncompleteSignature", format!("The request signature does not conform: {what}."))
            }
            Denied::Method(method) => {
                (400, "InvalidSignatureMethod", format!("Signature method {method} is not supported."))
            }
            Denied::UnknownKey(_) => {
                (404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.".to_owned())
            }
            Denied::InactiveKey => {
                (400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.".to_owned())
            }
            Denied::Mismatch { string_to_sign } => (
                400,
                "SignatureDoesNotMatch",
                format!(
                    "Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}"
                ),
            ),
            Denied::Date(date) => (
                400,
                "InvalidTimeStamp.Expired",
                format!("Specified time stamp or date value is expired: {date}"),
            ),
            Denied::Replayed => {
                (400, "SignatureNonceUsed", "Specified signature nonce was used already.".to_owned())
            }
            Denied::Token => (
                400,
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Security token does not fit the key.".to_owned(),
            ),
            Denied::TokenExpired => {
                (400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.".to_owned())
            }
        };
        Self::new(status, code, message)
    }

    /// Codes: the gateway's for ROA services as third parties report it, RAM's own for RPC services, the log service's for
    /// whom it knows and does not let in. Status and wording unconfirmed.
    pub(crate) fn forbidden(service: Service, forbidden: &Forbidden) -> Self {
        let Forbidden { need, explicit } = forbidden;
        let why = if *explicit { "ExplicitDeny" } else { "ImplicitDeny" };
        let asked = format!("Resource: {} Action: {} NoPermissionType: {why}", need.resource, need.action);
        match service {
            Service::Sls => Self::new(401, "Unauthorized", format!("denied by sts or ram. {asked}")),
            Service::Oss => {
                let message =
                    format!("You have no right to access this object because of RAM policies. {asked}");
                Self::new(403, "AccessDenied", message)
            }
            Service::Cs => {
                Self::new(403, "Forbidden.RAM", format!("User not authorized to operate on it. {asked}"))
            }
            _ => Self::new(403, "NoPermission", format!("You are not authorized to do this action. {asked}")),
        }
    }

    fn denied_by_sls(denied: &Denied) -> Self {
        let (status, code, message) = match denied {
            Denied::Unsigned => (400, "MissingAuthorization", "Authorization is missing.".to_owned()),
            Denied::Incomplete(what) => {
                (400, "InvalidAuthorization", format!("{what} is missing or malformed."))
            }
            Denied::Method(method) => (400, "InvalidSignatureMethod", format!("{method} is not supported.")),
            Denied::UnknownKey(id) => (401, "Unauthorized", format!("AccessKeyId not found: {id}")),
            Denied::InactiveKey => (401, "Unauthorized", "AccessKeyId is inactive".to_owned()),
            Denied::Mismatch { .. } => (403, "SignatureNotMatch", "signature not match".to_owned()),
            Denied::Date(date) => (400, "RequestTimeExpired", format!("request time {date} is expired")),
            Denied::Replayed => (400, "SignatureNonceUsed", "nonce was used already".to_owned()),
            Denied::Token => (403, "SecurityTokenInvalid", "security token is invalid".to_owned()),
            Denied::TokenExpired => (403, "SecurityTokenExpired", "security token is expired".to_owned()),
        };
        Self::new(status, code, message)
    }

    /// Codes of DOC:oss/how-to-troubleshoot-403-status-code-when-you-access-oss and its neighbours; wording unconfirmed.
    fn denied_by_oss(denied: &Denied) -> Self {
        let (status, code, message) = match denied {
            Denied::Unsigned => (
                403,
                "AccessDenied",
                "You have no right to access this object because of bucket acl.".to_owned(),
            ),
            Denied::Incomplete(what) => (400, "InvalidArgument", format!("{what} is missing or malformed.")),
            Denied::Method(method) => (400, "InvalidArgument", format!("{method} is not supported.")),
            Denied::UnknownKey(_) => (
                403,
                "InvalidAccessKeyId",
                "The OSS Access Key Id you provided does not exist in our records.".to_owned(),
            ),
            Denied::InactiveKey => {
                (403, "InvalidAccessKeyId", "The OSS Access Key Id you provided is disabled.".to_owned())
            }
            Denied::Mismatch { .. } => (
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided.".to_owned(),
            ),
            Denied::Date(_) => (
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.".to_owned(),
            ),
            Denied::Replayed => (403, "AccessDenied", "nonce was used already".to_owned()),
            Denied::Token => {
                (403, "InvalidSecurityToken", "The security token you provided is invalid.".to_owned())
            }
            Denied::TokenExpired => {
                (403, "SecurityTokenExpired", "The security token you provided has expired.".to_owned())
            }
        };
        Self::new(status, code, message)
    }

    /// The error as OSS writes it.
    fn xml(&self, request_id: &str, host: &str) -> String {
        let text = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>{}</Code>\n  <Message>{}</Message>\n  \
             <RequestId>{request_id}</RequestId>\n  <HostId>{}</HostId>\n</Error>\n",
            text(&self.code),
            text(&self.message),
            text(host)
        )
    }

    /// The error in the spelling of a service.
    fn body(&self, service: Service, request_id: &str, host: &str) -> Value {
        match service {
            Service::Sls => json!({"errorCode": self.code, "errorMessage": self.message}),
            Service::Cs => json!({
                "code": self.code, "message": self.message, "requestId": request_id, "status": self.status,
            }),
            _ => json!({
                "RequestId": request_id, "HostId": host, "Code": self.code, "Message": self.message,
                "Recommend": format!("https://error-center.aliyun.com/status/search?Keyword={}", self.code),
            }),
        }
    }
}

/// What a service answers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    /// JSON; nothing at all where the real service answers an empty body.
    pub(crate) body: Option<Value>,
    /// What an object holds, in the place of JSON.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// `referencedResources` of the ActionTrail record, as type and name.
    pub(crate) resources: Vec<(&'static str, String)>,
}

impl Answer {
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    pub(crate) fn json(body: Value) -> Self {
        Self { body: Some(body), ..Self::default() }
    }

    pub(crate) fn about(mut self, kind: &'static str, name: impl Into<String>) -> Self {
        self.resources.push((kind, name.into()));
        self
    }
}

const fn request_id_header(service: Service) -> &'static str {
    match service {
        Service::Sls => "x-log-requestid",
        Service::Oss => "x-oss-request-id",
        _ => "x-acs-request-id",
    }
}

/// Turns a result into the HTTP answer of a service.
pub(crate) fn respond(
    service: Service,
    request: &Request,
    request_id: &str,
    result: &Result<Answer, ApiError>,
) -> Response<Full<Bytes>> {
    let mut response =
        Response::builder().header("server", "cloud-emulator").header(request_id_header(service), request_id);
    let body = match result {
        Ok(answer) => {
            for (name, value) in &answer.headers {
                response = response.header(*name, value);
            }
            let json = || answer.body.as_ref().map_or_else(Vec::new, |body| body.to_string().into_bytes());
            answer.bytes.clone().unwrap_or_else(json)
        }
        Err(error) => {
            response = response.status(error.status);
            if let Some(after) = error.retry_after {
                response = response.header("x-acs-retry-after", after);
            }
            let host = request.header("host");
            match service {
                Service::Oss => error.xml(request_id, &host).into_bytes(),
                _ => error.body(service, request_id, &host).to_string().into_bytes(),
            }
        }
    };
    if !body.is_empty() {
        let content_type = match (service, result) {
            (Service::Oss, Ok(_)) => "application/octet-stream",
            (Service::Oss, Err(_)) => "application/xml",
            _ => "application/json;charset=utf-8",
        };
        response = response.header("content-type", content_type);
    }
    // The real log service compresses answers, not errors, when it is asked to.
    let compressed = service == Service::Sls && result.is_ok() && request.header("accept-encoding") == "lz4";
    let body = if compressed {
        response = response.header("x-log-compresstype", "lz4").header("x-log-bodyrawsize", body.len());
        lz4_flex::block::compress(&body)
    } else {
        body
    };
    response.body(Full::new(Bytes::from(body))).unwrap_or_default()
}
