//! Reading stored events, of this and of every earlier form.
//!
//! An event is stored as a type name, the version of its form and its fields. Each change of form adds a step here
//! that lifts the older fields to the next version; the golden file of the tests holds one event of every form that
//! was ever stored.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::MapDeserializer;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::event::{Event, Stored};
use crate::fields::{Fields, TypeName};
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
        match self {
            Self::Unrecognised(stored) => stored.clone(),
            // Serialising our own enumerations with text keys cannot fail; a test stores every event there is.
            known => Stored {
                type_name: known.type_name(),
                schema: known.schema(),
                data: serde_json::to_value(Fields(known)).unwrap_or_default(),
            },
        }
    }

    /// Reads a stored event. What this version cannot understand becomes [`Event::Unrecognised`]: kept and visible.
    pub fn from_stored(stream: &StreamId, stored: Stored) -> Self {
        if !(1..=current_schema(&stored.type_name)).contains(&stored.schema) {
            return Self::Unrecognised(stored);
        }
        let type_name = Value::from(stored.type_name.as_str());
        let lifted = lift(&stored);
        match Self::parse(stream, &type_name, lifted.as_ref().unwrap_or(&stored.data)) {
            Ok(event) => event,
            Err(_) => Self::Unrecognised(stored),
        }
    }

    /// The same from the JSON text of its fields. What has today's form, and that is nearly all of a log, is read in one
    /// go; the rest as [`Self::from_stored`] does.
    ///
    /// # Errors
    /// The fields are no JSON.
    pub fn from_text(
        stream: &StreamId,
        type_name: String,
        schema: u16,
        data: &RawValue,
    ) -> Result<Self, serde_json::Error> {
        if schema == current_schema(&type_name)
            && let Ok(event) = Self::parse(stream, &*to_raw_value(&type_name)?, data)
        {
            return Ok(event);
        }
        let data = serde_json::from_str(data.get())?;
        Ok(Self::from_stored(stream, Stored { type_name, schema, data }))
    }

    /// Reads `{"type": …, "data": …}` without putting it together: most of the time of reading a log goes to here.
    fn parse<'a, V>(stream: &StreamId, type_name: V, data: V) -> Result<Self, serde_json::Error>
    where
        V: IntoDeserializer<'a, serde_json::Error>,
    {
        let tagged = MapDeserializer::new([("type", type_name), ("data", data)].into_iter());
        match stream {
            StreamId::Kubeconfig(_) => Deserialize::deserialize(tagged).map(Self::Access),
            StreamId::Identity(_) => Deserialize::deserialize(tagged).map(Self::Identity),
            StreamId::Cluster(_) => Deserialize::deserialize(tagged).map(Self::Cluster),
            StreamId::Intake(_) => Deserialize::deserialize(tagged).map(Self::Intake),
            StreamId::Run(_) => Deserialize::deserialize(tagged).map(Self::Run),
        }
    }

    /// The name of its type.
    pub fn type_name(&self) -> String {
        TypeName(self).to_string()
    }

    /// The version of the form in which it is stored.
    pub fn schema(&self) -> u16 {
        match self {
            Self::Unrecognised(stored) => stored.schema,
            known => current_schema(&known.type_name()),
        }
    }
}

/// The fields in today's form, where they are of an earlier one.
fn lift(stored: &Stored) -> Option<Value> {
    // Fields that are no object are damaged: nothing in them can be lifted, and parsing will say so.
    let earlier = (stored.type_name.as_str(), stored.schema) == ("KubeconfigObserved", 1);
    (earlier && stored.data.is_object()).then(|| one_certificate_to_several(stored.data.clone()))
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
