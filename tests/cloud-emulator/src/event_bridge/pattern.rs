//! The language of event patterns (package alibabacloud-eventbridge20200401 8.7.0; DOC: EventBridge event patterns).
//!
//! A pattern is an object. Its keys must all match (AND); each leaf is an array of which one entry must match (OR). An entry is
//! an exact value or `{"prefix": …}`, `{"suffix": …}`, `{"anything-but": …}`. An event whose value is an array matches if one of
//! its members does. `numeric` and `cidr` exist in the service but nothing here needs them: they are refused, not ignored.

use std::collections::BTreeMap;

use serde_json::Value;
use thiserror::Error;

/// Most expressions (objects, not exact values) a field may have.
const EXPRESSIONS_MAX: usize = 5;

/// Why a text is no pattern.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{path}: {problem}")]
pub struct PatternError {
    path: String,
    problem: &'static str,
}

/// What events a rule wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    All(BTreeMap<String, Node>),
    Any(Vec<Test>),
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Exact(Value),
    Prefix(String),
    Suffix(String),
    AnythingBut(Vec<Test>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Something else than objects with arrays as leaves, an unknown expression, or too many of them; with the path.
    pub fn parse(pattern: &Value) -> Result<Self, PatternError> {
        match node(pattern, "$")? {
            Node::All(fields) => Ok(Self(Node::All(fields))),
            Node::Any(_) => Err(error("$", "a pattern is an object")),
        }
    }

    /// Whether an event is wanted.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(Some(event))
    }
}

impl Node {
    fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::All(fields), Some(value)) => fields.iter().all(|(key, node)| node.matches(value.get(key))),
            (Self::Any(tests), Some(Value::Array(members))) => {
                members.iter().any(|member| tests.iter().any(|test| test.holds(member)))
            }
            (Self::Any(tests), Some(value)) => tests.iter().any(|test| test.holds(value)),
            (_, None) => false,
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Exact(exact) => exact == value,
            Self::Prefix(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => value.as_str().is_some_and(|text| text.ends_with(suffix)),
            Self::AnythingBut(tests) => !tests.iter().any(|test| test.holds(value)),
        }
    }
}

fn error(path: &str, problem: &'static str) -> PatternError {
    PatternError { path: path.to_owned(), problem }
}

fn node(value: &Value, path: &str) -> Result<Node, PatternError> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| Ok((key.clone(), node(value, &format!("{path}.{key}"))?)))
            .collect::<Result<_, _>>()
            .map(Node::All),
        Value::Array(tests) => {
            if tests.is_empty() {
                return Err(error(path, "an empty array matches nothing"));
            }
            if tests.iter().filter(|test| test.is_object()).count() > EXPRESSIONS_MAX {
                return Err(error(path, "at most 5 expressions"));
            }
            tests.iter().map(|test| read_test(test, path)).collect::<Result<_, _>>().map(Node::Any)
        }
        _ => Err(error(path, "a leaf is an array")),
    }
}

fn read_test(value: &Value, path: &str) -> Result<Test, PatternError> {
    let Value::Object(fields) = value else {
        return if value.is_array() {
            Err(error(path, "an array in an array"))
        } else {
            Ok(Test::Exact(value.clone()))
        };
    };
    let mut fields = fields.iter();
    let (Some((operator, operand)), None) = (fields.next(), fields.next()) else {
        return Err(error(path, "an expression has one operator"));
    };
    let text = || operand.as_str().map(str::to_owned).ok_or(error(path, "the operand is a text"));
    match operator.as_str() {
        "prefix" => text().map(Test::Prefix),
        "suffix" => text().map(Test::Suffix),
        "anything-but" => {
            let members = operand.as_array().map_or(std::slice::from_ref(operand), Vec::as_slice);
            members
                .iter()
                .map(|member| read_test(member, path))
                .collect::<Result<_, _>>()
                .map(Test::AnythingBut)
        }
        _ => Err(error(path, "an operator other than prefix, suffix, anything-but")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(name: &str) -> Value {
        json!({
            "type": "ram:ActionTrail:ApiCall", "source": "acs.ram",
            "data": { "eventName": name, "eventVersion": 1, "names": ["alice", "bob"], "errorCode": null },
        })
    }

    fn matches(pattern: Value, event: &Value) -> bool {
        Pattern::parse(&pattern).unwrap_or_else(|error| panic!("{error} in {pattern}")).matches(event)
    }

    #[test]
    fn one_entry_of_an_array_is_enough() {
        let pattern = json!({ "data": { "eventName": ["DeleteUser", "DeleteRole"] } });
        assert!(matches(pattern.clone(), &event("DeleteRole")));
        assert!(!matches(pattern, &event("CreateRole")));
    }

    #[test]
    fn all_keys_must_match() {
        assert!(matches(json!({ "source": ["acs.ram"], "data": { "eventVersion": [1] } }), &event("x")));
        assert!(!matches(json!({ "source": ["acs.ims"], "data": { "eventVersion": [1] } }), &event("x")));
        assert!(!matches(json!({ "data": { "eventVersion": ["1"] } }), &event("x")), "a number is no text");
        assert!(matches(json!({}), &event("x")), "no wish is met by everything");
    }

    #[test]
    fn a_missing_key_matches_nothing_not_even_anything_but() {
        assert!(!matches(json!({ "data": { "absent": ["x"] } }), &event("x")));
        assert!(!matches(json!({ "data": { "absent": [{ "anything-but": "x" }] } }), &event("x")));
        assert!(matches(json!({ "data": { "errorCode": [null] } }), &event("x")));
    }

    #[test]
    fn prefix_and_suffix_look_at_texts() {
        assert!(matches(json!({ "type": [{ "suffix": ":ActionTrail:ApiCall" }] }), &event("x")));
        assert!(!matches(json!({ "type": [{ "suffix": ":ActionTrail" }] }), &event("x")));
        assert!(matches(
            json!({ "data": { "eventName": [{ "prefix": "Delete" }, "CreateUser"] } }),
            &event("DeleteUser")
        ));
        assert!(matches(
            json!({ "data": { "eventName": [{ "prefix": "Delete" }, "CreateUser"] } }),
            &event("CreateUser")
        ));
        assert!(!matches(json!({ "data": { "eventVersion": [{ "prefix": "1" }] } }), &event("x")));
    }

    #[test]
    fn anything_but_takes_one_value_several_or_expressions() {
        let but = |operand: Value| json!({ "data": { "eventName": [{ "anything-but": operand }] } });
        assert!(!matches(but(json!("GetUser")), &event("GetUser")));
        assert!(matches(but(json!("GetUser")), &event("DeleteUser")));
        assert!(!matches(but(json!(["GetUser", "ListUsers"])), &event("ListUsers")));
        assert!(!matches(but(json!({ "prefix": "Get" })), &event("GetUser")));
    }

    #[test]
    fn one_member_of_an_array_in_the_event_is_enough() {
        assert!(matches(json!({ "data": { "names": ["bob"] } }), &event("x")));
        assert!(!matches(json!({ "data": { "names": ["carol"] } }), &event("x")));
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_its_path() {
        let refused = |pattern: Value| Pattern::parse(&pattern).expect_err("refused").to_string();
        assert_eq!(
            refused(json!({ "data": { "eventName": "DeleteUser" } })),
            "$.data.eventName: a leaf is an array"
        );
        assert_eq!(refused(json!(["x"])), "$: a pattern is an object");
        assert_eq!(refused(json!({ "a": [] })), "$.a: an empty array matches nothing");
        assert_eq!(refused(json!({ "a": [{ "prefix": 1 }] })), "$.a: the operand is a text");
        assert_eq!(
            refused(json!({ "a": [{ "prefix": "x", "suffix": "y" }] })),
            "$.a: an expression has one operator"
        );
        let numeric = json!({ "a": [{ "numeric": [">", 1] }] });
        assert_eq!(refused(numeric), "$.a: an operator other than prefix, suffix, anything-but");
        let six: Vec<_> = (0..6).map(|i| json!({ "prefix": i.to_string() })).collect();
        assert_eq!(refused(json!({ "a": six })), "$.a: at most 5 expressions");
    }
}
