//! Whom and what the names in a query mean. One that may mean several is answered with all of them, never guessed.

use std::fmt;

use jiff::Timestamp;

use super::condition::Condition;
use super::range::Range;
use super::search::{Search, Test};
use super::{Query, Term};
use crate::directory::Bearer;
use crate::event_types::EventType;
use crate::id::{ClusterId, Uid, excerpt};
use crate::projection::Projection;

/// The most choices that are told.
const CHOICES: usize = 20;

/// A name that does not lead to one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// What was named: `cluster` or `identity`.
    pub what: &'static str,
    /// The name.
    pub written: String,
    /// How many it may mean; 0: none is known by it.
    pub meant: usize,
    /// What it may mean; where it means nothing, what there is. At most 20.
    pub choices: Vec<Choice>,
}

/// Something that a name may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What is known of it, for people.
    pub known: String,
}

impl std::error::Error for Unresolved {}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, written, meant, choices } = self;
        let many = if *what == "identity" { "identities" } else { "clusters" };
        match meant {
            0 => write!(f, "no {what} is known by the name or id `{}`", excerpt(written))?,
            meant => write!(f, "`{}` may mean {meant} {many}, name one by its id", excerpt(written))?,
        }
        for (number, Choice { id, known }) in choices.iter().enumerate() {
            write!(f, "{} {id} ({known})", if number == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

impl Query {
    /// Whether it has names, so that a projection is needed to understand it. Without any, an empty one will do.
    pub fn has_names(&self) -> bool {
        self.terms().iter().any(|term| match &term.condition {
            Condition::Cluster(written) => !has_form_of_id(written),
            Condition::Uid(written) => written.parse::<Uid>().is_err(),
            Condition::Text(_) => true,
            _ => false,
        })
    }

    /// The question with its names and times made definite, asked at an instant.
    ///
    /// # Errors
    /// A name means nothing that is known, or more than one thing.
    pub fn resolve(&self, projection: &Projection, now: Timestamp) -> Result<Search, Unresolved> {
        let mut search = Search { question: self.to_string(), any: vec![], none: vec![] };
        let mut key = None;
        for Term { condition, .. } in self.terms().iter().filter(|term| !term.negated) {
            let test = test(condition, projection, now)?;
            // Terms are sorted: values of one key follow each other. Every text has to be found.
            match search.any.last_mut() {
                Some(group) if key == condition.key() && key.is_some() => group.push(test),
                _ => search.any.push(vec![test]),
            }
            key = condition.key();
        }
        for term in self.terms().iter().filter(|term| term.negated) {
            search.none.push(test(&term.condition, projection, now)?);
        }
        Ok(search)
    }
}

fn test(condition: &Condition, projection: &Projection, now: Timestamp) -> Result<Test, Unresolved> {
    Ok(match condition {
        Condition::Cluster(written) => Test::Cluster(cluster(projection, written)?),
        // Under this key a number is an id, whoever else bears it as a name.
        Condition::Uid(written) => Test::Uid(written.parse().or_else(|_| identity(projection, written))?),
        Condition::Actor(name) => Test::Actor(name.clone()),
        Condition::Type(name) => Test::Type(stored_name(name).to_owned()),
        Condition::Status(status) => Test::Status(*status),
        Condition::Channel(channel) => Test::Channel(channel.clone()),
        Condition::Kind(kind) => Test::Kind(*kind),
        Condition::Revocation(id) => Test::Revocation(*id),
        Condition::Correlation(id) => Test::Correlation(*id),
        Condition::Causation(id) => Test::Causation(*id),
        Condition::Id(id) => Test::Id(*id),
        Condition::Stream(stream) => Test::Stream(stream.clone()),
        Condition::Principal(name) => Test::Principal(name.clone()),
        Condition::Source(source) => Test::Source(source.clone()),
        Condition::Since(point) => Test::Recorded(Range::From(*point).interval(now)),
        Condition::Until(point) => Test::Recorded(Range::Before(*point).interval(now)),
        Condition::Recorded(range) => Test::Recorded(range.interval(now)),
        Condition::Occurred(range) => Test::Occurred(range.interval(now)),
        Condition::Text(text) => named(projection, text),
    })
}

/// A type as it is stored. One that is not known stays as it is: a newer version may have stored it.
fn stored_name(written: &str) -> &str {
    EventType::named(written).map_or(written, |known| known.name)
}

/// A free text also finds what is about those whose name has it.
fn named(projection: &Projection, text: &str) -> Test {
    let text = text.to_lowercase();
    let has = |name: &str| name.to_lowercase().contains(&text);
    let clusters = projection.clusters.iter().filter(|(_, cluster)| has(&cluster.name));
    let clusters = clusters.map(|(id, _)| id.clone()).collect();
    let identities =
        projection.identities.iter().filter(|(_, identity)| identity.name.known().is_some_and(has));
    let uids = identities.map(|(uid, _)| uid.clone()).collect();
    Test::Text { text, clusters, uids }
}

/// The identity that a person wrote: its id, or a name that it alone bears or bore. A number that is somebody's name, too,
/// may mean either; one that nothing is known of is an id all the same.
///
/// # Errors
/// Nobody is known by the name, or several are.
pub fn identity(projection: &Projection, written: &str) -> Result<Uid, Unresolved> {
    let number = written.parse::<Uid>().ok();
    let is_known = |uid: &Uid| {
        projection.identities.contains_key(uid) || projection.accesses.keys().any(|key| key.uid == *uid)
    };
    let bearers = match projection.directory.all_bearers(written) {
        Bearer::One(uid) => vec![uid],
        Bearer::Several(uids) => uids,
        Bearer::Nobody => vec![],
    };
    let unresolved = |meant: &[Uid]| Unresolved {
        what: "identity",
        written: written.to_owned(),
        meant: meant.len(),
        choices: meant.iter().take(CHOICES).map(|uid| person(projection, uid)).collect(),
    };
    match Bearer::among(number.clone().filter(is_known).into_iter().chain(bearers)) {
        Bearer::One(uid) => Ok(uid),
        Bearer::Several(uids) => Err(unresolved(&uids)),
        Bearer::Nobody => number.ok_or_else(|| unresolved(&[])),
    }
}

fn person(projection: &Projection, uid: &Uid) -> Choice {
    let known = match projection.identities.get(uid) {
        Some(identity) => format!("{}, {}, {}", identity.name, identity.kind, identity.state),
        None => "no name known".to_owned(),
    };
    Choice { id: uid.to_string(), known }
}

/// The cluster that a person wrote: its id, or its name where only one has it. What has the form of the cloud's ids is one,
/// also where nothing is known of it.
///
/// # Errors
/// No cluster is known by it, or several are.
pub fn cluster(projection: &Projection, written: &str) -> Result<ClusterId, Unresolved> {
    let id = written.parse::<ClusterId>().ok();
    let is_known = |id: &&ClusterId| {
        projection.clusters.contains_key(*id) || projection.accesses.keys().any(|key| key.cluster == **id)
    };
    if let Some(id) = id.as_ref().filter(is_known) {
        return Ok(id.clone());
    }
    let choice = |(id, cluster): (&ClusterId, &crate::cluster::Cluster)| Choice {
        id: id.to_string(),
        known: format!("{}, {}, {}", cluster.name, cluster.region, cluster.state),
    };
    let all = || projection.clusters.iter();
    let named: Vec<_> = all().filter(|(_, cluster)| cluster.name == written).collect();
    let unresolved =
        |meant, choices| Unresolved { what: "cluster", written: written.to_owned(), meant, choices };
    match named.as_slice() {
        [(id, _)] => Ok((*id).clone()),
        [] => id
            .filter(|id| has_form_of_id(id.as_str()))
            .ok_or_else(|| unresolved(0, all().take(CHOICES).map(choice).collect())),
        several => {
            Err(unresolved(several.len(), several.iter().copied().take(CHOICES).map(choice).collect()))
        }
    }
}

/// `c` and 32 hexadecimal digits: how the cloud makes them.
fn has_form_of_id(text: &str) -> bool {
    let hex = text.strip_prefix('c').unwrap_or_default();
    hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
