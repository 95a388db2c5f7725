//! Buttons: their value says what is chosen and about what, until when, and is signed. That a button works once is for
//! whoever stores that it was pressed.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::Timestamp;
use subtle::{Choice as Bit, ConstantTimeEq};
use uuid::Uuid;

use crate::System;
use crate::secret::Secrets;
use crate::signature::mac;

/// What separates this use of a secret from all others.
const PURPOSE: &[u8] = b"reaper/button/1";

/// What a button stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// End the access that was offered and is not in use.
    Confirm,
    /// The same, and ask for approval where a second person has to decide.
    Request,
    /// Do nothing of what was offered.
    Cancel,
    /// Let a held revocation go on.
    Approve,
    /// Stop a held revocation.
    Reject,
}

impl Choice {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Confirm, Self::Request, Self::Cancel, Self::Approve, Self::Reject];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Request => "request",
            Self::Cancel => "cancel",
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    /// Whether only the person that was asked may press it.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Confirm | Self::Request | Self::Cancel)
    }
}

impl FromStr for Choice {
    type Err = ButtonError;

    fn from_str(text: &str) -> Result<Self, ButtonError> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == text).ok_or(ButtonError::NotOurs)
    }
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it stands for.
    pub choice: Choice,
    /// About what: the command that made the offer, or the revocation.
    pub subject: Uuid,
    /// The hold of the revocation that was seen; 0 for an offer.
    pub hold: u32,
    /// Until when it works.
    pub until: Timestamp,
}

/// Why a press has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ButtonError {
    /// Not signed here, or for another person, or changed.
    #[error("this button is not one of yours")]
    NotOurs,
    /// Its time is over.
    #[error("this button has expired: ask again")]
    Expired,
}

impl Button {
    /// The value to send with it; `None` without a secret. `person` is who it is shown to: a personal one works for
    /// nobody else.
    pub fn value(&self, system: System, person: &str, secrets: &Secrets) -> Option<String> {
        let told = self.told();
        let mac = self.mac(secrets.first()?.bytes(), system, person, &told);
        Some(format!("{told}.{}", BASE64.encode(mac)))
    }

    /// Reads the value of a button that `person` has pressed.
    ///
    /// # Errors
    /// It is not one of this person's, or too old.
    pub fn read(
        value: &str,
        system: System,
        person: &str,
        secrets: &Secrets,
        now: Timestamp,
    ) -> Result<Self, ButtonError> {
        let (told, given) = value.rsplit_once('.').ok_or(ButtonError::NotOurs)?;
        let given = BASE64.decode(given).map_err(|_| ButtonError::NotOurs)?;
        let button = Self::parse(told).ok_or(ButtonError::NotOurs)?;
        let same = secrets.iter().fold(Bit::from(0), |same, secret| {
            same | button.mac(secret.bytes(), system, person, told)[..].ct_eq(&given)
        });
        if !bool::from(same) {
            return Err(ButtonError::NotOurs);
        }
        if now < button.until { Ok(button) } else { Err(ButtonError::Expired) }
    }

    fn told(&self) -> String {
        let Self { choice, subject, hold, until } = self;
        format!("{}.{}.{hold}.{}", choice.as_str(), subject.simple(), until.as_second())
    }

    fn parse(told: &str) -> Option<Self> {
        let parts: Vec<&str> = told.split('.').collect();
        let [choice, subject, hold, until] = parts[..] else { return None };
        Some(Self {
            choice: choice.parse().ok()?,
            subject: Uuid::try_parse(subject).ok()?,
            hold: hold.parse().ok()?,
            until: Timestamp::from_second(until.parse().ok()?).ok()?,
        })
    }

    /// The line ends keep the parts apart: neither a name nor the rest can have one.
    fn mac(&self, secret: &[u8], system: System, person: &str, told: &str) -> [u8; 32] {
        let person = if self.choice.is_personal() { person } else { "" };
        let key = mac(secret, &[PURPOSE]);
        mac(&key, &[system.as_str().as_bytes(), b"\n", person.as_bytes(), b"\n", told.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::Secret;

    fn secrets(texts: &[&str]) -> Secrets {
        texts.iter().map(|text| Secret::try_from((*text).to_owned()).unwrap()).collect()
    }

    fn button(choice: Choice) -> Button {
        Button { choice, subject: Uuid::from_u128(7), hold: 2, until: Timestamp::from_second(1000).unwrap() }
    }

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_button_says_what_it_said_when_it_was_made() {
        let secrets = secrets(&["secret-one"]);
        for choice in Choice::ALL {
            let value = button(choice).value(System::Slack, "olga", &secrets).unwrap();
            assert!(value.len() < 200, "DingTalk has it in a link");
            assert_eq!(Button::read(&value, System::Slack, "olga", &secrets, NOW), Ok(button(choice)));
        }
    }

    #[test]
    fn it_works_until_it_expires_also_with_a_secret_on_its_way_out() {
        let value = button(Choice::Confirm).value(System::Slack, "olga", &secrets(&["secret-one"])).unwrap();
        let both = secrets(&["secret-two", "secret-one"]);
        let read = |at| Button::read(&value, System::Slack, "olga", &both, at);
        let end = button(Choice::Confirm).until;
        assert!(read(end - SignedDuration::from_secs(1)).is_ok());
        assert_eq!(read(end), Err(ButtonError::Expired));
    }

    #[test]
    fn an_offer_is_answered_by_the_person_that_it_was_made_to_and_a_hold_by_anybody() {
        let secrets = secrets(&["secret-one"]);
        for choice in Choice::ALL {
            let value = button(choice).value(System::Slack, "olga", &secrets).unwrap();
            let by_anna = Button::read(&value, System::Slack, "anna", &secrets, NOW);
            assert_eq!(by_anna.is_err(), choice.is_personal(), "{choice:?}");
            assert!(Button::read(&value, System::DingTalk, "olga", &secrets, NOW).is_err());
        }
    }

    #[test]
    fn nothing_about_it_can_be_changed() {
        let secrets = secrets(&["secret-one"]);
        let value = button(Choice::Cancel).value(System::Slack, "olga", &secrets).unwrap();
        let read = |value: &str| Button::read(value, System::Slack, "olga", &secrets, NOW);
        for (from, to) in [("cancel", "confirm"), (".2.", ".3."), (".1000.", ".9000."), ("7.2", "8.2")] {
            let changed = value.replacen(from, to, 1);
            assert_ne!(changed, value);
            assert_eq!(read(&changed), Err(ButtonError::NotOurs), "{changed}");
        }
        for bad in ["", ".", "a.b.c.d.e", &value[..value.len() - 1], &format!("{value}A"), "confirm"] {
            assert_eq!(read(bad), Err(ButtonError::NotOurs), "{bad}");
        }
        assert_eq!(
            Button::read(&value, System::Slack, "olga", &Secrets::default(), NOW),
            Err(ButtonError::NotOurs)
        );
    }
}
