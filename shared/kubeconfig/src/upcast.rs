//! Reading stored events, of this and of every earlier form.
//!
//! An event is stored as a type name, the version of its form and its fields. Each change of form adds a step here
//! that lifts the older fields to the next version; the golden file of the tests holds one event of every form that
//! was ever stored.

use serde_json::{Value, json};

use crate::event::{Event, Stored};
use crate::stream::StreamId;

/// The version of the form in which a type is stored today.
fn current_schema(type_name: &str) -> u16 {
    match type_name {
        "KubeconfigObserved" => 2,
        _ => 1,
    }
}

impl Event {
    /// The form to store.
    pub fn to_stored(&self) -> Stored {
        let tagged = match self {
            Self::Unrecognised(stored) => return stored.clone(),
            Self::Access(event) => serde_json::to_value(event),
            Self::Identity(event) => serde_json::to_value(event),
            Self::Cluster(event) => serde_json::to_value(event),
            Self::Intake(event) => serde_json::to_value(event),
            Self::Run(event) => serde_json::to_value(event),
        };
        // Serialising our own enumerations with text keys cannot fail; a test stores every event there is.
        let mut tagged = tagged.unwrap_or_default();
        let type_name = tagged["type"].as_str().unwrap_or_default().to_owned();
        let schema = current_schema(&type_name);
        Stored { type_name, schema, data: tagged["data"].take() }
    }

    /// Reads a stored event. What this version cannot understand becomes [`Event::Unrecognised`]: kept and visible.
    pub fn from_stored(stream: &StreamId, stored: Stored) -> Self {
        let lifted = lift(&stored);
        let parsed = match stream {
            StreamId::Kubeconfig(_) => serde_json::from_value(lifted).map(Self::Access),
            StreamId::Identity(_) => serde_json::from_value(lifted).map(Self::Identity),
            StreamId::Cluster(_) => serde_json::from_value(lifted).map(Self::Cluster),
            StreamId::Intake(_) => serde_json::from_value(lifted).map(Self::Intake),
            StreamId::Run(_) => serde_json::from_value(lifted).map(Self::Run),
        };
        match parsed {
            Ok(event) if (1..=current_schema(&stored.type_name)).contains(&stored.schema) => event,
            _ => Self::Unrecognised(stored),
        }
    }

    /// The name of its type.
    pub fn type_name(&self) -> String {
        match self {
            Self::Unrecognised(stored) => stored.type_name.clone(),
            known => known.to_stored().type_name,
        }
    }
}

/// The fields in today's form, tagged for parsing.
fn lift(stored: &Stored) -> Value {
    let mut data = stored.data.clone();
    // Fields that are no object are damaged: nothing in them can be lifted, and parsing will say so.
    if (stored.type_name.as_str(), stored.schema) == ("KubeconfigObserved", 1) && data.is_object() {
        data = one_certificate_to_several(data);
    }
    json!({ "type": stored.type_name, "data": data })
}

/// Form 1 knew one certificate a pair and no permissions: `{cluster_state, account, cert_state, expires_at}`.
fn one_certificate_to_several(mut data: Value) -> Value {
    let mut certificate = json!({ "state": data["cert_state"].take() });
    if !data["expires_at"].is_null() {
        certificate["expires_at"] = data["expires_at"].take();
    }
    json!({ "reading": {
        "cluster_state": data["cluster_state"].take(),
        "account": data["account"].take(),
        "certificates": [certificate],
        "bindings": { "read": "no" },
    }})
}
