//! From the bytes of an event to what the handler asks for.

use std::any::Any;

use bytes::Bytes;
use lambda_runtime::Diagnostic;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The event as it came, whether or not it is JSON: for a function that must keep what it cannot parse.
///
/// `LambdaEvent<RawPayload>` never fails to parse here. Under `lambda_runtime::run` the payload still has to be JSON, as that
/// runtime parses first; the bytes are the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RawPayload(pub Bytes);

impl<'de> Deserialize<'de> for RawPayload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(Bytes::copy_from_slice(text.get().as_bytes())))
    }
}

/// Gives the bytes to a handler that wants them raw, otherwise parses them as JSON.
///
/// # Errors
/// Not JSON, or JSON of another shape. The message names line and column.
pub(crate) fn decode<T: DeserializeOwned + 'static>(bytes: Bytes) -> Result<T, Diagnostic> {
    let mut raw = Some(RawPayload(bytes.clone()));
    if let Some(wanted) = (&mut raw as &mut dyn Any).downcast_mut::<Option<T>>()
        && let Some(payload) = wanted.take()
    {
        return Ok(payload);
    }
    serde_json::from_slice(&bytes).map_err(|error| Diagnostic {
        error_type: if error.is_data() { "PayloadMismatch" } else { "MalformedPayload" }.to_owned(),
        error_message: format!("the event cannot be read: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Wanted {
        #[expect(dead_code, reason = "only the shape matters")]
        uid: u64,
    }

    #[test]
    fn raw_bytes_pass_unparsed() {
        let payload: RawPayload = decode(Bytes::from_static(b"\xff{not json")).unwrap();
        assert_eq!(&payload.0[..], b"\xff{not json");
    }

    #[test]
    fn under_another_runtime_raw_bytes_are_the_json_text() {
        let payload: RawPayload = serde_json::from_slice(br#"{"a" : [1, 2.0]}"#).unwrap();
        assert_eq!(&payload.0[..], br#"{"a" : [1, 2.0]}"#);
    }

    #[test]
    fn broken_json_names_the_column() {
        let error = decode::<Wanted>(Bytes::from_static(br#"{"uid": }"#)).unwrap_err();
        assert_eq!(error.error_type, "MalformedPayload");
        assert_eq!(error.error_message, "the event cannot be read: expected value at line 1 column 9");
    }

    #[test]
    fn another_shape_is_told_apart_from_broken_json() {
        let error = decode::<Wanted>(Bytes::from_static(br#"{"id": 1}"#)).unwrap_err();
        assert_eq!(error.error_type, "PayloadMismatch");
        assert_eq!(error.error_message, "the event cannot be read: missing field `uid` at line 1 column 9");
    }
}
