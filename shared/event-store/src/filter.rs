//! Which events are asked for.

use jiff::Timestamp;
use kubeconfig::query::{Search, TYPES_WITH_READING, Test};
use kubeconfig::{Channel, ClusterId, EventId, RevocationId, StreamId, Uid};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::StoreError;

/// The most values that one condition may name.
pub const MAX_VALUES: usize = 64;

/// Conditions that all must hold. A condition names up to [`MAX_VALUES`] values, one of which must be the event's; one
/// without values holds always. The empty filter is the whole log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Filter {
    /// The stream is about one of these clusters.
    pub clusters: Vec<ClusterId>,
    /// The stream is about one of these identities.
    pub uids: Vec<Uid>,
    /// [`kubeconfig::Actor::name`] is one of these.
    pub actors: Vec<String>,
    /// The word of the actor's channel is one of these. Left out of the [fingerprint](Self::fingerprint) where nothing is
    /// asked of it, as every condition is to be that comes later: the log itself holds cursors of the empty filter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// The type is one of these.
    pub types: Vec<String>,
    /// [`kubeconfig::StreamId::kind`] is one of these.
    pub kinds: Vec<String>,
    /// The event belongs to one of these revocations.
    pub revocations: Vec<RevocationId>,
    /// The event follows from one of these causes.
    pub correlations: Vec<Uuid>,
    /// The event is one of these.
    pub ids: Vec<EventId>,
    /// Stored at this time or later.
    pub since: Option<Timestamp>,
    /// Stored before this time.
    pub until: Option<Timestamp>,
    /// The question that these conditions were made from, if they say less than it or move with the clock. Cursors are
    /// tied to it then, in place of the conditions.
    pub question: Option<String>,
}

impl Filter {
    /// The part of a search that an index answers. What each event has still to be held to stays in the search.
    pub fn of(search: &mut Search) -> Self {
        let mut filter = Self { question: Some(search.question.clone()), ..Self::default() };
        search.any.retain(|group| !filter.take(group));
        filter
    }

    /// Whether the filter says now all that the group says. One that it cannot say may narrow it all the same.
    fn take(&mut self, group: &[Test]) -> bool {
        match group {
            [Test::Recorded(interval)] => {
                self.since = self.since.max(interval.from);
                self.until = self.until.into_iter().chain(interval.until).min();
                return true;
            }
            [Test::Status(_), ..] if self.types.is_empty() => {
                self.types = TYPES_WITH_READING.map(ToOwned::to_owned).to_vec();
                return false;
            }
            [Test::Stream(stream)] => {
                self.narrow_to(stream);
                return false;
            }
            _ => {}
        }
        for test in group {
            match test {
                Test::Cluster(id) => self.clusters.push(id.clone()),
                Test::Uid(uid) => self.uids.push(uid.clone()),
                Test::Actor(name) => self.actors.push(name.clone()),
                Test::Channel(channel) => self.channels.push(channel.as_str().to_owned()),
                Test::Type(name) => self.types.push(name.clone()),
                Test::Kind(kind) => self.kinds.push(kind.as_str().to_owned()),
                Test::Revocation(id) => self.revocations.push(*id),
                Test::Correlation(id) => self.correlations.push(*id),
                Test::Id(id) => self.ids.push(*id),
                _ => return false,
            }
        }
        true
    }

    /// Conditions that all events of the stream meet, beside what is asked for already.
    fn narrow_to(&mut self, stream: &StreamId) {
        if self.clusters.is_empty() {
            self.clusters.extend(stream.cluster().cloned());
        }
        if self.uids.is_empty() {
            self.uids.extend(stream.uid().cloned());
        }
        if self.kinds.is_empty() {
            self.kinds.push(stream.kind().to_owned());
        }
    }

    /// The same filter in the one form that all filters of the same meaning share.
    pub(crate) fn normalised(&self) -> Result<Self, StoreError> {
        let mut filter = self.clone();
        one_form("clusters", &mut filter.clusters)?;
        one_form("identities", &mut filter.uids)?;
        one_form("actors", &mut filter.actors)?;
        one_form("channels", &mut filter.channels)?;
        one_form("types", &mut filter.types)?;
        one_form("kinds", &mut filter.kinds)?;
        one_form("revocations", &mut filter.revocations)?;
        one_form("correlations", &mut filter.correlations)?;
        one_form("ids", &mut filter.ids)?;
        Ok(filter)
    }

    /// Ties a cursor to the filter. Of a [normalised](Self::normalised) filter.
    pub(crate) fn fingerprint(&self) -> u64 {
        // A structure of texts and numbers always has a JSON form.
        let text = match &self.question {
            Some(question) => serde_json::to_vec(question).unwrap_or_default(),
            None => serde_json::to_vec(self).unwrap_or_default(),
        };
        let digest = Sha256::digest(&text);
        digest.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }
}

/// Whether there are actors or channels, and all of them are people's: what they did is little.
pub(crate) fn by_people(names: &[String]) -> bool {
    !names.is_empty() && names.iter().all(|name| !Channel::from(name.as_str()).is_automatic())
}

/// Sorted, each value once.
fn one_form<T: Ord>(what: &'static str, values: &mut Vec<T>) -> Result<(), StoreError> {
    values.sort_unstable();
    values.dedup();
    if values.len() > MAX_VALUES {
        return Err(StoreError::TooManyValues { what, count: values.len() });
    }
    Ok(())
}

/// The first microsecond since 1970 that is not before the time. What is stored carries whole microseconds.
pub(crate) fn microsecond_from(time: Timestamp) -> i64 {
    let floor = time.as_nanosecond().div_euclid(1000);
    let ceiling = if time.as_nanosecond().rem_euclid(1000) == 0 { floor } else { floor + 1 };
    i64::try_from(ceiling).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_types_does_not_matter() {
        let filter = |types: &[&str]| {
            let types = types.iter().map(ToString::to_string).collect();
            Filter { types, ..Filter::default() }.normalised().unwrap().fingerprint()
        };
        assert_eq!(filter(&["B", "A"]), filter(&["A", "B", "A"]));
        assert_ne!(filter(&["A"]), filter(&["A", "B"]));
    }

    #[test]
    fn cursors_that_were_kept_outlive_conditions_that_are_new() {
        let text = serde_json::to_string(&Filter::default()).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"clusters":[],"uids":[],"actors":[],"types":[],"kinds":[],"revocations":[],"correlations":[],"#,
                r#""ids":[],"since":null,"until":null,"question":null}"#
            )
        );
        let slack = Filter { channels: vec!["slack".to_owned()], ..Filter::default() };
        assert_ne!(slack.fingerprint(), Filter::default().fingerprint());
    }

    #[test]
    fn a_question_stands_for_its_conditions() {
        let filter = |question: &str, kind: &str| Filter {
            kinds: vec![kind.to_owned()],
            question: Some(question.to_owned()),
            ..Filter::default()
        };
        assert_eq!(filter("a", "run").fingerprint(), filter("a", "intake").fingerprint());
        assert_ne!(filter("a", "run").fingerprint(), filter("b", "run").fingerprint());
    }

    #[test]
    fn a_bound_between_two_microseconds_is_the_later_one() {
        let at = |ns| microsecond_from(Timestamp::from_nanosecond(ns).unwrap());
        assert_eq!([at(999), at(1000), at(1001), at(-1), at(-1000)], [1, 1, 2, 0, -1]);
    }
}
