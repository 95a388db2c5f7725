//! The bytes of a commit. They are what is stored, and later hashed and sealed: written once, never rewritten, and
//! complete, so that everything else can be made from them.
//!
//! Form 2 is JSON: `{"format":2,"stream":…,"version":…,"recorded_at":…,"beside":…,"events":[{"id":…,"type":…,"schema":…,
//! "occurred_at":…,"actor":…,"correlation":…,"causation":…,"source":…,"data":…,"personal":[…]},…]}`, where `version` is that
//! of the first event. `personal` names the places in an event, as JSON pointers, at which a digest stands for a value that
//! is kept beside the bytes (`disclosure.rs`); `beside` says how many KiB these values had when they were written, rounded
//! up, so that not even the length of a name is left. Both are absent where nothing is personal. Form 1 had neither, and all
//! values in the bytes; it is read for ever.
//!
//! A new type of event or a new form of one is no new form of the commit: older readers show it as unrecognised. A new kind
//! of stream or channel is, as older readers have no way to name it.

mod opened;
mod prepared;

use jiff::Timestamp;
use kubeconfig::{Actor, EventId, SourceEvent, StreamId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use opened::Opened;
pub(crate) use prepared::Prepared;

/// The form that is written.
const FORMAT: u32 = 2;

/// Where the person behind an event stands in it.
pub(crate) const HUMAN: &str = "/actor/human";

/// What the places of an event's own fields begin with.
const DATA: &str = "/data";

/// What `beside` counts in.
const KIB: usize = 1024;

#[derive(Serialize, Deserialize)]
struct Body<E> {
    format: u32,
    stream: StreamId,
    version: u64,
    recorded_at: Timestamp,
    /// KiB of personal values beside it, as they were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beside: Option<u32>,
    events: E,
}

#[derive(Serialize, Deserialize)]
struct Entry<D> {
    id: EventId,
    #[serde(rename = "type")]
    type_name: String,
    schema: u16,
    occurred_at: Timestamp,
    actor: Actor,
    correlation: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    causation: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<SourceEvent>,
    data: D,
    /// Where digests stand for values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    personal: Vec<String>,
}

/// The name of the field that a pointer leads to.
fn field(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

#[cfg(test)]
mod tests {
    use kubeconfig::NewEvent;
    use serde_json::{Value, json};

    use super::*;
    use crate::clock::Clock;
    use crate::contract::sample;
    use crate::store::Commit;

    #[test]
    fn the_bytes_of_a_commit_are_these() {
        let event = NewEvent {
            id: EventId::new(Uuid::from_u128(1)),
            causation: Some(EventId::new(Uuid::from_u128(2))),
            ..sample::rich(3)
        };
        let plain = NewEvent {
            id: EventId::new(Uuid::from_u128(4)),
            ..sample::new(sample::unknown("Unheard", json!({ "a": 1.5 })))
        };
        let commit = Commit { stream: sample::pair(1, 2), expected: 4, events: vec![event, plain] };
        let clock = Clock::new(|| Timestamp::from_microsecond(1_767_225_600_000_001).unwrap());
        let prepared = Prepared::new(commit).unwrap();
        let (_, body) = prepared.written(1, 0, &clock).unwrap();
        // Digests are others each time.
        let mut body = String::from_utf8(body).unwrap();
        for disclosure in &prepared.disclosures {
            body = body
                .replace(&disclosure.digest().to_string(), &format!("<{}>", disclosure.open().unwrap().0));
        }
        let expected = concat!(
            r#"{"format":2,"stream":"kubeconfig/c1/2","version":5,"recorded_at":"2026-01-01T00:00:00.000001Z","beside":1,"events":["#,
            r#"{"id":"00000000-0000-0000-0000-000000000001","type":"RevocationRequested","schema":1,"#,
            r#""occurred_at":"2025-12-31T23:59:59.123456789Z","#,
            r#""actor":{"channel":"slack","principal":"bot","human":"<human>"},"#,
            r#""correlation":"00000000-0000-0000-0000-000000000004","#,
            r#""causation":"00000000-0000-0000-0000-000000000002","source":{"source":"acs.ram","id":"e-3"},"#,
            r#""data":{"reason":"<reason>","revocation":"b413b2d1-b57d-5942-8439-bc1b1dec6089","trigger":{"why":"requested"}},"#,
            r#""personal":["/data/reason","/actor/human"]},"#,
            r#"{"id":"00000000-0000-0000-0000-000000000004","type":"Unheard","schema":7,"#,
            r#""occurred_at":"2025-12-31T23:59:59.123456789Z","actor":{"channel":"timer"},"#,
            r#""correlation":"00000000-0000-0000-0000-000000000001","data":{"a":1.5}}]}"#,
        );
        // The order of fields within `data` depends on how serde_json was built: all else is fixed.
        let expected = expected.to_owned();
        let envelope = |text: &str| text.split(r#""data":"#).next().map(ToOwned::to_owned);
        assert_eq!(envelope(&body), envelope(&expected));
        assert_eq!(
            serde_json::from_str::<Value>(&body).unwrap(),
            serde_json::from_str::<Value>(&expected).unwrap()
        );
    }

    #[test]
    fn a_commit_of_the_first_form_is_read_with_what_is_in_it() {
        let bytes = concat!(
            r#"{"format":1,"stream":"kubeconfig/c1/2","version":5,"recorded_at":"2026-01-01T00:00:00.000001Z","events":["#,
            r#"{"id":"00000000-0000-0000-0000-000000000001","type":"RevocationRequested","schema":1,"#,
            r#""occurred_at":"2025-12-31T23:59:59.123456789Z","actor":{"channel":"slack","human":"alice"},"#,
            r#""correlation":"00000000-0000-0000-0000-000000000004","#,
            r#""data":{"reason":"gone","revocation":"b413b2d1-b57d-5942-8439-bc1b1dec6089","trigger":{"why":"requested"}}}]}"#,
        );
        let opened = Opened::new(1, bytes.as_bytes(), || panic!("nothing is beside it")).unwrap();
        let read = opened.event(0).unwrap();
        assert_eq!(read.actor.name(), "alice");
        assert_eq!(read.event.to_stored().data["reason"], "gone");
        assert!(opened.digests().unwrap().is_empty());
    }

    #[test]
    fn what_does_not_parse_is_damaged_and_says_where() {
        for (bytes, problem) in [
            ("", "the store is damaged: commit 7: EOF while parsing"),
            (r#"{"format":1}"#, "the store is damaged: commit 7: missing field `stream`"),
            (r#"{"format":9}"#, "commit 7 has form 9, this version reads up to 2: use a newer version"),
            (
                r#"{"format":1,"stream":"pod/x","version":1,"recorded_at":"2026-01-01T00:00:00Z","events":[]}"#,
                "the store is damaged: commit 7: `pod/x` does not name a stream",
            ),
        ] {
            let error = Opened::envelope(7, bytes.as_bytes()).err().unwrap().to_string();
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
