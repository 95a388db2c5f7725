//! Holds answers and examples to the schemas of the document: the part of JSON Schema that the document uses, and
//! stricter in one way: a member that the schema does not name is an error.

use axum::http::Method;
use serde_json::{Map, Value};

use crate::world::Answer;

pub(crate) struct Schema(Value);

impl Schema {
    pub(crate) fn new(document: Value) -> Self {
        Self(document)
    }

    /// Every answer of a documented route has a documented status and a body of the documented shape.
    pub(crate) fn check(&self, method: &Method, path: &str, answer: &Answer) {
        let Some(operation) = self.operation(method, path) else { return };
        let status = answer.status.as_u16().to_string();
        let response = self.resolved(&operation["responses"][&status]);
        assert!(!response.is_null(), "{method} {path}: status {status} is not documented: {}", answer.body);
        let media = answer.header("content-type");
        let content = &response["content"][media];
        assert!(!content.is_null(), "{method} {path}: {status} as {media} is not documented");
        for name in response["headers"].as_object().into_iter().flat_map(Map::keys) {
            let optional = status == "503";
            assert!(optional || answer.headers.contains_key(name), "{method} {path}: {status} lacks {name}");
        }
        if let Err(problem) = self.fits(&answer.body, &content["schema"], "$") {
            panic!("{method} {path}: {status}: {problem}\n{:#}", answer.body);
        }
    }

    /// The operation that a path belongs to.
    fn operation(&self, method: &Method, path: &str) -> Option<&Value> {
        let segments: Vec<&str> = path.split('/').collect();
        let paths = self.0["paths"].as_object()?;
        let (_, item) = paths.iter().find(|(template, _)| {
            let template: Vec<&str> = template.split('/').collect();
            let same = |(t, s): (&&str, &&str)| t.starts_with('{') || t == s;
            template.len() == segments.len() && template.iter().zip(&segments).all(same)
        })?;
        item.get(method.as_str().to_lowercase())
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.0.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    /// Whether the value is of this shape; if not, where it is not.
    pub(crate) fn fits(&self, value: &Value, schema: &Value, at: &str) -> Result<(), String> {
        let known = self.members(schema);
        if let (Some(value), Some(known)) = (value.as_object(), &known)
            && let Some(unknown) = value.keys().find(|name| !known.contains(*name))
        {
            return Err(format!("{at}: `{unknown}` is not in the schema"));
        }
        self.check_parts(value, schema, at)
    }

    /// All members that an object may have; `None` if it may have any.
    fn members(&self, schema: &Value) -> Option<Vec<String>> {
        let schema = self.resolved(schema);
        let parts = ["allOf", "oneOf"].into_iter().filter_map(|word| schema[word].as_array()).flatten();
        let mut members: Vec<String> = vec![];
        for part in parts.clone() {
            members.extend(self.members(part)?);
        }
        match schema["properties"].as_object() {
            Some(properties) => members.extend(properties.keys().cloned()),
            None if parts.count() == 0 && schema["type"] == "object" => return None,
            None => {}
        }
        Some(members)
    }

    fn check_parts(&self, value: &Value, schema: &Value, at: &str) -> Result<(), String> {
        let schema = self.resolved(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.check_parts(value, part, at)?;
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let misfits: Vec<String> =
                choices.iter().filter_map(|choice| self.fits(value, choice, at).err()).collect();
            if misfits.len() + 1 != choices.len() {
                return Err(format!("{at}: fits {} choices: {misfits:?}", choices.len() - misfits.len()));
            }
        }
        if !is_of_type(value, &schema["type"]) {
            return Err(format!("{at}: {value} is not of type {}", schema["type"]));
        }
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            return Err(format!("{at}: {value} is none of {}", schema["enum"]));
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if value.get(name).is_none() {
                return Err(format!("{at}: `{name}` is missing"));
            }
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = value.get(name) {
                self.fits(value, schema, &format!("{at}.{name}"))?;
            }
        }
        if let Some(items) = schema.get("items") {
            for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                self.fits(value, items, &format!("{at}[{index}]"))?;
            }
        }
        Ok(())
    }
}

fn is_of_type(value: &Value, wanted: &Value) -> bool {
    let actual = |word: &Value| match word.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        other => panic!("the checker does not know type {other:?}"),
    };
    match wanted {
        Value::Null => true,
        Value::Array(words) => words.iter().any(actual),
        word => actual(word),
    }
}
