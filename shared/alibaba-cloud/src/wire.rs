//! Reading the services' JSON leniently where their spellings vary: numbers as text, text as numbers, empty times.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Text, also where a number was sent; nothing is empty text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null => Ok(String::new()),
        _ => Err(D::Error::custom("expected text")),
    }
}

/// Text, or none where it is empty or missing.
pub(crate) fn some_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(text(deserializer)?).filter(|text| !text.is_empty()))
}

/// A whole number, also where it was sent as text.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = text(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| D::Error::custom("expected a whole number"))
}

/// Yes or no, also where it was sent as 0 or 1 or as text; nothing is no.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Ok(flag),
        Value::Null => Ok(false),
        Value::Number(number) => Ok(number.as_i64() != Some(0)),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Ok(true),
        Value::String(text) if text.is_empty() || text.eq_ignore_ascii_case("false") || text == "0" => {
            Ok(false)
        }
        _ => Err(D::Error::custom("expected true or false")),
    }
}

/// A list that has to be there: an answer without it is no empty list. `null` is one.
pub(crate) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A time with any zone offset, as UTC; empty or missing is none.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    match some_text(deserializer)? {
        Some(text) => {
            text.parse().map(Some).map_err(|_| D::Error::custom(format_args!("`{text}` is not a time")))
        }
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Sample {
        #[serde(default, deserialize_with = "time")]
        time: Option<Timestamp>,
        #[serde(default, deserialize_with = "flag")]
        flag: bool,
        #[serde(default, deserialize_with = "number")]
        number: Option<u64>,
        #[serde(default, deserialize_with = "text")]
        text: String,
    }

    fn read(json: &str) -> Sample {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn both_formats_of_time_give_the_same_moment() {
        let offset = read(r#"{"time":"2028-04-09T14:20:47+08:00"}"#).time.unwrap();
        let utc = read(r#"{"time":"2028-04-09T06:20:47Z"}"#).time.unwrap();
        assert_eq!(offset, utc);
        assert_eq!(read(r#"{"time":""}"#).time, None);
        assert!(serde_json::from_str::<Sample>(r#"{"time":"tomorrow"}"#).is_err());
    }

    #[test]
    fn numbers_and_text_stand_for_each_other() {
        let sample = read(r#"{"text":200000000000000001,"number":"7","flag":1}"#);
        assert_eq!(sample.text, "200000000000000001");
        assert_eq!(sample.number, Some(7));
        assert!(sample.flag);
        assert!(!read(r#"{"flag":"False"}"#).flag);
    }
}
