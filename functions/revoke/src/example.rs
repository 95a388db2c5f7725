//! Examples of the document. A test holds them to the schemas.

use serde_json::{Value, json};

const REVOCATION: &str = "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11";
const MESSAGE: &str = "5d0f1c2e-8a4b-5c3d-9e1f-2a6b7c8d9e0f";

pub(crate) fn request() -> Value {
    json!({
        "uid": "200000000000000101",
        "clusters": ["c0a1b2c3d4e5f60718293a4b5c6d7e8f9"],
        "reason": "left the company",
    })
}

pub(crate) fn confirmed() -> Value {
    outcome("confirmed", "Deleted", &json!({}))
}

pub(crate) fn rejected() -> Value {
    outcome("rejected", "Effective", &json!({}))
}

pub(crate) fn under_way() -> Value {
    let open = json!({ "open_revocation": open("Submitted") });
    outcome("underWay", "Effective", &open)
}

pub(crate) fn held() -> Value {
    let mut open = open("Held");
    open["held_because"] = "it was used within seven days".into();
    let because = json!({ "rule": "hold", "text": "it was used within seven days" });
    outcome("held", "Effective", &json!({ "because": because, "open_revocation": open }))
}

pub(crate) fn receipt() -> Value {
    json!({ "became": "revoked", "intake": MESSAGE, "uid": "200000000000000101", "outcomes": [confirmed()] })
}

pub(crate) fn receipt_held() -> Value {
    json!({ "became": "revoked", "intake": MESSAGE, "uid": "200000000000000101", "outcomes": [held()] })
}

/// A deletion as ActionTrail records it and EventBridge delivers it.
pub(crate) fn event() -> Value {
    json!({
        "specversion": "1.0",
        "id": "45ef4dewdwe1-7c35-447a-bd93-fab****",
        "source": "acs.ram",
        "type": "ram:ActionTrail:ApiCall",
        "time": "2026-11-24T09:30:00Z",
        "data": {
            "eventName": "DeleteUser",
            "serviceName": "Ram",
            "eventTime": "2026-11-24T09:30:00Z",
            "requestParameters": { "UserName": "alice" },
        },
    })
}

fn open(phase: &str) -> Value {
    json!({
        "id": REVOCATION,
        "phase": phase,
        "trigger": "requested",
        "requested_by": "chatbot (http)",
        "requested_at": "2026-11-24T09:30:00Z",
        "reason": "left the company",
        "attempts": 0,
        "hold": 1,
    })
}

fn outcome(word: &str, status: &str, more: &Value) -> Value {
    let mut outcome = json!({
        "revocation": REVOCATION,
        "outcome": word,
        "cluster": "c0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "cluster_name": "prod",
        "uid": "200000000000000101",
        "name": "alice",
        "account_kind": "RamUser",
        "account_state": "Active",
        "status": status,
        "certificates": [],
        "permissions": [],
        "decided_by": ["0190b5c4-8111-7b20-8c44-1f2e3d4c5b6a"],
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        outcome[name] = value.clone();
    }
    outcome
}

pub(crate) fn inspection() -> Value {
    json!({
        "context": "200000000000000101-c0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "current": true,
        "server": "https://47.96.1.2:6443",
        "cluster": "c0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "holds": "a certificate",
        "common_name": "200000000000000101-1700000000",
        "uid": "200000000000000101",
        "groups": ["system:users"],
        "not_before": "2025-10-01T08:00:00Z",
        "not_after": "2028-10-01T08:00:00Z",
        "validity": "valid",
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "status": "Effective, account Active",
        "listed": true,
        "revocation": {
            "uid": "200000000000000101",
            "clusters": ["c0a1b2c3d4e5f60718293a4b5c6d7e8f9"],
            "reason": "its kubeconfig has leaked",
        },
    })
}
