//! Taking a command: who, whether it may be theirs, and storing it.

use ::chat::incoming::AnswerTo;
use ::chat::{Address, Button, Command, Incoming, Person, Said, System};
use jiff::Timestamp;
use kubeconfig::chat::{Asked, ChatCommand};
use kubeconfig::intake::{Intake, IntakeEvent};
use kubeconfig::{Actor, Event, IntakeId, SourceEvent, StreamId};

use super::{channel_of, post};
use crate::cause::Cause;
use crate::error::Error;
use crate::inspection::pasted;
use crate::reaper::Reaper;

/// What everybody is told who is not in the configuration, whatever they asked.
pub(super) const STRANGER: &str =
    "You are not known here. Who runs this has to put your id into the configuration.";

/// What became of what came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatReceipt {
    /// Stored under this id, to be carried out.
    Stored(IntakeId),
    /// It came before. Nothing was stored, and nothing follows.
    Repeated,
    /// Not stored: why, for the one who asked.
    Refused(String),
}

impl Reaper {
    /// Takes what came from a chat system; its signature has been checked.
    ///
    /// # Errors
    /// The store failed. Nothing was stored, and the chat system should be told to try again.
    pub async fn receive_chat(&self, system: System, incoming: Incoming) -> Result<ChatReceipt, Error> {
        let app = self.config.chat.app(system);
        let Some(person) = app.person(&incoming.user) else {
            tracing::warn!(chat.system = %system, chat.user = incoming.user, "a chat command of a stranger");
            return Ok(ChatReceipt::Refused(STRANGER.into()));
        };
        let asked = asked(&incoming.said, system, person, app.secrets);
        let id = IntakeId::derived(&format!("chat/{system}/{}", incoming.once));
        let message = format!("{system}/{}", incoming.message);
        let Some((answer_to, answer_until)) = self.sealed(system, id, &incoming.answer) else {
            return Ok(ChatReceipt::Refused("An answer cannot be given where this wants it.".into()));
        };
        // A redelivery under a new signature. Two that arrive at one moment are both taken, and do one thing.
        if system == System::DingTalk && self.is_known_message(&message).await? {
            return Ok(ChatReceipt::Repeated);
        }
        let actor = Actor {
            channel: channel_of(system),
            principal: Some(app.bot.to_owned()),
            human: Some(person.name.clone()),
        };
        let source = Some(SourceEvent { source: format!("chat.{system}"), id: incoming.message });
        let cause = Cause { source, ..Cause::new(actor) };
        let (user, conversation) = (incoming.user, incoming.conversation);
        let command = ChatCommand { message, user, conversation, asked, answer_to, answer_until };
        let fact = IntakeEvent::ChatCommandReceived(command);
        let transaction = self
            .transact(StreamId::Intake(id), &cause, Timestamp::now(), |history| {
                let fact = Event::Intake(fact.clone());
                Ok::<_, Error>(if history.is_empty() { vec![fact] } else { vec![] })
            })
            .await?;
        let is_new = !transaction.recorded.is_empty();
        Ok(if is_new { ChatReceipt::Stored(id) } else { ChatReceipt::Repeated })
    }

    async fn is_known_message(&self, message: &str) -> Result<bool, Error> {
        let projection = self.projection().await?;
        let mut chats = projection.intakes.values();
        Ok(chats.any(|(_, intake)| matches!(intake, Intake::Chat(chat) if chat.command.message == message)))
    }

    /// Where the answer goes, as it is stored; `None` where none may go.
    fn sealed(&self, system: System, id: IntakeId, answer: &AnswerTo) -> Option<(String, Timestamp)> {
        match answer {
            AnswerTo::Message { id, until } => Some((id.clone(), *until)),
            AnswerTo::Webhook { url, until } => {
                post::allowed(url.expose(), &self.config.chat.answer_hosts)?;
                let secrets = self.config.chat.app(system).secrets;
                let sealed = Address::seal(url, secrets, &id.to_string())?;
                Some((sealed.as_str().to_owned(), *until))
            }
        }
    }
}

/// What is asked, as it is stored: the value of a button is not, only what it stands for; and of a pasted file, only what
/// is public.
fn asked(said: &Said, system: System, person: &Person, secrets: &::chat::Secrets) -> Asked {
    let pressed = |value: &str| match Button::read(value, system, &person.name, secrets, Timestamp::now()) {
        Ok(Button { choice, subject, hold, .. }) => {
            Asked::Button { choice: choice.as_str().into(), subject, hold }
        }
        Err(error) => Asked::Refused { why: error.to_string() },
    };
    match said {
        Said::Button(value) => pressed(value),
        Said::Text(text) => match Command::parse(text) {
            Ok(Command::Press(value)) => pressed(&value),
            Ok(Command::Inspect(pasted)) => Asked::Inspection(pasted::reduce(&pasted)),
            // Also in a reason, or behind a word that is misspelt.
            _ if pasted::has_secret(text) => Asked::Refused { why: super::inspect::SECRET_IN_WORDS.into() },
            Ok(_) => Asked::Words { text: text.trim().to_owned() },
            Err(error) => Asked::Refused { why: format!("{error}. `help` says what you may ask.") },
        },
    }
}
