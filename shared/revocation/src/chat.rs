//! Commands from chats: stored, acknowledged, carried out, answered.
//!
//! What came is stored as a fact before it is acknowledged, and acknowledged before it is carried out: a chat system
//! waits three seconds. Whoever has time then carries it out: the process itself, a call of the function by itself, or
//! the next sweep. Carrying out again changes nothing, so a crash at any point costs no more than an answer given twice.

mod answer;
mod inspect;
mod offer;
mod post;
mod receive;
mod resolve;
pub(crate) mod show;

use ::chat::{Command, Person, Reply, System};
use kubeconfig::chat::{Asked, Conversation};
use kubeconfig::intake::{Intake, IntakeEvent};
use kubeconfig::{Actor, Channel, IntakeId, Projection, Recorded, Scope, StreamId};

use crate::cause::Cause;
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reaper::Reaper;

pub use receive::ChatReceipt;

use post::Posted;

/// A command on its way to being carried out.
#[derive(Clone)]
struct Task {
    id: IntakeId,
    system: System,
    chat: Conversation,
    cause: Cause,
}

impl Reaper {
    /// Carries out a stored command and answers it; nothing where that has been done. Says whether it is over: an
    /// answer that the chat system does not take now is given by the next sweep.
    ///
    /// # Errors
    /// Something that may pass stood in the way. The next sweep tries again.
    pub async fn finish_chat_command(&self, id: IntakeId, budget: TimeBudget) -> Result<bool, Error> {
        let history = event_store::load_stream(self.store.as_ref(), &StreamId::Intake(id)).await?;
        let Some(task) = Task::of(id, &history) else { return Err(Error::NoSuchIntake(id)) };
        if task.chat.ended {
            return Ok(true);
        }
        let reply = match self.config.chat.app(task.system).person(&task.chat.command.user) {
            Some(person) => {
                let scope = self.config.access.scope_of(&person.name);
                let task = Task { cause: task.cause.clone().within(scope), ..task.clone() };
                self.answer_chat(&task, person, budget).await?
            }
            None => Reply::line(receive::STRANGER),
        };
        let said = reply.title.clone();
        let fact = match self.post_answer(&task, &reply).await {
            Posted::Given => IntakeEvent::ChatCommandAnswered { said },
            Posted::Lost(why) => {
                tracing::warn!(intake = %id, why, "the answer to a chat command is lost");
                IntakeEvent::ChatAnswerLost { said, why }
            }
            Posted::Later(why) => {
                tracing::warn!(intake = %id, why, "the answer to a chat command has to wait");
                return Ok(false);
            }
        };
        self.conclude(id, fact, &task.cause).await?;
        Ok(true)
    }

    async fn answer_chat(&self, task: &Task, person: &Person, budget: TimeBudget) -> Result<Reply, Error> {
        match self.carry_out(task, person, budget).await {
            Ok(reply) => Ok(reply),
            // What a person decided is not lost because the cloud was away for a moment: it is tried again.
            Err(error) if error.is_transient() && is_decision(&task.chat.command.asked) => Err(error),
            Err(error) => Ok(Reply::line("That did not work").with_text([error.to_string()])),
        }
    }

    /// Carries out what a crash, a freeze or an error has left. A command that may still be in other hands is left to them.
    pub(crate) async fn finish_chat_commands(&self, budget: TimeBudget) -> Result<u32, Error> {
        let mut errors = 0;
        let now = jiff::Timestamp::now();
        for (id, since) in unfinished(&*self.projection().await?) {
            if now.duration_since(since) < self.config.policy.call_lease() {
                continue;
            }
            if !budget.allows(crate::sweep::TIME_TO_CLOSE) {
                break;
            }
            if let Err(error) = self.finish_chat_command(id, budget).await {
                tracing::error!(intake = %id, error = %error, "a chat command could not be finished");
                errors += 1;
            }
        }
        Ok(errors)
    }
}

/// Whether a person has decided something with it, rather than asked.
fn is_decision(asked: &Asked) -> bool {
    match asked {
        Asked::Button { .. } => true,
        Asked::Refused { .. } | Asked::Inspection(_) => false,
        Asked::Words { text } => {
            matches!(Command::parse(text), Ok(Command::Approve { .. } | Command::Reject { .. }))
        }
    }
}

fn unfinished(projection: &Projection) -> Vec<(IntakeId, jiff::Timestamp)> {
    let open = projection.intakes.iter().filter_map(|(id, (since, intake))| match intake {
        Intake::Chat(chat) if !chat.ended => Some((*id, *since)),
        _ => None,
    });
    open.collect()
}

impl Task {
    fn of(id: IntakeId, history: &[Recorded]) -> Option<Self> {
        let first = history.first()?;
        let Some(Intake::Chat(chat)) = crate::intake::intake_of(history) else { return None };
        let cause = Cause {
            actor: first.actor.clone(),
            correlation: first.correlation,
            causation: Some(first.id),
            source: first.source.clone(),
            scope: Scope::EVERYTHING,
        };
        Some(Self { id, system: system_of(&first.actor)?, chat: *chat, cause })
    }
}

/// The door that a chat system's commands come through.
const fn channel_of(system: System) -> Channel {
    match system {
        System::Slack => Channel::Slack,
        System::DingTalk => Channel::DingTalk,
        System::Feishu => Channel::Feishu,
    }
}

fn system_of(actor: &Actor) -> Option<System> {
    [System::Slack, System::DingTalk, System::Feishu]
        .into_iter()
        .find(|system| channel_of(*system) == actor.channel)
}
