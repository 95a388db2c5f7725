//! What people can do at once about what they are told: buttons of a hold, and where to look.

use ::chat::reply::{Press, Style};
use ::chat::{Secrets, System};
use jiff::SignedDuration;
use kubeconfig::access::{AccessEvent, Phase};
use kubeconfig::notification::Kind;
use kubeconfig::{Event, Projection, Recorded, StreamId};

use super::target::{Target, Way};
use crate::chat::show;
use crate::config::Config;

/// How long the buttons of a notification work. What they answer is the hold that was told, however late.
const DECISION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What can be offered to a target.
pub(super) struct Offers<'a> {
    /// The system and the secrets of its app, where it brings back what is pressed.
    buttons: Option<(System, &'a Secrets)>,
    /// The address of the console.
    origin: Option<&'a str>,
}

impl<'a> Offers<'a> {
    /// A button comes back through the chat system's app. Cards of Feishu's custom bots bring nothing back (open.feishu.cn,
    /// "Custom bot usage guide"), a program has the ids.
    pub(super) fn of(target: &Target<'_>, config: &'a Config) -> Self {
        let system = match target.way {
            Way::Slack => Some(System::Slack),
            Way::DingTalk(_) => Some(System::DingTalk),
            Way::Feishu(_) | Way::Webhook(_) => None,
        };
        let buttons = system.map(|system| (system, config.chat.app(system).secrets));
        Self {
            buttons: buttons.filter(|(_, secrets)| !secrets.is_empty()),
            origin: config.console.origin.as_deref(),
        }
    }

    /// The buttons for one fact: a hold that is still there can be decided on.
    pub(super) fn about(&self, recorded: &Recorded, projection: &Projection) -> Vec<Press> {
        if Kind::of(&recorded.event) != Some(Kind::Held) {
            return vec![];
        }
        let mut buttons = match (self.buttons, held(recorded, projection)) {
            (Some((system, secrets)), Some((revocation, hold))) => {
                show::on_hold(system, secrets, revocation, hold, DECISION)
            }
            _ => vec![],
        };
        buttons.extend(self.origin.map(|origin| Press {
            label: "Look".into(),
            value: format!("{}/held", origin.trim_end_matches('/')),
            style: Style::Link,
        }));
        buttons
    }
}

fn held(recorded: &Recorded, projection: &Projection) -> Option<(uuid::Uuid, u32)> {
    let (StreamId::Kubeconfig(key), Event::Access(AccessEvent::RevocationHeld { revocation, .. })) =
        (&recorded.stream, &recorded.event)
    else {
        return None;
    };
    let open = projection.accesses.get(key)?.open.as_ref()?;
    let waits = open.id == *revocation && matches!(open.phase, Phase::Held(_));
    waits.then(|| (*open.id.as_uuid(), open.holds))
}
