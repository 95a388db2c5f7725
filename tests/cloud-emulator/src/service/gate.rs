//! The way of every request: fate, signature, operation, records, answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Service;
use super::answer::{Answer, ApiError, respond};
use super::desk::{Desk, Effect, Operation, Params, operations, route};
use super::needs::needs;
use super::wire::Request;
use crate::account::Account;
use crate::calls::{Call, CallLog};
use crate::hold::{Hold, HoldPoint, Holds};
use crate::knobs::{Chaos, Fault};
use crate::record::Occurrence;
use crate::signature::{Caller, Nonces, caller};
use crate::tablestore::Tablestore;
use crate::trail::Trail;

/// Everything behind the listeners.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub(crate) account: Mutex<Account>,
    pub(crate) chaos: Chaos,
    pub(crate) calls: CallLog,
    pub(crate) holds: Holds,
    pub(crate) trail: Trail,
    pub(crate) nonces: Nonces,
    pub(crate) tablestore: Tablestore,
    /// How far the emulator's clock is ahead of real time.
    pub(crate) ahead: Mutex<SignedDuration>,
}

impl Cloud {
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// The account, with everything settled that has become due.
    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let knobs = self.chaos.knobs();
        if !knobs.tasks_held {
            account.settle(knobs.cleaning_again_succeeds, self.now());
        }
        account
    }
}

/// A connection that is to break instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("the connection breaks here")]
pub(crate) struct Broken;

/// A call on its way, as far as it is known.
struct Passage {
    service: Service,
    request_id: String,
    caller: String,
    target: Vec<(String, String)>,
    carried_out: bool,
}

/// Serves one request.
pub(crate) async fn pass(
    cloud: &Cloud,
    service: Service,
    request: &Request,
) -> Result<Response<Full<Bytes>>, Broken> {
    let at = cloud.now();
    let found = route(service, request);
    let operation = found.as_ref().map_or("", |(operation, _)| operation.name);
    let hold = cloud.holds.next(operation);
    let mut fate = cloud.chaos.fate(service, operation);
    if let Some(hold) = &hold {
        fate.fault = Some(held(hold).await);
    }
    if !fate.delay.is_zero() {
        tokio::time::sleep(fate.delay).await;
    }
    let mut passage = Passage {
        service,
        request_id: Uuid::new_v4().to_string().to_uppercase(),
        caller: String::new(),
        target: found.as_ref().map(|(_, params)| target(params)).unwrap_or_default(),
        carried_out: false,
    };
    let result = match &fate.fault {
        Some(Fault::LostRequest) => Err(ApiError::new(0, "LostRequest", "")),
        Some(Fault::Error { status, code }) => Err(ApiError::new(*status, code, "The request has failed.")),
        Some(Fault::Throttled { status, retry_after }) => Err(throttled(*status, *retry_after)),
        Some(Fault::LostResponse | Fault::TimedOut) | None => enter(cloud, &mut passage, request, found),
    };
    let lost = matches!(fate.fault, Some(Fault::LostRequest | Fault::LostResponse));
    let response = respond(service, request, &passage.request_id, &result);
    cloud.calls.push(Call {
        at,
        service,
        operation: operation.to_owned(),
        action: if operation.is_empty() { String::new() } else { service.action(operation) },
        caller: passage.caller,
        status: result.as_ref().map_or_else(|error| error.status, |_| 200),
        code: result.err().map(|error| error.code),
        target: passage.target,
        request_id: passage.request_id,
        carried_out: passage.carried_out,
        lost,
    });
    if let Some(hold) = hold.filter(|hold| hold.is_at(HoldPoint::CarriedOut)) {
        hold.wait().await;
    }
    if lost { Err(Broken) } else { Ok(response) }
}

/// A call that is held never comes to its answer. What is not carried out waits here, the rest after it was.
pub(crate) async fn held(hold: &Hold) -> Fault {
    if hold.is_at(HoldPoint::Arrived) {
        hold.wait().await;
        return Fault::LostRequest;
    }
    Fault::LostResponse
}

fn throttled(status: u16, retry_after: u64) -> ApiError {
    let message = "Request was denied due to user flow control.";
    ApiError { retry_after: Some(retry_after), ..ApiError::new(status, "Throttling.User", message) }
}

/// Parameters that say what a call is about; those of the signature do not.
fn target(params: &Params) -> Vec<(String, String)> {
    const SIGNATURE: [&str; 11] = [
        "Action",
        "Version",
        "Format",
        "Timestamp",
        "AccessKeyId",
        "Signature",
        "SignatureNonce",
        "SignatureMethod",
        "SignatureVersion",
        "SignatureType",
        "SecurityToken",
    ];
    let params = params.iter().filter(|(name, _)| !SIGNATURE.contains(name));
    params.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn enter(
    cloud: &Cloud,
    passage: &mut Passage,
    request: &Request,
    found: Option<(&'static Operation, Params)>,
) -> Result<Answer, ApiError> {
    let service = passage.service;
    let caller = {
        let account = cloud.account();
        let caller = caller(service, request, &account, &cloud.nonces, Timestamp::now(), cloud.now());
        caller.map_err(|denied| ApiError::denied(service, &denied))?
    };
    passage.caller = caller.identity.id.clone();
    let not_found = || match service {
        Service::Oss => ApiError::new(405, "MethodNotAllowed", "This operation is not emulated."),
        _ => ApiError::new(404, "InvalidAction.NotFound", "Specified api is not found."),
    };
    let (operation, mut params) = found.ok_or_else(not_found)?;
    check_version(service, request, &params)?;
    if service == Service::Sls {
        let host = request.host();
        let project = host.split('.').next().unwrap_or_default().to_owned();
        params = Params::new(params.iter().map(owned).chain([("project".to_owned(), project)]).collect());
    }
    permit(&cloud.account(), service, operation.name, &params, &caller)?;
    passage.carried_out = true;
    let call = Carried { service, operation, params: &params, body: &request.body, caller: &caller };
    carry_out(cloud, &call, &passage.request_id, &request.header("user-agent"))
}

/// Whether the policies of the caller let the operation through.
pub(crate) fn permit(
    account: &Account,
    service: Service,
    operation: &str,
    params: &Params,
    caller: &Caller,
) -> Result<(), ApiError> {
    let needs = needs(account, service, operation, params);
    let permitted = account.permit(&caller.identity.id, &needs);
    permitted.map_err(|forbidden| ApiError::forbidden(service, &forbidden))
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn check_version(service: Service, request: &Request, params: &Params) -> Result<(), ApiError> {
    let Some(version) = service.version() else { return Ok(()) };
    let named = params.get("Version").map_or_else(|| request.header("x-acs-version"), str::to_owned);
    if named != version {
        return Err(ApiError::new(400, "InvalidVersion", "Specified parameter Version is not valid."));
    }
    if params.get("Format").is_some_and(|format| !format.eq_ignore_ascii_case("json")) {
        return Err(ApiError::new(400, "UnsupportedFormat", "Only Format=JSON is emulated."));
    }
    Ok(())
}

/// An operation with all that it needs.
pub(crate) struct Carried<'a> {
    pub(crate) service: Service,
    pub(crate) operation: &'static Operation,
    pub(crate) params: &'a Params,
    pub(crate) body: &'a [u8],
    pub(crate) caller: &'a Caller,
}

/// The operation of this name.
pub(crate) fn find(service: Service, name: &str) -> Option<&'static Operation> {
    operations(service).iter().find(|operation| operation.name == name)
}

/// Carries an operation out under the lock of the account, and records it if it writes: the trail has the order in
/// which the changes were made.
pub(crate) fn carry_out(
    cloud: &Cloud,
    call: &Carried<'_>,
    request_id: &str,
    user_agent: &str,
) -> Result<Answer, ApiError> {
    let knobs = cloud.chaos.knobs();
    let now = cloud.now();
    let mut account = cloud.account();
    let result = (call.operation.handler)(&mut Desk {
        service: call.service,
        account: &mut account,
        knobs: &knobs,
        chaos: &cloud.chaos,
        trail: &cloud.trail,
        params: call.params,
        body: call.body,
        caller: call.caller,
        now,
    });
    let result = result.map(|mut answer| {
        let rpc = !matches!(call.service, Service::Cs | Service::Sls);
        if rpc && let Some(body) = answer.body.as_mut().and_then(serde_json::Value::as_object_mut) {
            body.insert("RequestId".to_owned(), request_id.into());
        }
        answer
    });
    if call.operation.effect == Effect::Write {
        let occurrence = Occurrence {
            service: call.service,
            service_name: call.service.trail_name(),
            version: call.service.version().unwrap_or_default(),
            operation: call.operation.name,
            params: target(call.params),
            body: serde_json::from_slice(call.body).ok(),
            caller: call.caller,
            request_id,
            user_agent,
            at: now,
        };
        cloud.trail.append(occurrence.record(&account, result.as_ref()));
    }
    result
}
