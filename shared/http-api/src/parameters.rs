//! Parameters in path and query.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use event_store::Cursor;
use jiff::Timestamp;
use kubeconfig::{ClusterId, IntakeId, RevocationId, Uid};
use uuid::Uuid;

use crate::problem::Problem;
use crate::problem_type::ProblemType;

/// What a parameter can be.
pub trait Parameter: Sized {
    /// What would fit, for people: completes "has to be …".
    const EXPECTED: &'static str;

    /// Reads it; `None` if it does not fit.
    fn read(text: &str) -> Option<Self>;
}

macro_rules! parsed {
    ($($type:ty => $expected:literal),+ $(,)?) => {
        $(impl Parameter for $type {
            const EXPECTED: &'static str = $expected;

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })+
    };
}
parsed! {
    ClusterId => "a cluster id: up to 128 letters, digits, `-` or `_`",
    Uid => "the id of a user or role: 1 to 20 decimal digits, not a name",
    RevocationId => "the id of a revocation: a UUID",
    IntakeId => "the id of a message: a UUID",
    Uuid => "a UUID",
    Timestamp => "a time as in RFC 3339, e.g. 2026-11-01T00:00:00Z",
    Cursor => "`next` of an earlier answer to the same question",
}

/// The parameters of path and query. They are taken out one by one, and [`Parameters::finish`] refuses what nobody took:
/// a misspelt filter must not answer with everything, and a `?dry_run` in the wrong place must not delete.
#[derive(Debug, Clone)]
pub struct Parameters {
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(path) = Path::from_request_parts(parts, state).await.map_err(of_path)?;
        let Query(query) = Query::from_request_parts(parts, state).await.map_err(of_query)?;
        Ok(Self { path, query })
    }
}

fn of_path(rejection: PathRejection) -> Problem {
    match rejection {
        PathRejection::FailedToDeserializePathParams(failure) => {
            Problem::new(ProblemType::InvalidParameter, failure.body_text())
                .with("parameter", "path")
                .with("expected", "UTF-8, percent-encoded")
        }
        other => Problem::internal(other.body_text()),
    }
}

fn of_query(rejection: QueryRejection) -> Problem {
    Problem::new(ProblemType::InvalidParameter, rejection.body_text())
        .with("parameter", "query")
        .with("expected", "name=value, percent-encoded, joined by &")
}

impl Parameters {
    /// A parameter of the path.
    ///
    /// # Errors
    /// It does not fit.
    pub fn path<T: Parameter>(&self, name: &str) -> Result<T, Problem> {
        let (_, text) = self
            .path
            .iter()
            .find(|(given, _)| given == name)
            .ok_or_else(|| Problem::internal(format!("the route has no parameter {name}")))?;
        T::read(text).ok_or_else(|| Problem::parameter(name, T::EXPECTED))
    }

    /// Takes a parameter of the query that may be given once.
    ///
    /// # Errors
    /// It does not fit, or it is given more than once.
    pub fn one<T: Parameter>(&mut self, name: &str) -> Result<Option<T>, Problem> {
        match self.many(name).as_slice() {
            [] => Ok(None),
            [text] => T::read(text).map(Some).ok_or_else(|| Problem::parameter(name, T::EXPECTED)),
            _ => Err(Problem::parameter(name, "given once")),
        }
    }

    /// Takes a parameter of the query that may be given several times.
    pub fn many(&mut self, name: &str) -> Vec<String> {
        self.query.extract_if(.., |(given, _)| given == name).map(|(_, value)| value).collect()
    }

    /// What is left of the query, as it came.
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// Drops parameters without a value: browsers send each field of a form, also those that were left empty.
    pub fn drop_empty(&mut self) {
        self.query.retain(|(_, value)| !value.is_empty());
    }

    /// Refuses what is left of the query.
    ///
    /// # Errors
    /// There is a parameter that nobody took; `known` are those that there are.
    pub fn finish(&self, known: &[&str]) -> Result<(), Problem> {
        let Some((name, _)) = self.query.first() else { return Ok(()) };
        let name: String = name.chars().take(40).collect();
        let expected = match known {
            [] => "left out: there are no parameters here".to_owned(),
            known => format!("one of {}", known.join(", ")),
        };
        Err(Problem::new(ProblemType::InvalidParameter, format!("there is no parameter `{name}`"))
            .with("parameter", name)
            .with("expected", expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(query: &[(&str, &str)]) -> Parameters {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Parameters { path: vec![("uid".into(), "alice".into())], query: query.iter().map(owned).collect() }
    }

    fn told(problem: &Problem) -> (String, String) {
        let json = problem.to_json(None);
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        (text("parameter"), text("expected"))
    }

    #[test]
    fn each_is_taken_once() {
        let mut parameters = given(&[("uid", "3"), ("type", "A"), ("type", "B")]);
        assert_eq!(parameters.one::<Uid>("uid").unwrap().unwrap().as_str(), "3");
        assert_eq!(parameters.one::<Uid>("uid").unwrap(), None);
        assert_eq!(parameters.many("type"), ["A", "B"]);
        assert!(parameters.finish(&[]).is_ok());
    }

    #[test]
    fn what_does_not_fit_is_named_with_what_would() {
        for bad in ["", "x", "-1", "1.5", "999999999999999999999"] {
            let problem = given(&[("uid", bad)]).one::<Uid>("uid").unwrap_err();
            assert_eq!(told(&problem), ("uid".to_owned(), Uid::EXPECTED.to_owned()));
        }
        assert_eq!(told(&given(&[]).path::<Uid>("uid").unwrap_err()).0, "uid");
        let twice = given(&[("uid", "1"), ("uid", "1")]).one::<Uid>("uid").unwrap_err();
        assert_eq!(told(&twice), ("uid".to_owned(), "given once".to_owned()));
    }

    #[test]
    fn a_parameter_that_nobody_knows_is_refused_with_those_that_there_are() {
        let problem = given(&[("cluser", "c1")]).finish(&["cluster", "uid"]).unwrap_err();
        assert_eq!(told(&problem), ("cluser".to_owned(), "one of cluster, uid".to_owned()));
    }
}
