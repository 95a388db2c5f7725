//! What cannot be read, from fields and from text.

use kubeconfig::event::Stored;
use kubeconfig::{Access, Event, Fields, StreamId};
use serde_json::{Value, json};

use super::earlier::{form_1, one_certificate};
use super::{golden, read};
use crate::story::{FIRST, given, key};
use crate::words::*;

fn not_understood() -> Vec<Stored> {
    let stored = |type_name: &str, schema, data| Stored { type_name: type_name.into(), schema, data };
    let observed = observed(live()).event;
    let submitted = Event::Access(submitted(1).event).to_stored();
    let mut all = vec![
        stored("KubeconfigObserved", 3, Event::Access(observed.clone()).to_stored().data),
        stored("KubeconfigObserved", 0, Event::Access(observed).to_stored().data),
        stored("RevocationSubmitted", 2, submitted.data.clone()),
        stored("RevocationSubmitted", u16::MAX, submitted.data.clone()),
        stored("RevocationSubmitted", 1, json!({ "revocation": FIRST, "attempt": "one", "force": true })),
        stored("RevocationSubmitted", 1, json!({ "revocation": FIRST, "attempt": -1, "force": true })),
        stored("RevocationSubmitted", 1, json!({ "revocation": FIRST })),
        stored("KubeconfigBlessed", 1, json!({ "by": "nobody" })),
        stored("kubeconfigobserved", 1, one_certificate("Expired")),
        stored("IdentityDeleted", 1, json!({})),
        stored("", 1, Value::Null),
    ];
    for odd in [json!(null), json!("text"), json!(7), json!(true), json!([]), json!([1]), json!({})] {
        all.push(form_1(odd.clone()));
        all.push(stored("KubeconfigObserved", 2, odd.clone()));
        all.push(stored("RevocationConfirmed", 1, odd));
    }
    let mut half = one_certificate("Expired");
    half["account"] = json!("RamUser");
    all.push(form_1(half));
    all
}

#[test]
fn what_cannot_be_read_is_kept_as_it_is() {
    for stored in not_understood() {
        let event = read(stored.clone());
        assert_eq!(event, Event::Unrecognised(stored.clone()));
        assert_eq!(event.to_stored(), stored);
        assert_eq!(event.type_name(), stored.type_name);
        assert_eq!(serde_json::to_value(&event).unwrap()["data"], stored.data);
    }
}

#[test]
fn what_cannot_be_read_changes_no_status() {
    let before = given(called_once());
    for stored in not_understood() {
        let after = before.clone().and_stored(read(stored));
        assert_eq!(
            after.access,
            Access { version: after.access.version, unrecognised: true, ..before.access.clone() }
        );
        assert_eq!(after.access.version, before.access.version + 1);
    }
}

#[test]
fn an_event_in_a_stream_of_another_kind_is_not_understood() {
    for line in golden() {
        for other in ["kubeconfig/c1/201", "identity/201", "cluster/c1"] {
            let other: StreamId = other.parse().unwrap();
            if other.kind() != line.stream.kind() {
                let event = Event::from_stored(&other, line.stored.clone());
                assert_eq!(event, Event::Unrecognised(line.stored.clone()));
            }
        }
    }
}

/// As a store reads it: the fields as text.
fn read_text(stream: &StreamId, stored: &Stored) -> Event {
    let data = serde_json::value::to_raw_value(&stored.data).unwrap();
    Event::from_text(stream, stored.type_name.clone(), stored.schema, &data).unwrap()
}

#[test]
fn read_from_text_every_event_is_what_it_is_read_from_fields() {
    let streams = ["kubeconfig/c1/201", "identity/201", "cluster/c1"].map(|stream| stream.parse().unwrap());
    let golden = golden().into_iter().map(|line| (line.stream, line.stored));
    let odd = not_understood().into_iter().map(|stored| (key().into(), stored));
    for (own, stored) in golden.chain(odd) {
        for stream in streams.iter().chain([&own]) {
            let event = read_text(stream, &stored);
            assert_eq!(event, Event::from_stored(stream, stored.clone()));
            assert_eq!(
                (event.type_name(), event.schema()),
                (stored.type_name.clone(), event.to_stored().schema)
            );
            assert_eq!(serde_json::to_value(Fields(&event)).unwrap(), event.to_stored().data);
        }
    }
}

#[test]
fn what_was_damaged_after_it_was_written_is_read_from_text_as_it_is_from_fields() {
    for data in [
        r#"{"attempt":1,"attempt":1,"revocation":"0190b5c4-0000-7000-8000-000000000001","force":true}"#,
        r#"{"attempt":1,"type":"RevocationHeld","revocation":"0190b5c4-0000-7000-8000-000000000001","force":false}"#,
        "{}",
        "[[],{}]",
    ] {
        for type_name in ["RevocationSubmitted", r#"RevocationSubmitted","data":{},"x":""#, r"\u0041"] {
            let raw: Box<serde_json::value::RawValue> = serde_json::from_str(data).unwrap();
            let stored =
                Stored { type_name: type_name.into(), schema: 1, data: serde_json::from_str(data).unwrap() };
            let event = Event::from_text(&key().into(), type_name.into(), 1, &raw).unwrap();
            assert_eq!(event, read(stored), "{type_name} {data}");
        }
    }
}
