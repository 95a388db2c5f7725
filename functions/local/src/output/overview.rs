//! How things stand, in a few lines for people.

use revocation::Overview;

use super::moment;

/// Three lines.
pub(crate) fn overview(overview: &Overview) -> String {
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
    } = overview;
    let statuses: Vec<String> = pairs.iter().map(|(status, count)| format!("{count} {status}")).collect();
    let total: usize = pairs.values().sum();
    let swept = match (swept_at, swept_everything) {
        (None, _) => "never swept: run `reaper sweep`".to_owned(),
        (Some(at), true) => format!("last sweep {}, saw everything", moment(*at)),
        (Some(at), false) => format!("last sweep {}, did not see everything", moment(*at)),
    };
    let newer = match unrecognised {
        0 => String::new(),
        count => format!("; {count} events of a newer version"),
    };
    format!(
        "{clusters} clusters, {identities} identities, {total} kubeconfigs{}{}\n\
         {leftovers} leftovers of deleted identities, {held} held for a person, {open} revocations under way{newer}\n\
         {swept}\n\n",
        if statuses.is_empty() { "" } else { ": " },
        statuses.join(", "),
    )
}
