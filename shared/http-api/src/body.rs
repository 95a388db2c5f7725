//! Bodies: bounded, declared as JSON or as a form, and told where they do not fit.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::problem::Problem;
use crate::problem_type::ProblemType;

/// The most bytes of a command.
pub const BODY_MAX: usize = 64 * 1024;

/// The most bytes of a message from another system.
pub const MESSAGE_MAX: usize = 1024 * 1024;

/// A command: JSON of a known shape.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

/// The fields of a form that a browser sends. They are taken out one by one, and [`Fields::finish`] refuses what is left.
#[derive(Debug, Clone)]
pub struct Fields(Vec<(String, String)>);

/// A message from another system as it came: declared as JSON, not read yet.
#[derive(Debug, Clone)]
pub struct Message(pub Bytes);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        parse(&read(request, BODY_MAX).await?).map(Self)
    }
}

impl<S: Sync> FromRequest<S> for Message {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, MESSAGE_MAX).await.map(Self)
    }
}

/// A file as it is, whatever it is declared as.
#[derive(Debug, Clone)]
pub struct File(pub Bytes);

impl<S: Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        bounded_body(request, MESSAGE_MAX).await.map(Self)
    }
}

impl<S: Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if essence(request.headers()) != "application/x-www-form-urlencoded" {
            return Err(Problem::new(ProblemType::InvalidBody, "the body has to be a form, urlencoded"));
        }
        let body = bounded_body(request, BODY_MAX).await?;
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}

impl Fields {
    /// Takes a field that is given once. A field that was left empty is absent.
    ///
    /// # Errors
    /// It is given more than once.
    pub fn one(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut given: Vec<_> =
            self.0.extract_if(.., |(given, _)| given == name).map(|(_, value)| value).collect();
        match (given.pop(), given.is_empty()) {
            (value, true) => Ok(value.filter(|value| !value.is_empty())),
            _ => Err(Self::refused(name, "has to be given once")),
        }
    }

    /// Refuses what is left.
    ///
    /// # Errors
    /// There is a field that nobody took.
    pub fn finish(&self) -> Result<(), Problem> {
        self.0.first().map_or(Ok(()), |(name, _)| Err(Self::refused(name, "is not known")))
    }

    /// A field that does not fit.
    pub fn refused(name: &str, why: &str) -> Problem {
        let name = bounded(name);
        Problem::new(ProblemType::InvalidBody, format!("the field `{name}` {why}")).with("field", name)
    }
}

async fn read(request: Request, limit: usize) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        return Err(Problem::new(
            ProblemType::UnsupportedMediaType,
            "the body has to come with `Content-Type: application/json`",
        ));
    }
    bounded_body(request, limit).await
}

async fn bounded_body(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let (parts, body) = request.into_parts();
    // A declared length is refused before anything is read; an undeclared one is counted.
    if declared_length(&parts.headers).is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    collect(body, limit).await
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if is_length(&*error) => Err(too_large(limit)),
        Err(error) => Err(Problem::new(ProblemType::MalformedJson, "the body ended before it was complete")
            .because(error.to_string())),
    }
}

/// The limit may be this one or one further out.
fn is_length(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<LengthLimitError>())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(ProblemType::BodyTooLarge, format!("the body may have {limit} bytes")).with("limit", limit)
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `application/json` and what is built on it, e.g. `application/cloudevents+json`.
fn is_json(headers: &HeaderMap) -> bool {
    match essence(headers).strip_prefix("application/") {
        Some(subtype) => subtype == "json" || subtype.ends_with("+json"),
        None => false,
    }
}

/// The declared type without parameters, in lower case.
fn essence(headers: &HeaderMap) -> String {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        unreadable(error.inner(), Some(&field))
    })?;
    deserializer.end().map_err(|error| unreadable(&error, None))?;
    Ok(value)
}

fn unreadable(error: &serde_json::Error, field: Option<&str>) -> Problem {
    let kind = if error.is_data() { ProblemType::InvalidBody } else { ProblemType::MalformedJson };
    let mut problem = Problem::new(kind, error.to_string());
    // A path of a single dot is the whole body; where the JSON itself is broken, no field is to blame.
    if let Some(field) = field.filter(|field| error.is_data() && *field != ".") {
        problem = problem.with("field", bounded(field));
    }
    problem.with("line", error.line()).with("column", error.column())
}

/// The names of fields are the client's words, too.
fn bounded(field: &str) -> String {
    field.chars().take(100).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the shape matters")]
    struct Wanted {
        uid: String,
        #[serde(default)]
        clusters: Vec<u8>,
    }

    fn problem(body: &[u8]) -> serde_json::Value {
        parse::<Wanted>(body).unwrap_err().to_json(None)
    }

    #[test]
    fn broken_json_is_told_with_line_and_column() {
        let told = problem(b"{\n  \"uid\": }");
        assert_eq!(told["type"], "/problems/malformed-json");
        assert_eq!((told["line"].clone(), told["column"].clone()), (json!(2), json!(10)));
        assert_eq!(told.get("field"), None);
    }

    #[test]
    fn a_wrong_type_is_told_with_the_path_of_its_field() {
        let told = problem(br#"{"uid": "1", "clusters": [1, "x"]}"#);
        assert_eq!((told["status"].clone(), told["field"].clone()), (json!(422), json!("clusters[1]")));
    }

    #[test]
    fn fields_missing_unknown_or_repeated_are_refused() {
        assert!(problem(b"{}")["detail"].as_str().unwrap().contains("missing field `uid`"));
        let unknown = problem(br#"{"uid": "1", "uids": "2"}"#);
        assert_eq!(unknown["type"], "/problems/invalid-body");
        assert!(unknown["detail"].as_str().unwrap().contains("unknown field `uids`"), "{unknown}");
        assert!(problem(br#"{"uid":"1","uid":"2"}"#)["detail"].as_str().unwrap().contains("duplicate field"));
    }

    #[test]
    fn what_is_no_json_document_is_malformed() {
        let deep = "[".repeat(100_000);
        for body in [&b""[..], b"\xff\xfe", b"{\"uid\":\"1\"} x", b"{'uid': 1}", b"NaN"] {
            assert_eq!(problem(body)["status"], 400, "{body:?}");
        }
        // What comes first is told: an array is not the shape, however deep it would go.
        assert_eq!(problem(deep.as_bytes())["status"], 422);
        let deep = format!(r#"{{"uid":"1","x":{deep}"#);
        assert!(
            problem(deep.as_bytes())["status"].as_u64().is_some_and(|status| (400..500).contains(&status))
        );
    }

    #[test]
    fn an_answer_repeats_little_of_what_came_and_no_control_characters() {
        let told = problem(format!("{{\"{}\\u0000\": 1}}", "x".repeat(5000)).as_bytes()).to_string();
        assert!(told.len() < 1000, "{}", told.len());
        assert!(!told.contains("\\u0000"));
    }

    #[test]
    fn json_has_to_be_declared() {
        let declared =
            |text| is_json(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(text))]));
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"] {
            assert!(declared(good), "{good}");
        }
        for bad in ["", "text/json", "text/plain", "application/jsonx", "application/x-www-form-urlencoded"] {
            assert!(!declared(bad), "{bad}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
