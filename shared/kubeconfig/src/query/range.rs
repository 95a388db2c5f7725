//! Times in queries. They stay as they were written until somebody asks as of an instant: the core has no clock.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::search::Interval;

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// An instant.
    At(Timestamp),
    /// The beginning of a day, UTC.
    Day(Date),
    /// So long before the question is asked.
    Ago(Ago),
}

/// How long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ago {
    /// How many, up to six digits.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// What lengths of time are counted in. A day has 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// `m`.
    Minute,
    /// `h`.
    Hour,
    /// `d`.
    Day,
    /// `w`.
    Week,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Range {
    /// All of a day, UTC.
    Day(Date),
    /// From here on.
    From(Point),
    /// Up to here, not included.
    Before(Point),
    /// From here up to there, not included.
    Between(Point, Point),
}

impl Unit {
    const ALL: [(Self, char, i64); 4] = [
        (Self::Minute, 'm', 60),
        (Self::Hour, 'h', 3_600),
        (Self::Day, 'd', 86_400),
        (Self::Week, 'w', 604_800),
    ];

    fn entry(self) -> (char, i64) {
        let [minute, hour, day, week] = Self::ALL;
        let (_, letter, seconds) = match self {
            Self::Minute => minute,
            Self::Hour => hour,
            Self::Day => day,
            Self::Week => week,
        };
        (letter, seconds)
    }
}

impl Point {
    /// Reads a point.
    pub fn read(text: &str) -> Option<Self> {
        let ago = || Ago::read(text).map(Self::Ago);
        let at = || text.parse().ok().map(Self::At);
        day(text).map(Self::Day).or_else(ago).or_else(at)
    }

    /// The instant, asked at another one.
    pub fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Day(day) => beginning(day),
            Self::Ago(ago) => now.checked_sub(ago.duration()).unwrap_or(Timestamp::MIN),
        }
    }
}

impl Ago {
    fn read(text: &str) -> Option<Self> {
        let (digits, letter) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let plain = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let unit = Unit::ALL.into_iter().find(|(_, known, _)| letter.chars().eq([*known]))?.0;
        plain.then(|| digits.parse().ok().map(|count| Self { count, unit }))?
    }

    fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.count).saturating_mul(self.unit.entry().1))
    }
}

impl Range {
    /// Reads a range.
    pub fn read(text: &str) -> Option<Self> {
        let Some((from, until)) = text.split_once("..") else { return day(text).map(Self::Day) };
        match (from, until) {
            ("", "") => None,
            (from, "") => Point::read(from).map(Self::From),
            ("", until) => Point::read(until).map(Self::Before),
            (from, until) => Some(Self::Between(Point::read(from)?, Point::read(until)?)),
        }
    }

    /// Whether nothing can lie in it, whenever it is asked. Of an instant and how long ago nobody can tell before.
    pub fn is_empty(self) -> bool {
        match self {
            Self::Between(Point::Ago(from), Point::Ago(until)) => from.duration() <= until.duration(),
            Self::Between(Point::Ago(_), _) | Self::Between(_, Point::Ago(_)) => false,
            Self::Between(from, until) => {
                let asked = Timestamp::UNIX_EPOCH;
                from.instant(asked) >= until.instant(asked)
            }
            Self::Day(_) | Self::From(_) | Self::Before(_) => false,
        }
    }

    /// The interval, asked at an instant.
    pub fn interval(self, now: Timestamp) -> Interval {
        let (from, until) = match self {
            Self::Day(day) => (Some(beginning(day)), day.tomorrow().ok().map(beginning)),
            Self::From(from) => (Some(from.instant(now)), None),
            Self::Before(until) => (None, Some(until.instant(now))),
            Self::Between(from, until) => (Some(from.instant(now)), Some(until.instant(now))),
        };
        Interval { from, until }
    }
}

/// A day is written in full and alone: a date with a time and no zone is neither a day nor an instant.
fn day(text: &str) -> Option<Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(place, b)| match place {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    // Days at the very end of the calendar have no beginning that is an instant everywhere.
    form.then(|| text.parse().ok().filter(|day: &Date| (1..=9998).contains(&day.year())))?
}

fn beginning(day: Date) -> Timestamp {
    day.to_zoned_datetime(TimeZone::UTC).map_or(Timestamp::MAX, |day| day.timestamp())
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => at.fmt(f),
            Self::Day(day) => day.fmt(f),
            Self::Ago(Ago { count, unit }) => write!(f, "{count}{}", unit.entry().0),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::From(from) => write!(f, "{from}.."),
            Self::Before(until) => write!(f, "..{until}"),
            Self::Between(from, until) => write!(f, "{from}..{until}"),
        }
    }
}
