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
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// What one outcome amounts to.
    pub(crate) fn of(outcome: &RevocationOutcome) -> Self {
        let rule = outcome.because.as_ref().map(|because| because.rule.as_str());
        match (outcome.outcome.as_str(), rule) {
            ("confirmed" | "wouldRevoke" | "rejected", _) | ("refused", Some("alreadyDeleted")) => Self::Done,
            ("held" | "wouldHold", _) => Self::Held,
            ("refused" | "wouldLeave", _) => Self::Refused,
            ("unknown" | "underWay", _) => Self::Unknown,
            _ => Self::Failed,
        }
    }

    /// What several outcomes amount to: the one that most needs somebody to look.
    pub(crate) fn worst(outcomes: &[RevocationOutcome]) -> Self {
        let all: Vec<Self> = outcomes.iter().map(Self::of).collect();
        let order = [Self::Failed, Self::Unknown, Self::Held, Self::Refused];
        order.into_iter().find(|exit| all.contains(exit)).unwrap_or(Self::Done)
    }
}
