//! Examples of the document. A test holds them to the schemas.

use serde_json::{Value, json};

const CLUSTER: &str = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9";

pub(crate) fn overview() -> Value {
    json!({
        "clusters": 3,
        "identities": 8,
        "pairs": { "Effective": 10, "EffectiveResidualRbac": 1, "Expired": 2, "Deleted": 1, "Unknown": 1 },
        "leftovers": 4,
        "held": 1,
        "open": 0,
        "unrecognised": 0,
        "swept_at": "2026-11-24T09:00:00Z",
        "swept_everything": true,
        "swept_unread": 0,
    })
}

pub(crate) fn clusters() -> Value {
    let mut cluster = cluster();
    if let Some(cluster) = cluster.as_object_mut() {
        cluster.remove("kubeconfigs");
    }
    json!({ "clusters": [cluster] })
}

pub(crate) fn cluster() -> Value {
    json!({
        "cluster": CLUSTER,
        "name": "prod",
        "region": "cn-hangzhou",
        "state": "running",
        "profile": "Default",
        "kubeconfigs": [pair()],
    })
}

pub(crate) fn identity() -> Value {
    json!({
        "uid": "200000000000000101",
        "name": "alice",
        "kind": "RamUser",
        "state": "Active",
        "kubeconfigs": [pair()],
    })
}

pub(crate) fn pair() -> Value {
    json!({
        "cluster": CLUSTER,
        "cluster_name": "prod",
        "uid": "200000000000000101",
        "name": "alice",
        "account_kind": "RamUser",
        "account_state": "Active",
        "status": "Effective",
        "expires_at": "2028-10-01T08:00:00Z",
        "certificates": [{ "state": "Unexpired", "expires_at": "2028-10-01T08:00:00Z" }],
        "last_check": { "result": "NoRecords", "checked_at": "2026-11-24T09:00:00Z" },
        "decided_by": ["0190b5c4-8111-7b20-8c44-1f2e3d4c5b6a"],
    })
}

pub(crate) fn leftover() -> Value {
    let mut pair = pair();
    pair["account_state"] = "Deleted".into();
    pair
}

pub(crate) fn held() -> Value {
    let mut pair = pair();
    pair["open_revocation"] = json!({
        "id": "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11",
        "phase": "Held",
        "trigger": "requested",
        "requested_by": "chatbot (http)",
        "requested_at": "2026-11-24T09:30:00Z",
        "reason": "left the company",
        "held_because": "it was used within seven days",
        "attempts": 0,
        "hold": 1,
    });
    let message = json!({
        "id": "5d0f1c2e-8a4b-5c3d-9e1f-2a6b7c8d9e0f",
        "received_at": "2026-11-24T09:31:00Z",
        "kind": "RamUser",
        "name": "alice",
        "deleted_at": "2026-11-24T09:30:00Z",
        "why": "more than one identity may be meant",
        "candidates": ["200000000000000101", "200000000000000108"],
    });
    json!({ "revocations": [pair], "messages": [message] })
}

pub(crate) fn why() -> Value {
    json!({
        "because": "a certificate is valid until 2028-10-01T08:00:00Z",
        "kubeconfig": pair(),
        "events": events()["events"],
    })
}

pub(crate) fn time_to_revoke() -> Value {
    let quantiles = |p50: f64, p95: f64, p99: f64| json!({ "p50": p50, "p95": p95, "p99": p99 });
    json!({ "months": [{
        "month": "2026-11",
        "trigger": "identityDeleted",
        "revocations": 42,
        "occurred_to_received": quantiles(41.5, 280.0, 301.2),
        "received_to_confirmed": quantiles(3.1, 9.8, 3600.4),
        "occurred_to_confirmed": quantiles(45.0, 290.1, 3902.7),
    }] })
}

pub(crate) fn events() -> Value {
    let event = json!({
        "specversion": "1.0",
        "id": "0190b5c4-8111-7b20-8c44-1f2e3d4c5b6a",
        "source": "/reaper",
        "type": "RevocationRequested",
        "subject": format!("kubeconfig/{CLUSTER}/200000000000000101"),
        "time": "2026-11-24T09:30:00Z",
        "datacontenttype": "application/json",
        "dataschema": "/schemas/RevocationRequested/1",
        "recordedtime": "2026-11-24T09:30:00.012345Z",
        "streamversion": 2,
        "actorchannel": "http",
        "actorprincipal": "chatbot",
        "correlationid": "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a22",
        "data": { "revocation": "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11", "reason": "left the company" },
    });
    json!({ "events": [event], "next": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" })
}
