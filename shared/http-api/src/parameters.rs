//! Parameters in a query.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::problem::Problem;
use crate::problem_type::ProblemType;

/// The parameters of a query. They are taken out one by one, and [`Parameters::finish`] refuses what nobody took: a
/// misspelt filter must not answer with everything.
#[derive(Debug, Clone)]
pub struct Parameters(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(pairs)) => Ok(Self(pairs)),
            Err(rejection) => Err(Problem::new(ProblemType::InvalidParameter, rejection.body_text())),
        }
    }
}

impl Parameters {
    /// Takes a parameter that may be given once.
    ///
    /// # Errors
    /// It is given more than once, or does not read as what it stands for: `expected`.
    pub fn one<T: FromStr>(&mut self, name: &str, expected: &str) -> Result<Option<T>, Problem>
    where
        T::Err: Display,
    {
        let mut values = self.many(name);
        match (values.pop(), values.is_empty()) {
            (None, _) => Ok(None),
            (Some(text), true) => text
                .parse()
                .map(Some)
                .map_err(|error: T::Err| Problem::parameter(name, expected).because(error.to_string())),
            (Some(_), false) => Err(Problem::parameter(name, "given once")),
        }
    }

    /// Takes a parameter that may be given several times.
    pub fn many(&mut self, name: &str) -> Vec<String> {
        self.0.extract_if(.., |(given, _)| given == name).map(|(_, value)| value).collect()
    }

    /// Refuses what is left.
    ///
    /// # Errors
    /// There is a parameter that nobody took; `known` are those that there are.
    pub fn finish(self, known: &[&str]) -> Result<(), Problem> {
        let Some((name, _)) = self.0.into_iter().next() else { return Ok(()) };
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

    fn given(pairs: &[(&str, &str)]) -> Parameters {
        Parameters(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn each_is_taken_once() {
        let mut parameters = given(&[("limit", "3"), ("type", "A"), ("type", "B")]);
        assert_eq!(parameters.one::<u32>("limit", "a number").unwrap(), Some(3));
        assert_eq!(parameters.one::<u32>("limit", "a number").unwrap(), None);
        assert_eq!(parameters.many("type"), ["A", "B"]);
        assert!(parameters.finish(&[]).is_ok());
    }

    #[test]
    fn what_does_not_fit_is_named_with_what_would() {
        for bad in ["", "x", "-1", "1.5", "99999999999999999999"] {
            let error = given(&[("limit", bad)]).one::<u32>("limit", "a number").unwrap_err().to_json(None);
            assert_eq!(
                (error["parameter"].as_str(), error["expected"].as_str()),
                (Some("limit"), Some("a number"))
            );
        }
        assert!(given(&[("limit", "1"), ("limit", "1")]).one::<u32>("limit", "a number").is_err());
    }

    #[test]
    fn a_parameter_that_nobody_knows_is_refused_with_those_that_there_are() {
        let error = given(&[("cluser", "c1")]).finish(&["cluster", "uid"]).unwrap_err().to_json(None);
        assert_eq!(
            (error["parameter"].as_str(), error["expected"].as_str()),
            (Some("cluser"), Some("one of cluster, uid"))
        );
    }
}
