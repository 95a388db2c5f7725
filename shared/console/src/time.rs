//! Times: UTC in the page, the viewer's zone where the script runs, UTC in the title either way.

use jiff::Timestamp;
use maud::{Markup, html};

/// To the minute.
pub(crate) fn minute(at: Timestamp) -> Markup {
    element(at, "minute", &at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// To the second, for the order of events.
pub(crate) fn second(at: Timestamp) -> Markup {
    element(at, "second", &at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// The day, for ends of validity.
pub(crate) fn day(at: Timestamp) -> Markup {
    element(at, "day", &at.strftime("%Y-%m-%d").to_string())
}

/// How long ago, or how far ahead; the time itself is in the title.
pub(crate) fn age(at: Timestamp, now: Timestamp) -> Markup {
    element(at, "age", &distance(at, now))
}

fn element(at: Timestamp, form: &str, text: &str) -> Markup {
    html! {
        time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) data-form=(form) title=(utc(at)) { (text) }
    }
}

/// In words without markup.
pub(crate) fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn distance(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_since(now).as_secs();
    let (count, unit) = match seconds.unsigned_abs() {
        ..10 => return "just now".to_owned(),
        s @ 10..120 => (s, "s"),
        s @ 120..7_200 => (s / 60, "min"),
        s @ 7_200..172_800 => (s / 3_600, "h"),
        s @ 172_800..63_072_000 => (s / 86_400, "days"),
        s => (s / 31_536_000, "years"),
    };
    if seconds < 0 { format!("{count} {unit} ago") } else { format!("in {count} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_told_in_the_unit_that_fits() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        for (at, told) in [
            ("2026-11-24T11:59:55Z", "just now"),
            ("2026-11-24T11:59:00Z", "60 s ago"),
            ("2026-11-24T11:00:00Z", "60 min ago"),
            ("2026-11-23T12:00:00Z", "24 h ago"),
            ("2026-12-24T12:00:00Z", "in 30 days"),
            ("2029-11-24T12:00:00Z", "in 3 years"),
        ] {
            assert_eq!(distance(at.parse().unwrap(), now), told);
        }
    }

    #[test]
    fn the_page_says_utc_and_so_does_the_title() {
        let at: Timestamp = "2026-11-24T12:00:00.5Z".parse().unwrap();
        assert_eq!(
            minute(at).into_string(),
            "<time datetime=\"2026-11-24T12:00:00Z\" data-form=\"minute\" title=\"2026-11-24 12:00:00 UTC\">2026-11-24 12:00 UTC</time>"
        );
    }
}
