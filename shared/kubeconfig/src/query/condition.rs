//! What can be asked of an event.

use std::fmt;

use uuid::Uuid;

use super::range::{Point, Range};
use super::read::quoted;
use crate::access::Status;
use crate::actor::Channel;
use crate::id::{EventId, RevocationId};
use crate::stream::StreamId;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The event is about this cluster, by id or name.
    Cluster(String),
    /// The event is about this identity, by id or name.
    Uid(String),
    /// This person, token or channel caused it: the most personal name there is.
    Actor(String),
    /// Its type.
    Type(String),
    /// What it read is this status.
    Status(Status),
    /// The door its cause came through.
    Channel(Channel),
    /// What its stream is about.
    Kind(Kind),
    /// The revocation it belongs to.
    Revocation(RevocationId),
    /// The cause it follows from.
    Correlation(Uuid),
    /// The event that led to it.
    Causation(EventId),
    /// The event itself.
    Id(EventId),
    /// Its stream.
    Stream(StreamId),
    /// The token, bot or function that acted, also where a person is known.
    Principal(String),
    /// Where the outside event came from that caused it, or that event: `acs.ram`, `acs.ram/id`.
    Source(String),
    /// Stored then or later.
    Since(Point),
    /// Stored before.
    Until(Point),
    /// Stored within.
    Recorded(Range),
    /// Happened within.
    Occurred(Range),
    /// It says this somewhere.
    Text(String),
}

/// What a stream is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// One identity's access to one cluster.
    Kubeconfig,
    /// A user or role.
    Identity,
    /// A cluster.
    Cluster,
    /// A message from outside.
    Intake,
    /// A sweep, an export, a seal.
    Run,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Kubeconfig, Self::Identity, Self::Cluster, Self::Intake, Self::Run];

    /// The word, as [`StreamId::kind`] has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kubeconfig => "kubeconfig",
            Self::Identity => "identity",
            Self::Cluster => "cluster",
            Self::Intake => "intake",
            Self::Run => "run",
        }
    }
}

/// A key of the language, for help and for errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// How it is written.
    pub name: &'static str,
    /// A value for it.
    pub example: &'static str,
    /// What an event must be to meet it.
    pub meaning: &'static str,
    /// What a value has to be: completes "expected …".
    expected: &'static str,
}

const fn key(
    name: &'static str,
    example: &'static str,
    meaning: &'static str,
    expected: &'static str,
) -> Key {
    Key { name, example, meaning, expected }
}

/// The channels that there are.
const CHANNELS: [Channel; 7] = [
    Channel::EventBridge,
    Channel::Timer,
    Channel::Http,
    Channel::Cli,
    Channel::Slack,
    Channel::DingTalk,
    Channel::Feishu,
];

const A_POINT: &str =
    "a day (2026-01-31), an instant (2026-01-31T08:00:00Z) or how long ago (90m, 36h, 7d, 2w)";
const A_RANGE: &str =
    "a day (2026-01-31), or a range of days, instants or how long ago (2026-01-01..2026-02-01, 7d..)";
const A_NAME: &str = "a name of up to 1000 bytes";

/// Every key, in the order in which a query is written.
pub const KEYS: [Key; 18] = [
    key("cluster", "prod", "about this cluster, by id or name", "the id or name of a cluster"),
    key("uid", "alice", "about this identity, by id or name", "the id or name of a user or role"),
    key("actor", "alice", "caused by this person, else token, else channel", A_NAME),
    key("type", "RevocationHeld", "of this type", "the name of an event type, e.g. RevocationHeld"),
    key(
        "status",
        "Expired",
        "with a reading of this status",
        "one of NotIssued, Effective, EffectiveResidualRbac, Expired, Deleted, Revoked, Unknown",
    ),
    key(
        "channel",
        "slack",
        "caused through this door",
        "one of eventbridge, timer, http, cli, slack, dingtalk, feishu",
    ),
    key("kind", "kubeconfig", "in streams of this kind", "one of kubeconfig, identity, cluster, intake, run"),
    key("revocation", "ID", "of this revocation", "the id of a revocation: a UUID"),
    key("correlation", "ID", "following from this cause", "a UUID"),
    key("causation", "ID", "led to by this event", "the id of an event: a UUID"),
    key("id", "ID", "this very event", "the id of an event: a UUID"),
    key(
        "stream",
        "identity/201",
        "in this stream",
        "a stream: kubeconfig/CLUSTER/UID, identity/UID, cluster/ID, intake/ID or run/ID",
    ),
    key("principal", "chatbot", "caused by this token, bot or function, also for a person", A_NAME),
    key("source", "acs.ram", "caused by an outside event from here, or by this one (SOURCE/ID)", A_NAME),
    key("since", "7d", "stored then or later", A_POINT),
    key("until", "2026-02-01", "stored before", A_POINT),
    key("recorded", "2026-01-01..2026-02-01", "stored within", A_RANGE),
    key("occurred", "2026-01-01..2026-02-01", "happened within, by the clock of its source", A_RANGE),
];

impl Key {
    /// The key of a name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name.eq_ignore_ascii_case(name))
    }

    /// What a value has to be.
    pub const fn expected(&self) -> &'static str {
        self.expected
    }
}

impl Condition {
    /// The condition of a key; the error completes "expected …".
    pub(super) fn read(key: &'static Key, value: &str) -> Result<Self, &'static str> {
        match Self::parse(key.name, value) {
            Some(Self::Recorded(range) | Self::Occurred(range)) if range.is_empty() => {
                Err("a range that begins before it ends")
            }
            read => read.ok_or(key.expected),
        }
    }

    fn parse(key: &str, value: &str) -> Option<Self> {
        let name = || Some(value.to_owned()).filter(|name| (1..=1000).contains(&name.len()));
        match key {
            "cluster" => name().map(Self::Cluster),
            "uid" => name().map(Self::Uid),
            "actor" => name().map(Self::Actor),
            "type" => type_name(value).map(Self::Type),
            "status" => word(&Status::ALL, |status| status.as_str(), value).map(Self::Status),
            "channel" => word(&CHANNELS, Channel::as_str, value).map(Self::Channel),
            "kind" => word(&Kind::ALL, |kind| kind.as_str(), value).map(Self::Kind),
            "revocation" => value.parse().ok().map(Self::Revocation),
            "correlation" => Uuid::try_parse(value).ok().map(Self::Correlation),
            "causation" => value.parse().ok().map(Self::Causation),
            "id" => value.parse().ok().map(Self::Id),
            "stream" => value.parse().ok().map(Self::Stream),
            "principal" => name().map(Self::Principal),
            "source" => name().map(Self::Source),
            "since" => Point::read(value).map(Self::Since),
            "until" => Point::read(value).map(Self::Until),
            "recorded" => Range::read(value).map(Self::Recorded),
            "occurred" => Range::read(value).map(Self::Occurred),
            _ => None,
        }
    }

    /// Its key; none for free text.
    pub const fn key(&self) -> Option<&'static str> {
        Some(match self {
            Self::Cluster(_) => "cluster",
            Self::Uid(_) => "uid",
            Self::Actor(_) => "actor",
            Self::Type(_) => "type",
            Self::Status(_) => "status",
            Self::Channel(_) => "channel",
            Self::Kind(_) => "kind",
            Self::Revocation(_) => "revocation",
            Self::Correlation(_) => "correlation",
            Self::Causation(_) => "causation",
            Self::Id(_) => "id",
            Self::Stream(_) => "stream",
            Self::Principal(_) => "principal",
            Self::Source(_) => "source",
            Self::Since(_) => "since",
            Self::Until(_) => "until",
            Self::Recorded(_) => "recorded",
            Self::Occurred(_) => "occurred",
            Self::Text(_) => return None,
        })
    }

    /// Whether a query may have it once only: of several beginnings nobody knows which is meant.
    pub(super) const fn is_single(&self) -> bool {
        matches!(self, Self::Since(_) | Self::Until(_))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: &dyn fmt::Display = match self {
            Self::Text(text) => {
                let bare = !text.contains(':') && !text.starts_with('-');
                return f.write_str(&quoted(text, bare));
            }
            Self::Cluster(name)
            | Self::Uid(name)
            | Self::Actor(name)
            | Self::Type(name)
            | Self::Principal(name)
            | Self::Source(name) => &quoted(name, true),
            Self::Status(status) => status,
            Self::Channel(channel) => channel,
            Self::Kind(kind) => &kind.as_str(),
            Self::Revocation(id) => id,
            Self::Correlation(id) => id,
            Self::Causation(id) | Self::Id(id) => id,
            Self::Stream(stream) => stream,
            Self::Since(point) | Self::Until(point) => point,
            Self::Recorded(range) | Self::Occurred(range) => range,
        };
        write!(f, "{}:{value}", self.key().unwrap_or_default())
    }
}

/// Types are not checked against those of today: a newer version may have stored others.
fn type_name(text: &str) -> Option<String> {
    let fits = (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| text.to_owned())
}

fn word<T: Clone>(words: &[T], name: impl Fn(&T) -> &str, text: &str) -> Option<T> {
    words.iter().find(|word| name(word).eq_ignore_ascii_case(text)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_named_where_one_does_not_fit() {
        let list = |words: Vec<&str>| format!("one of {}", words.join(", "));
        let statuses = Status::ALL.iter().map(|status| status.as_str()).collect();
        assert_eq!(Key::named("status").unwrap().expected, list(statuses));
        let channels = CHANNELS.iter().map(Channel::as_str).collect();
        assert_eq!(Key::named("channel").unwrap().expected, list(channels));
        let kinds = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(Key::named("kind").unwrap().expected, list(kinds));
    }

    #[test]
    fn every_example_is_one_unless_it_stands_for_an_id() {
        for key in KEYS.iter().filter(|key| key.example != "ID") {
            let condition = Condition::read(key, key.example).unwrap();
            assert_eq!(condition.key(), Some(key.name));
        }
    }
}
