//! Times as the services write and read them.

use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// How far the date of a signed request may be from the clock, either way. Unconfirmed, see the interface notes.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_mins(15);

/// `2026-01-02T03:04:05Z`, as RAM, IMS, STS and ListUserKubeConfigStates write times.
pub(crate) fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-01-02T11:04:05+08:00`, as ListClusterKubeconfigStates and the cluster lists write times.
pub(crate) fn china(at: Timestamp) -> String {
    let second = Timestamp::from_second(at.as_second()).unwrap_or(at);
    second.display_with_offset(Offset::constant(8)).to_string()
}

/// Reads RFC 3339, with or without an offset of zero.
pub(crate) fn rfc3339(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Reads `20260102T030405Z`, the form of SLS signature V4.
pub(crate) fn compact(text: &str) -> Option<Timestamp> {
    civil("%Y%m%dT%H%M%SZ", text)
}

/// Reads `Fri, 02 Jan 2026 03:04:05 GMT`, the form of the HTTP `Date` header.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    civil("%a, %d %b %Y %H:%M:%S GMT", text)
}

fn civil(format: &str, text: &str) -> Option<Timestamp> {
    let datetime = strtime::parse(format, text).ok()?.to_datetime().ok()?;
    Some(datetime.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}

/// Whether a request that was signed at `date` may still be served.
pub(crate) fn within_skew(date: Timestamp, now: Timestamp) -> bool {
    now.duration_since(date).abs() <= SKEW
}

/// `days` days, hours, and so on: a day is always 24 hours here.
pub(crate) const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_moment_reads_as_that_moment() {
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().expect("a time");
        assert_eq!(utc(at), "2026-01-02T03:04:05Z");
        assert_eq!(china(at), "2026-01-02T11:04:05+08:00");
        assert_eq!(rfc3339(&china(at)), Some(at));
        assert_eq!(compact("20260102T030405Z"), Some(at));
        assert_eq!(http_date("Fri, 02 Jan 2026 03:04:05 GMT"), Some(at));
    }

    #[test]
    fn sixteen_minutes_are_too_far_either_way() {
        let at: Timestamp = "2026-01-02T03:04:05Z".parse().expect("a time");
        assert!(within_skew(at, at + SKEW));
        assert!(!within_skew(at, at + SignedDuration::from_mins(16)));
        assert!(!within_skew(at, at - SignedDuration::from_mins(16)));
    }
}
