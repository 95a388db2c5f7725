//! The language in which history is searched: the same on the command line, over HTTP, in chats and on pages.
//!
//! ```text
//! cluster:prod uid:alice type:RevocationHeld -channel:timer since:7d "left the company"
//! ```
//!
//! A query is a list of terms. A term is `key:value` or a free text; one that begins with `-` must not hold. Several
//! values of one key mean "or", everything else means "and": every free text has to be found, every key has to be met,
//! and nothing that is negated may hold. The empty query is the whole history. [`KEYS`] has every key.
//!
//! A value with spaces stands in quotes, in which `\"`, `\\`, `\n`, `\r`, `\t` and `\u{hex}` are escapes. A free text that
//! has a `:` or begins with `-` stands in quotes, too. Quotes as chat programs curl them are taken as well. Types of events, like
//! all words of the language, are known in any case.
//!
//! Times are days (UTC), instants as in RFC 3339, or how long ago (`90m`, `36h`, `7d`, `2w`). `since`, `until` and
//! `recorded` are about when an event was stored, which is the order of the history and cannot be told late; `occurred`
//! is about when it happened, by the clock of its source. A range `A..B` has its beginning and not its end, and either
//! may be left out; a day alone is all of that day.

mod condition;
mod range;
mod read;
mod resolve;
mod search;

use std::fmt;
use std::str::FromStr;

use crate::event_types::EventType;

pub use condition::{Condition, KEYS, Key, Kind};
pub use range::{Ago, Point, Range, Unit};
pub use resolve::{Choice, Unresolved, cluster, identity};
pub use search::{Interval, Search, TYPES_WITH_READING, Test};

/// The most bytes of a query.
pub const MAX_QUERY_BYTES: usize = 4096;

/// The most terms of a query.
pub const MAX_TERMS: usize = 64;

/// A question about the history. Terms are kept in one order, each once, so that queries of the same words in another order
/// are the same. Displays as the text that reads as itself again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Query {
    terms: Vec<Term>,
}

/// A condition, or its opposite.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term {
    /// Whether it must not hold.
    pub negated: bool,
    /// The condition.
    pub condition: Condition,
}

/// Why a text is not a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {problem}, expected {expected}")]
pub struct QueryError {
    column: usize,
    problem: String,
    expected: String,
}

impl QueryError {
    /// Where it is wrong: the number of the character, from 1.
    pub const fn column(&self) -> usize {
        self.column
    }

    /// What is wrong.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What would have been right.
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl Query {
    /// A query of these terms.
    pub fn of(terms: impl IntoIterator<Item = Term>) -> Self {
        Self::default().and(terms)
    }

    /// The same with more terms.
    #[must_use]
    pub fn and(mut self, terms: impl IntoIterator<Item = Term>) -> Self {
        self.terms.extend(terms);
        self.terms.sort();
        self.terms.dedup();
        self
    }

    /// Its terms.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Types in it that this version does not know. They are misspelt, or a newer version has stored events of them.
    pub fn unknown_types(&self) -> Vec<&str> {
        let types = self.terms.iter().filter_map(|term| match &term.condition {
            Condition::Type(name) => Some(name.as_str()),
            _ => None,
        });
        types.filter(|name| EventType::named(name).is_none()).collect()
    }

    /// Whether it asks for everything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

impl From<Condition> for Term {
    fn from(condition: Condition) -> Self {
        Self { negated: false, condition }
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        read::terms(text).map(Self::of)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, term) in self.terms.iter().enumerate() {
            if number > 0 {
                f.write_str(" ")?;
            }
            fmt::Display::fmt(term, f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negated { "-" } else { "" })?;
        fmt::Display::fmt(&self.condition, f)
    }
}
