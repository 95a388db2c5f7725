//! The control listener, on the loopback only: what [`crate::Emulator`] offers in process, for programs outside.
//!
//! | request | body | what it does |
//! |---|---|---|
//! | `GET /describe` | | endpoints, keys, clusters, identities |
//! | `GET /state` | | the same with every pair, task and knob |
//! | `GET /calls`, `DELETE /calls` | | shows, empties the call log |
//! | `GET /trail` | | every ActionTrail record |
//! | `GET /knobs`, `POST /knobs` | any of the knobs | shows them, turns those that are given |
//! | `POST /failures` | `{"operation","times","outcome"}` | makes the next calls fail |
//! | `POST /clock` | `{"advance_seconds"}` | puts the clock ahead |
//! | `POST /kubeconfigs/restore` | `{"cluster","uid"}` | restores from the recycle bin, as in the console |
//! | `POST /access-records` | `{"cluster","uid","seconds_ago"}` | records an access |
//! | `POST /clusters/state` | `{"cluster","state"}` | puts a cluster into a state |
//! | `POST /tablestore/indexes/release` | `{"count"}` | lets changes through to global indexes, gives how many |

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::gate::Cloud;
use crate::account::Refusal;
use crate::describe;
use crate::emulator::{Endpoints, advance};
use crate::knobs::{Failure, Knobs};

#[derive(Clone)]
struct Control {
    cloud: Arc<Cloud>,
    endpoints: Endpoints,
}

/// The routes above.
pub(crate) fn router(cloud: Arc<Cloud>, endpoints: Endpoints) -> Router {
    Router::new()
        .route(
            "/describe",
            get(|State(c): State<Control>| async move { Json(describe::describe(&c.cloud, &c.endpoints)) }),
        )
        .route(
            "/state",
            get(|State(c): State<Control>| async move { Json(describe::state(&c.cloud, &c.endpoints)) }),
        )
        .route("/calls", get(calls).delete(forget_calls))
        .route("/trail", get(|State(c): State<Control>| async move { Json(c.cloud.trail.records()) }))
        .route("/knobs", get(knobs).post(tune))
        .route("/failures", post(fail_next))
        .route("/clock", post(clock))
        .route("/kubeconfigs/restore", post(restore))
        .route("/access-records", post(record_access))
        .route("/clusters/state", post(cluster_state))
        .route("/tablestore/indexes/release", post(release_index_entries))
        .with_state(Control { cloud, endpoints })
}

/// A request that cannot be met, in the words of whoever refused it.
struct Unmet(StatusCode, String);

impl IntoResponse for Unmet {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

impl From<Refusal> for Unmet {
    fn from(refusal: Refusal) -> Self {
        Self(StatusCode::CONFLICT, refusal.to_string())
    }
}

async fn calls(State(c): State<Control>) -> Response {
    Json(c.cloud.calls.all()).into_response()
}

async fn forget_calls(State(c): State<Control>) -> StatusCode {
    c.cloud.calls.clear();
    StatusCode::NO_CONTENT
}

async fn knobs(State(c): State<Control>) -> Json<Knobs> {
    Json(c.cloud.chaos.knobs())
}

/// Takes any of the knobs; the others stay.
async fn tune(State(c): State<Control>, Json(change): Json<Value>) -> Result<Json<Knobs>, Unmet> {
    let malformed = |error: String| Unmet(StatusCode::BAD_REQUEST, error);
    let Value::Object(change) = change else { return Err(malformed("an object is expected".to_owned())) };
    c.cloud
        .chaos
        .tune(|knobs| {
            let mut all = serde_json::to_value(&*knobs)?;
            for (name, value) in change {
                all[name] = value;
            }
            *knobs = serde_json::from_value(all)?;
            Ok(Json(knobs.clone()))
        })
        .map_err(|error: serde_json::Error| malformed(error.to_string()))
}

async fn fail_next(State(c): State<Control>, Json(failure): Json<Failure>) -> StatusCode {
    c.cloud.chaos.fail_next(failure);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

async fn clock(State(c): State<Control>, Json(body): Json<Advance>) -> StatusCode {
    advance(&c.cloud, SignedDuration::from_secs(i64::from(body.advance_seconds)));
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    cluster: String,
    uid: String,
    #[serde(default)]
    seconds_ago: u32,
}

async fn restore(State(c): State<Control>, Json(pair): Json<Pair>) -> Result<StatusCode, Unmet> {
    let now = c.cloud.now();
    c.cloud.account().restore_kubeconfig(&pair.cluster, &pair.uid, now)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn record_access(State(c): State<Control>, Json(pair): Json<Pair>) -> Result<StatusCode, Unmet> {
    let now = c.cloud.now();
    let at = now.saturating_sub(SignedDuration::from_secs(i64::from(pair.seconds_ago))).unwrap_or(now);
    c.cloud.account().record_access(&pair.cluster, &pair.uid, at)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterState {
    cluster: String,
    state: String,
}

async fn cluster_state(
    State(c): State<Control>,
    Json(body): Json<ClusterState>,
) -> Result<StatusCode, Unmet> {
    c.cloud.account().set_cluster_state(&body.cluster, &body.state)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    count: usize,
}

async fn release_index_entries(State(c): State<Control>, Json(body): Json<Release>) -> Json<Value> {
    let mut instance = c.cloud.tablestore.lock();
    let released = instance.release(body.count);
    Json(json!({"released": released, "waiting": instance.waiting()}))
}
