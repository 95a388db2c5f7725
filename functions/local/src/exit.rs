//! Exit codes. Scripts rely on them: they are never renumbered.

use std::process::ExitCode;

use revocation::views::RevocationOutcome;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing was left to do.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// A person has to decide.
    Held = 3,
    /// A rule forbids it.
    Refused = 4,
    /// There is no such thing.
    NotFound = 5,
    /// The outcome is not known yet.
    Unknown = 6,
    /// What is stored is not what was sealed.
    Changed = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// What one outcome amounts to.
    pub(crate) fn of(outcome: &RevocationOutcome) -> Self {
        Self::of_words(&outcome.outcome, outcome.because.as_ref().map(|because| because.rule.as_str()))
    }

    /// The same from its words: what became of it, and the rule behind that.
    fn of_words(outcome: &str, rule: Option<&str>) -> Self {
        match (outcome, rule) {
            ("confirmed" | "wouldRevoke" | "rejected", _) | ("refused", Some("alreadyDeleted")) => Self::Done,
            ("held" | "wouldHold", _) => Self::Held,
            ("refused" | "wouldLeave", _) => Self::Refused,
            ("unknown" | "underWay", _) => Self::Unknown,
            _ => Self::Failed,
        }
    }

    /// What several outcomes amount to: the one that most needs somebody to look.
    pub(crate) fn worst(outcomes: &[RevocationOutcome]) -> Self {
        Self::first(&outcomes.iter().map(Self::of).collect::<Vec<_>>())
    }

    /// Of several the one that most needs somebody to look.
    pub(crate) fn first(all: &[Self]) -> Self {
        let order = [Self::Failed, Self::Unknown, Self::Held, Self::Refused];
        order.into_iter().find(|exit| all.contains(exit)).unwrap_or(Self::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn each_outcome_has_its_code() {
        for (outcome, rule, exit) in [
            ("confirmed", None, Exit::Done),
            ("wouldRevoke", None, Exit::Done),
            ("rejected", None, Exit::Done),
            ("refused", Some("alreadyDeleted"), Exit::Done),
            ("refused", Some("rootAccount"), Exit::Refused),
            ("refused", Some("notIssued"), Exit::Refused),
            ("wouldLeave", None, Exit::Refused),
            ("held", Some("hold"), Exit::Held),
            ("wouldHold", None, Exit::Held),
            ("unknown", Some("unknown"), Exit::Unknown),
            ("underWay", None, Exit::Unknown),
            ("failed", Some("failed"), Exit::Failed),
            ("error", Some("error"), Exit::Failed),
            ("a word of a newer version", None, Exit::Failed),
        ] {
            assert_eq!(Exit::of_words(outcome, rule), exit, "{outcome}");
        }
    }

    #[test]
    fn of_several_the_one_that_needs_somebody_counts() {
        let all = [Exit::Done, Exit::Refused, Exit::Held, Exit::Unknown, Exit::Failed];
        for count in 1..=all.len() {
            assert_eq!(Exit::first(&all[..count]), all[count - 1]);
        }
        assert_eq!(Exit::first(&[]), Exit::Done);
    }

    #[test]
    fn codes_are_never_renumbered() {
        let all = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::Held,
            Exit::Refused,
            Exit::NotFound,
            Exit::Unknown,
            Exit::Changed,
        ];
        assert_eq!(all.map(|exit| exit as u8), [0, 1, 2, 3, 4, 5, 6, 7]);
    }
}
