//! The HTTP edge: fate, signature, operation, answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use jiff::Timestamp;
use uuid::Uuid;

use super::error::OtsError;
use super::instance::Instance;
use super::limits;
use super::message::tables;
use super::operation::{Desk, carry_out, find};
use super::signature::{Signed, check, content_md5};
use crate::account::Need;
use crate::calls::Call;
use crate::hold::HoldPoint;
use crate::knobs::Fault;
use crate::service::{Broken, Cloud, Request, Service, held};

/// An instance behind the listener.
#[derive(Debug)]
pub(crate) struct Tablestore {
    pub(crate) name: String,
    pub(crate) instance: Mutex<Instance>,
}

impl Tablestore {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Instance> {
        self.instance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call on its way, as far as it is known.
#[derive(Default)]
struct Passage {
    signed: Option<Signed>,
    named: Vec<String>,
    carried_out: bool,
}

/// Serves one request.
pub(crate) async fn pass(cloud: &Cloud, request: &Request) -> Result<Response<Full<Bytes>>, Broken> {
    let at = cloud.now();
    let operation = find(request.path.trim_start_matches('/')).unwrap_or_default();
    let hold = cloud.holds.next(operation);
    let mut fate = cloud.chaos.fate(Service::Tablestore, operation);
    if let Some(hold) = &hold {
        fate.fault = Some(held(hold).await);
    }
    if !fate.delay.is_zero() {
        tokio::time::sleep(fate.delay).await;
    }
    let mut passage = Passage::default();
    let result = match &fate.fault {
        Some(Fault::LostRequest) => Err(OtsError::new(0, "LostRequest", "")),
        None | Some(Fault::LostResponse) => enter(cloud, &mut passage, request, operation),
        Some(fault) => refuse(cloud, &mut passage, request, operation, fault),
    };
    let lost = matches!(fate.fault, Some(Fault::LostRequest | Fault::LostResponse));
    let request_id = Uuid::new_v4().to_string();
    let response = respond(request, passage.signed.as_ref(), &request_id, &result);
    cloud.calls.push(Call {
        at,
        service: Service::Tablestore,
        operation: operation.to_owned(),
        action: if operation.is_empty() { String::new() } else { Service::Tablestore.action(operation) },
        caller: passage.signed.map(|signed| signed.caller).unwrap_or_default(),
        status: result.as_ref().map_or_else(|error| error.status, |_| 200),
        code: result.err().map(|error| error.code),
        target: passage.named.into_iter().map(|table| ("table".to_owned(), table)).collect(),
        request_id,
        carried_out: passage.carried_out,
        lost,
    });
    if let Some(hold) = hold.filter(|hold| hold.is_at(HoldPoint::CarriedOut)) {
        hold.wait().await;
    }
    if lost { Err(Broken) } else { Ok(response) }
}

/// An answer to a body that is too large to be read at all.
pub(crate) fn too_large() -> Response<Full<Bytes>> {
    let request = Request::new("POST", "/", http::HeaderMap::new(), Bytes::new());
    respond(&request, None, &Uuid::new_v4().to_string(), &Err(OtsError::too_large()))
}

/// Answers with an error that was asked for; only a call in order gets that far.
fn refuse(
    cloud: &Cloud,
    passage: &mut Passage,
    request: &Request,
    operation: &str,
    fault: &Fault,
) -> Result<Vec<u8>, OtsError> {
    let error = match fault {
        Fault::Throttled { .. } => OtsError::throttled(),
        Fault::Error { status, code } => OtsError::new(*status, code, message_of(code)),
        Fault::TimedOut => {
            enter(cloud, passage, request, operation)?;
            return Err(OtsError::timeout());
        }
        Fault::LostRequest | Fault::LostResponse => return Err(OtsError::busy()),
    };
    passage.signed = Some(signed(cloud, request, operation)?);
    Err(error)
}

/// The message that the service gives with a code; the SDKs look at that of `OTSQuotaExhausted`.
fn message_of(code: &str) -> String {
    let known = [
        OtsError::busy(),
        OtsError::timeout(),
        OtsError::throttled(),
        OtsError::too_frequent(),
        OtsError::conflict(),
        OtsError::condition(),
        OtsError::not_ready(),
        OtsError::no_such_table(),
        OtsError::exists(),
        OtsError::too_large(),
        OtsError::new(503, "OTSPartitionUnavailable", "The partition is not available."),
        OtsError::new(503, "OTSServerUnavailable", "Server is not available."),
        OtsError::new(500, "OTSInternalServerError", "Internal server error."),
        OtsError::new(403, "OTSCapacityUnitExhausted", "Capacity unit is not enough."),
        OtsError::new(429, "OTSFlowControl", "The requests have been throttled."),
    ];
    known.into_iter().find(|error| error.code == code).map_or_else(|| code.to_owned(), |error| error.message)
}

fn signed(cloud: &Cloud, request: &Request, operation: &str) -> Result<Signed, OtsError> {
    if request.method != "POST" {
        return Err(OtsError::new(405, "OTSMethodNotAllowed", "Only POST method for requests is supported."));
    }
    if request.body.len() > limits::BODY {
        return Err(OtsError::too_large());
    }
    if operation.is_empty() {
        let name = request.path.trim_start_matches('/');
        return Err(OtsError::parameter(format!("Unsupported operation: '{name}'.")));
    }
    let account = cloud.account();
    check(request, &account, &cloud.tablestore.name, Timestamp::now(), cloud.now())
}

fn enter(
    cloud: &Cloud,
    passage: &mut Passage,
    request: &Request,
    operation: &str,
) -> Result<Vec<u8>, OtsError> {
    passage.signed = Some(signed(cloud, request, operation)?);
    permit(cloud, passage, request, operation)?;
    passage.carried_out = true;
    let knobs = cloud.chaos.knobs().tablestore;
    let now = cloud.now();
    let mut instance = cloud.tablestore.lock();
    instance.settle(&knobs, now);
    let mut desk = Desk { instance: &mut instance, knobs: &knobs, now, named: Vec::new() };
    let result = carry_out(&mut desk, operation, &request.body);
    passage.named = desk.named;
    result
}

/// Whether the policies of the caller let the operation through, on each table that it names.
fn permit(cloud: &Cloud, passage: &Passage, request: &Request, operation: &str) -> Result<(), OtsError> {
    let account = cloud.account();
    let mut tables = tables(operation, &request.body);
    if tables.is_empty() {
        // About the instance, or about a transaction in it.
        tables.push("*".to_owned());
    }
    let instance = format!("acs:ots:{}:{}:instance/{}", account.region, account.id, cloud.tablestore.name);
    let needs: Vec<_> = tables
        .into_iter()
        .map(|table| Need {
            action: Service::Tablestore.action(operation),
            resource: format!("{instance}/table/{table}"),
        })
        .collect();
    let caller = passage.signed.as_ref().map_or("", |signed| &signed.caller);
    account.permit(caller, &needs).map_err(|forbidden| OtsError::forbidden(&forbidden))
}

/// Turns a result into the HTTP answer. Answers to requests whose signature was right are signed; to others nothing
/// may be.
fn respond(
    request: &Request,
    signed: Option<&Signed>,
    request_id: &str,
    result: &Result<Vec<u8>, OtsError>,
) -> Response<Full<Bytes>> {
    let (status, body) = match result {
        Ok(body) => (200, body.clone()),
        Err(error) => (error.status, error.body()),
    };
    let headers = [
        ("x-ots-contentmd5", content_md5(&body)),
        ("x-ots-requestid", request_id.to_owned()),
        ("x-ots-date", Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()),
        ("x-ots-contenttype", "protocol buffer".to_owned()),
    ];
    let mut response = Response::builder().status(status).header("server", "cloud-emulator");
    if let Some(Signed { key_id, key, .. }) = signed {
        let signature = key.sign_answer(&request.path, &headers);
        response = response.header("authorization", format!("OTS {key_id}:{signature}"));
    }
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Full::new(Bytes::from(body))).unwrap_or_default()
}
