//! Exit codes. Scripts rely on them: they are never renumbered.

use std::process::ExitCode;

use revocation::views::{Outcome, RevocationOutcome};

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
    /// What is stored was sealed, or a proof signed, by a key that is not known.
    UnknownKey = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// What one outcome amounts to.
    pub(crate) fn of(outcome: &RevocationOutcome) -> Self {
        Self::of_rule(outcome.outcome, outcome.because.as_ref().map(|because| because.rule.as_str()))
    }

    /// The same from its parts: what became of it, and the rule behind that.
    fn of_rule(outcome: Outcome, rule: Option<&str>) -> Self {
        match (outcome, rule) {
            (Outcome::Confirmed | Outcome::WouldRevoke | Outcome::Rejected, _)
            | (Outcome::Refused, Some("alreadyDeleted")) => Self::Done,
            (Outcome::Held | Outcome::WouldHold, _) => Self::Held,
            (Outcome::Refused | Outcome::WouldLeave | Outcome::Lapsed, _) => Self::Refused,
            (Outcome::Unknown | Outcome::UnderWay, _) => Self::Unknown,
            (Outcome::Failed | Outcome::Error, _) => Self::Failed,
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
    use super::{Exit, Outcome};

    #[test]
    fn each_outcome_has_its_code() {
        for (outcome, rule, exit) in [
            (Outcome::Confirmed, None, Exit::Done),
            (Outcome::WouldRevoke, None, Exit::Done),
            (Outcome::Rejected, None, Exit::Done),
            (Outcome::Lapsed, Some("lapsed"), Exit::Refused),
            (Outcome::Refused, Some("alreadyDeleted"), Exit::Done),
            (Outcome::Refused, Some("rootAccount"), Exit::Refused),
            (Outcome::Refused, Some("notIssued"), Exit::Refused),
            (Outcome::WouldLeave, None, Exit::Refused),
            (Outcome::Held, Some("hold"), Exit::Held),
            (Outcome::WouldHold, None, Exit::Held),
            (Outcome::Unknown, Some("unknown"), Exit::Unknown),
            (Outcome::UnderWay, None, Exit::Unknown),
            (Outcome::Failed, Some("failed"), Exit::Failed),
            (Outcome::Error, Some("error"), Exit::Failed),
        ] {
            assert_eq!(Exit::of_rule(outcome, rule), exit, "{outcome:?}");
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
            Exit::UnknownKey,
        ];
        assert_eq!(all.map(|exit| exit as u8), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
