//! YAML that every reader understands alike. YAML 1.1 and 1.2 disagree on what `yes`, `on` or `2026-11-24` is, and the
//! readers of either are many: every text that is not plainly a word is quoted.

use serde::Serialize;
use serde_norway::{Mapping, Value};

/// One document, in block style.
///
/// # Errors
/// It cannot be written as YAML.
pub(super) fn document(document: &impl Serialize) -> Result<String, serde_norway::Error> {
    let mut text = String::new();
    node(&serde_norway::to_value(document)?, 0, &mut text);
    Ok(text)
}

/// What stands on lines of its own at an indentation.
fn node(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Mapping(map) if !map.is_empty() => mapping(map, indent, text),
        Value::Sequence(list) if !list.is_empty() => {
            for item in list {
                pad(indent, text);
                text.push_str("- ");
                // The first line of the item stands behind the dash.
                let start = text.len();
                node(item, indent + 2, text);
                text.replace_range(start..start + leading_spaces(&text[start..]), "");
            }
        }
        plain => {
            pad(indent, text);
            text.push_str(&scalar(plain));
            text.push('\n');
        }
    }
}

fn mapping(map: &Mapping, indent: usize, text: &mut String) {
    for (key, value) in map {
        pad(indent, text);
        text.push_str(&scalar(key));
        text.push(':');
        match value {
            Value::Mapping(inner) if !inner.is_empty() => {
                text.push('\n');
                node(value, indent + 2, text);
            }
            Value::Sequence(inner) if !inner.is_empty() => {
                text.push('\n');
                node(value, indent, text);
            }
            plain => {
                text.push(' ');
                text.push_str(&scalar(plain));
                text.push('\n');
            }
        }
    }
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

fn leading_spaces(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if is_plainly_a_word(text) => text.clone(),
        // A JSON string is a YAML string in double quotes (YAML 1.2.2, 1.2).
        Value::String(text) => serde_json::Value::String(text.clone()).to_string(),
        Value::Mapping(_) => "{}".to_owned(),
        Value::Sequence(_) => "[]".to_owned(),
        Value::Tagged(tagged) => scalar(&tagged.value),
    }
}

/// Begins with a letter, has no digits and nothing else in it that YAML could mean something by, and is no word of YAML
/// 1.1. Ids are quoted, all of them: some begin with a digit and some do not.
fn is_plainly_a_word(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphabetic() || b"_-./".contains(&b))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let value = json!({
            "words": ["yes", "No", "on", "null", "~", "y", "1", "0x1f", "1e3", "12:30", "2026-11-24T00:00:00Z", "", " a",
                "- a", "a: b", "#a", "a #b", "{a}", "\"", "'", "a\nb", "\u{1b}", "\u{fffd}", "王", "200000000000000101"],
            "nested": [[1, [2, {"a": {"b": [{"c": null}, {}]}}]], [], {}, [[]]],
            "numbers": [0, -1, 1.5, 18_446_744_073_709_551_615_u64],
            "yes": true,
            "empty": {"list": [], "map": {}},
        });
        let text = document(&value).unwrap();
        assert_eq!(serde_norway::from_str::<serde_json::Value>(&text).unwrap(), value, "{text}");
    }

    #[test]
    fn words_of_older_yaml_are_quoted() {
        let text =
            document(&json!({ "read": "yes", "status": "Effective", "at": "2026-11-24T00:00:00Z" })).unwrap();
        assert_eq!(text, "at: \"2026-11-24T00:00:00Z\"\nread: \"yes\"\nstatus: Effective\n");
    }
}
