//! Commands: one parser for all chat systems.

use std::fmt;

use crate::pasted::{self, Pasted};
use crate::people::Role;

/// The longest reason or note, in characters: it is kept for ever.
const WORDS_MAX: usize = 1000;

/// The longest name, in bytes.
const NAME_MAX: usize = 128;

/// Which clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every cluster that the identity has, or had, access to.
    All,
    /// One, by id or name.
    One(String),
}

/// What a person wants. Names are as they were written: whom they mean is found out elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// What somebody has access to.
    Status {
        /// A name or uid.
        who: String,
        /// A cluster's name or id.
        cluster: Option<String>,
    },
    /// End somebody's access. Shows what would happen, with buttons; does nothing by itself.
    Revoke {
        /// A name or uid.
        who: String,
        /// Where.
        target: Target,
        /// Why, for the history.
        reason: Option<String>,
    },
    /// Let a held revocation go on.
    Approve {
        /// Its id.
        revocation: String,
        /// Why, for the history.
        note: Option<String>,
    },
    /// Stop a held revocation.
    Reject {
        /// Its id.
        revocation: String,
        /// Why, for the history.
        note: Option<String>,
    },
    /// What waits for a person.
    Held,
    /// What happened.
    History {
        /// The query as it was written.
        query: String,
    },
    /// Whose a pasted kubeconfig file or certificate is.
    Inspect(Pasted),
    /// What the caller may do.
    Help,
    /// A button, typed: its value.
    Press(String),
}

/// Why a text is no command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No such word.
    #[error("I do not know `{0}`")]
    Unknown(String),
    /// Something is missing.
    #[error("`{0}` lacks something: {1}")]
    Incomplete(&'static str, &'static str),
    /// Something is too much.
    #[error("`{0}` takes no more than this: {1}")]
    TooMuch(&'static str, &'static str),
    /// A word or reason that is too long, or has characters that nobody types.
    #[error("a name has at most {NAME_MAX} bytes, a reason at most {WORDS_MAX} characters")]
    TooLong,
}

/// One command, for `help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Its word.
    pub word: &'static str,
    /// How it is written.
    pub form: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Who may.
    pub role: Role,
}

/// All commands, in the order of the help.
pub const USAGES: [Usage; 8] = [
    usage("status", "status USER|uid [CLUSTER]", "what somebody has access to", Role::Viewer),
    usage("held", "held", "what waits for a decision", Role::Viewer),
    usage(
        "history",
        "history [uid:USER] [cluster:CLUSTER] [actor:NAME] [type:TYPE] [since:7d] [-…] [\"free text\"]",
        "what happened, newest first",
        Role::Viewer,
    ),
    usage(
        "inspect",
        "inspect FILE",
        "whose a pasted kubeconfig file or certificate is; leave the private key out",
        Role::Viewer,
    ),
    usage("help", "help", "this", Role::Viewer),
    usage(
        "revoke",
        "revoke USER|uid CLUSTER|all [reason]",
        "end access: shows what would happen, and asks first",
        Role::Operator,
    ),
    usage("approve", "approve ID [note]", "let a held revocation go on; not your own", Role::Approver),
    usage("reject", "reject ID [note]", "stop a held revocation", Role::Approver),
];

const fn usage(word: &'static str, form: &'static str, meaning: &'static str, role: Role) -> Usage {
    Usage { word, form, meaning, role }
}

impl Command {
    /// Reads what a person wrote. An empty text asks for help.
    ///
    /// # Errors
    /// It is no command; the error says what would be.
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.iter().any(|word| word.contains(['\0', '\u{7f}'])) {
            return Err(CommandError::TooLong);
        }
        let Some((first, rest)) = words.split_first() else { return Ok(Self::Help) };
        match first.to_ascii_lowercase().as_str() {
            "status" => match rest {
                [who] => Ok(Self::Status { who: name(who)?, cluster: None }),
                [who, cluster] => Ok(Self::Status { who: name(who)?, cluster: Some(name(cluster)?) }),
                [] => Err(incomplete("status")),
                _ => Err(too_much("status")),
            },
            "revoke" => match rest {
                [who, target, reason @ ..] => Ok(Self::Revoke {
                    who: name(who)?,
                    target: match *target {
                        "all" => Target::All,
                        cluster => Target::One(name(cluster)?),
                    },
                    reason: sentence(reason)?,
                }),
                _ => Err(incomplete("revoke")),
            },
            "approve" => {
                decision("approve", rest).map(|(revocation, note)| Self::Approve { revocation, note })
            }
            "reject" => decision("reject", rest).map(|(revocation, note)| Self::Reject { revocation, note }),
            "held" if rest.is_empty() => Ok(Self::Held),
            "held" => Err(too_much("held")),
            // Spaces within quotes count: the text stays as it is.
            "history" => Ok(Self::History { query: after(text, first).to_owned() }),
            // So do line breaks of a file.
            "inspect" if rest.is_empty() => Err(incomplete("inspect")),
            "inspect" => Ok(Self::Inspect(Pasted::new(after(text, first)))),
            "help" => Ok(Self::Help),
            "press" => match rest {
                [value] if value.len() <= 256 => Ok(Self::Press((*value).to_owned())),
                _ => Err(CommandError::Incomplete("press", "the value of a button")),
            },
            _ if pasted::is_file(text) => Ok(Self::Inspect(Pasted::new(text))),
            _ => Err(CommandError::Unknown(excerpt(first))),
        }
    }

    /// Who may. Pressing a button needs what the button does.
    pub fn role(&self) -> Role {
        match self {
            Self::Status { .. }
            | Self::Held
            | Self::History { .. }
            | Self::Inspect(_)
            | Self::Help
            | Self::Press(_) => Role::Viewer,
            Self::Revoke { .. } => Role::Operator,
            Self::Approve { .. } | Self::Reject { .. } => Role::Approver,
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} - {}", self.form, self.meaning)
    }
}

/// What follows the first word, as it stands.
fn after<'a>(text: &'a str, first: &str) -> &'a str {
    text.trim_start().split_at_checked(first.len()).unwrap_or_default().1.trim()
}

fn decision(word: &'static str, rest: &[&str]) -> Result<(String, Option<String>), CommandError> {
    match rest {
        [id, note @ ..] => Ok((name(id)?, sentence(note)?)),
        [] => Err(incomplete(word)),
    }
}

fn name(word: &str) -> Result<String, CommandError> {
    let fits = word.len() <= NAME_MAX && !word.chars().any(char::is_control);
    if fits { Ok(word.to_owned()) } else { Err(CommandError::TooLong) }
}

fn sentence(words: &[&str]) -> Result<Option<String>, CommandError> {
    let text = words.join(" ");
    match text.chars().count() {
        0 => Ok(None),
        1..=WORDS_MAX => Ok(Some(text)),
        _ => Err(CommandError::TooLong),
    }
}

fn form(word: &'static str) -> &'static str {
    USAGES.iter().find(|usage| usage.word == word).map_or(word, |usage| usage.form)
}

fn incomplete(word: &'static str) -> CommandError {
    CommandError::Incomplete(word, form(word))
}

fn too_much(word: &'static str) -> CommandError {
    CommandError::TooMuch(word, form(word))
}

fn excerpt(word: &str) -> String {
    word.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Command {
        Command::parse(text).unwrap()
    }

    #[test]
    fn every_command_is_read() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(parsed("status alice"), Command::Status { who: "alice".into(), cluster: None });
        assert_eq!(parsed("STATUS 201 prod"), Command::Status { who: "201".into(), cluster: text("prod") });
        let revoke = |target, reason| Command::Revoke { who: "bob".into(), target, reason };
        assert_eq!(parsed("revoke bob all"), revoke(Target::All, None));
        assert_eq!(
            parsed("  revoke\tbob  c1  has   left "),
            revoke(Target::One("c1".into()), text("has left"))
        );
        assert_eq!(parsed("approve x"), Command::Approve { revocation: "x".into(), note: None });
        assert_eq!(
            parsed("reject x no way"),
            Command::Reject { revocation: "x".into(), note: text("no way") }
        );
        assert_eq!(parsed("held"), Command::Held);
        assert_eq!(parsed("history bob type:X"), Command::History { query: "bob type:X".into() });
        let spaced = Command::History { query: "\"a  b\" -x".into() };
        assert_eq!(parsed(" History\t \"a  b\" -x "), spaced);
        assert_eq!(parsed("history"), Command::History { query: String::new() });
        assert_eq!(parsed("inspect a\n  b"), Command::Inspect(Pasted::new("a\n  b")));
        let forgotten = "-----BEGIN CERTIFICATE-----\nMIIB";
        assert_eq!(parsed(forgotten), Command::Inspect(Pasted::new(forgotten)), "the word was forgotten");
        assert_eq!((parsed(""), parsed(" help me ")), (Command::Help, Command::Help));
        assert_eq!(parsed("press a.b"), Command::Press("a.b".into()));
    }

    #[test]
    fn what_is_missing_is_told_with_the_form() {
        for (text, word) in
            [("status", "status"), ("revoke", "revoke"), ("revoke bob", "revoke"), ("approve", "approve")]
        {
            let error = Command::parse(text).unwrap_err();
            assert!(matches!(error, CommandError::Incomplete(w, form) if w == word && form.starts_with(w)));
        }
        assert!(matches!(Command::parse("status a b c"), Err(CommandError::TooMuch("status", _))));
        assert!(matches!(Command::parse("held now"), Err(CommandError::TooMuch("held", _))));
    }

    #[test]
    fn nothing_else_is_a_command() {
        for text in ["delete bob all", "revoke-all", "/reaper", "révoke bob all"] {
            assert!(matches!(Command::parse(text), Err(CommandError::Unknown(_))), "{text}");
        }
        for text in [
            format!("status {}", "x".repeat(129)),
            format!("revoke a all {}", "x".repeat(1001)),
            "status a\0".into(),
        ] {
            assert_eq!(Command::parse(&text), Err(CommandError::TooLong));
        }
    }

    #[test]
    fn the_help_has_every_command_with_the_role_that_it_takes() {
        let samples =
            ["status a", "held", "history", "inspect x", "help", "revoke a all", "approve x", "reject x"];
        for (usage, sample) in USAGES.iter().zip(samples) {
            assert!(sample.starts_with(usage.word) && usage.form.starts_with(usage.word));
            assert_eq!(parsed(sample).role(), usage.role);
        }
    }
}
