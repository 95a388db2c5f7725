//! Panels of the past.

use http_api::{Parameter, Parameters, Problem};
use jiff::Timestamp;
use kubeconfig::query::Point;
use revocation::By;
use utoipa::IntoParams;

/// As of which instant.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AsOf {
    /// As of this instant, in the future what will have expired; now if not given. A day, then its beginning in UTC, an
    /// instant with its zone, or so long ago, e.g. 7d. The log is read for it.
    #[param(value_type = Option<String>, example = "2026-11-01T00:00:00Z")]
    pub(crate) as_of: Option<Timestamp>,
    /// recorded (default): what was known then; occurred: what was the case then, as far as is known now.
    #[param(value_type = Option<String>, example = "occurred")]
    pub(crate) by: By,
}

impl AsOf {
    /// Its parameters.
    pub(crate) const NAMES: [&str; 2] = ["as_of", "by"];

    /// Takes them.
    pub(crate) fn read(parameters: &mut Parameters) -> Result<Self, Problem> {
        let as_of = parameters.one("as_of")?.map(|Then(point)| point.instant(Timestamp::now()));
        let by = parameters.one("by")?.map(|ByWord(by)| by);
        if by.is_some() && as_of.is_none() {
            return Err(Problem::parameter("by", "given together with `as_of`"));
        }
        Ok(Self { as_of, by: by.unwrap_or_default() })
    }
}

struct Then(Point);

impl Parameter for Then {
    const EXPECTED: &'static str = "a day, an instant with its zone, or so long ago, up to the year 9998: \
        2026-11-01, 2026-11-01T08:30:00Z, 7d";

    fn read(text: &str) -> Option<Self> {
        Point::read(text).map(Self)
    }
}

struct ByWord(By);

impl Parameter for ByWord {
    const EXPECTED: &'static str = "recorded or occurred";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}
