//! How things stand, in a few lines for people.

use revocation::{Overview, Silence, counted};

use super::moment;

/// Why nothing can be said, and what ends that.
pub(crate) fn silence(silence: Silence) -> String {
    let next = if silence.is_now() { "; run `reaper sweep`" } else { "" };
    format!("{silence}{next}")
}

/// Three lines; the last says when everything was seen, or why the numbers say nothing.
pub(crate) fn overview(overview: &Overview, silent: Option<Silence>) -> String {
    let Overview {
        clusters,
        identities,
        pairs,
        leftovers,
        held,
        open,
        unrecognised,
        swept_at,
        swept_everything,
        swept_unread,
    } = overview;
    let statuses: Vec<String> = pairs.iter().map(|(status, count)| format!("{count} {status}")).collect();
    let total: usize = pairs.values().sum();
    let saw = match swept_unread {
        _ if *swept_everything => "saw everything".to_owned(),
        0 => "did not see everything".to_owned(),
        parts => format!("could not read {}", counted(*parts, "part", "parts")),
    };
    let swept = match (silent, swept_at) {
        (Some(why), _) => silence(why),
        (None, Some(at)) => format!("last sweep {}, {saw}", moment(*at)),
        (None, None) => "never swept".to_owned(),
    };
    let newer = match unrecognised {
        0 => String::new(),
        count => format!("; {} of a newer version", counted(*count, "event", "events")),
    };
    format!(
        "{}, {}, {}{}{}\n\
         {} of deleted identities, {held} held for a person, {} under way{newer}\n\
         {swept}\n\n",
        counted(*clusters, "cluster", "clusters"),
        counted(*identities, "identity", "identities"),
        counted(total, "kubeconfig", "kubeconfigs"),
        if statuses.is_empty() { "" } else { ": " },
        statuses.join(", "),
        counted(*leftovers, "leftover", "leftovers"),
        counted(*open, "revocation", "revocations"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_sweep_that_could_not_read_parts_says_so() {
        let said = |swept_everything, swept_unread| {
            let swept_at = Some(Timestamp::UNIX_EPOCH);
            let numbers = Overview { swept_at, swept_everything, swept_unread, ..nothing() };
            overview(&numbers, None).lines().nth(2).unwrap().split_once(", ").unwrap().1.to_owned()
        };
        assert_eq!(said(true, 0), "saw everything");
        assert_eq!(said(false, 0), "did not see everything");
        assert_eq!(said(false, 1), "could not read 1 part");
        assert_eq!(said(false, 3), "could not read 3 parts");
    }

    fn nothing() -> Overview {
        Overview {
            clusters: 0,
            identities: 0,
            pairs: BTreeMap::new(),
            leftovers: 0,
            held: 0,
            open: 0,
            unrecognised: 0,
            swept_at: None,
            swept_everything: false,
            swept_unread: 0,
        }
    }
}
