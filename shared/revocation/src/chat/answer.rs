//! What each command answers.

use ::chat::command::USAGES;
use ::chat::{Choice, Command, Item, Person, Reply, Role};
use event_store::Order;
use kubeconfig::access::Status;
use kubeconfig::chat::Asked;
use kubeconfig::{Query, Recorded, RevocationId};

use super::show::{self, Buttons};
use super::{Task, offer, resolve};
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::history::History;
use crate::reaper::Reaper;
use crate::words::headline;

/// Events that a history shows.
const EVENTS: u32 = 15;

/// Answers of the store that a history asks for.
const PAGES: usize = 20;

impl Reaper {
    pub(super) async fn carry_out(
        &self,
        task: &Task,
        person: &Person,
        budget: TimeBudget,
    ) -> Result<Reply, Error> {
        let buttons = Buttons { app: self.config.chat.app(task.system), system: task.system, person };
        let text = match &task.chat.command.asked {
            Asked::Words { text } => text,
            Asked::Refused { why } => return Ok(refused(why)),
            Asked::Inspection(inspection) => return self.inspected(task, inspection, buttons, budget).await,
            Asked::Button { choice, subject, hold } => {
                let Ok(choice) = choice.parse::<Choice>() else { return Ok(Reply::line("Unknown button")) };
                return match choice {
                    Choice::Approve | Choice::Reject => {
                        let revocation = RevocationId::new(*subject);
                        self.decide(task, choice, revocation, Some(*hold), None, buttons, budget).await
                    }
                    _ => self.answer_offer(task, choice, *subject, buttons, budget).await,
                };
            }
        };
        let command = match Command::parse(text) {
            Ok(command) => command,
            Err(error) => return Ok(Reply::line(error.to_string())),
        };
        if person.role < command.role() {
            return Ok(forbidden(person, command.role()));
        }
        match &command {
            Command::Status { who, cluster } => self.status(task, who, cluster.as_deref()).await,
            Command::Held => self.held(task, buttons).await,
            Command::History { query } => self.recent(task, query).await,
            // The door has stored neither of the last two as words.
            Command::Help | Command::Press(_) | Command::Inspect(_) => Ok(help(person)),
            Command::Revoke { .. } => self.offer(task, &command, buttons, budget).await,
            Command::Approve { revocation, note } => {
                self.decide_by_id(task, Choice::Approve, revocation, note, buttons, budget).await
            }
            Command::Reject { revocation, note } => {
                self.decide_by_id(task, Choice::Reject, revocation, note, buttons, budget).await
            }
        }
    }

    /// What the one who asks may see.
    pub(super) fn seen_by(&self, task: &Task) -> History {
        self.history().within(task.cause.scope.clone())
    }

    async fn status(&self, task: &Task, who: &str, cluster: Option<&str>) -> Result<Reply, Error> {
        let seen = self.seen_by(task);
        let projection = seen.projection().await?;
        let uid = match resolve::identity(&projection, who) {
            Ok(uid) => uid,
            Err(choices) => return Ok(choices),
        };
        let wanted = match cluster.map(|written| resolve::cluster(&projection, written)).transpose() {
            Ok(wanted) => wanted,
            Err(choices) => return Ok(choices),
        };
        let Some(panel) = seen.identity(&uid).await? else {
            return Ok(Reply::line(format!("Nothing is known of uid:{uid}")));
        };
        let (asked, others): (Vec<_>, Vec<_>) = panel.kubeconfigs.iter().partition(|pair| match &wanted {
            Some(wanted) => pair.cluster == wanted.as_str(),
            None => pair.status != Status::NotIssued,
        });
        let name = panel.name.as_deref().unwrap_or("no name known");
        let mut text = vec![[panel.kind, panel.state].into_iter().flatten().collect::<Vec<_>>().join(", ")];
        if wanted.is_none() && !others.is_empty() {
            let more = if others.len() == 1 { "cluster" } else { "clusters" };
            text.push(format!("never issued on {} more {more}", others.len()));
        }
        let clusters = match asked.len() {
            1 => "1 cluster".to_owned(),
            number => format!("{number} clusters"),
        };
        Ok(Reply::line(format!("{name} (uid:{uid}): {clusters}"))
            .with_text(text)
            .with_items(asked.into_iter().map(show::of_cluster)))
    }

    async fn held(&self, task: &Task, buttons: Buttons<'_>) -> Result<Reply, Error> {
        let panel = self.seen_by(task).held().await?;
        let number = panel.revocations.len() + panel.messages.len();
        let revocations = panel.revocations.iter().map(|pair| {
            let mut item = show::of_both(pair);
            if let Some(open) = pair.open_revocation.as_ref().filter(|_| buttons.may(Role::Approver)) {
                item.buttons = buttons.of_hold(open);
            }
            item
        });
        let messages = panel.messages.iter().map(|message| {
            let head = format!("{} {} was deleted at {}", message.kind, message.name, message.deleted_at);
            let whose = "whose name it was is said over HTTP, with the id of the message";
            Item::new(head, [message.why.clone(), format!("message {}: {whose}", message.id)])
        });
        Ok(Reply::line(format!("{number} wait for a decision")).with_items(revocations.chain(messages)))
    }

    /// Goes back page by page until there is enough to show, but not for ever.
    async fn recent(&self, task: &Task, query: &str) -> Result<Reply, Error> {
        let query: Query = match query.parse() {
            Ok(query) => query,
            Err(error) => return Ok(Reply::line(format!("Not understood, {error}"))),
        };
        let seen = self.seen_by(task);
        let question = match seen.question(&query).await {
            Ok(question) => question,
            Err(Error::Unresolved(unresolved)) => return Ok(resolve::choices(&unresolved)),
            Err(error) => return Err(error),
        };
        let (mut items, mut cursor, mut more) = (vec![], None, true);
        for _ in 0..PAGES {
            let left = EVENTS - u32::try_from(items.len()).unwrap_or(EVENTS);
            let found = seen.answer(&question, Order::Newest, cursor.as_ref(), left).await?;
            items.extend(found.events.iter().map(event_item));
            (cursor, more) = (Some(found.end), found.more);
            if !more || items.len() >= EVENTS as usize {
                break;
            }
        }
        let enough = items.len() >= EVENTS as usize;
        let title = match (items.len(), more) {
            (0, false) => "Nothing of that kind has happened".to_owned(),
            (0, true) => "Nothing of that kind among the latest events".to_owned(),
            (number, true) => format!("The latest {number} events"),
            (1, false) => "One event".to_owned(),
            (number, false) => format!("All {number} events"),
        };
        let further =
            "What is older was not looked at: ask for less, e.g. with uid:, cluster:, type: or until:.";
        Ok(Reply::line(title).with_text((more && !enough).then(|| further.to_owned())).with_items(items))
    }

    async fn decide_by_id(
        &self,
        task: &Task,
        choice: Choice,
        written: &str,
        note: &Option<String>,
        buttons: Buttons<'_>,
        budget: TimeBudget,
    ) -> Result<Reply, Error> {
        let Ok(revocation) = written.parse::<RevocationId>() else {
            return Ok(Reply::line(format!("`{written}` is no id of a revocation; `held` shows them")));
        };
        self.decide(task, choice, revocation, None, note.clone(), buttons, budget).await
    }

    #[allow(clippy::too_many_arguments)]
    async fn decide(
        &self,
        task: &Task,
        choice: Choice,
        revocation: RevocationId,
        hold: Option<u32>,
        note: Option<String>,
        buttons: Buttons<'_>,
        budget: TimeBudget,
    ) -> Result<Reply, Error> {
        if !buttons.may(Role::Approver) {
            return Ok(forbidden(buttons.person, Role::Approver));
        }
        let outcome = match choice {
            Choice::Approve => self.approve(revocation, hold, note, &task.cause, budget).await,
            _ => self.reject(revocation, hold, note, &task.cause).await,
        };
        match outcome {
            Ok(outcome) => Ok(offer::decided(&outcome, buttons.person)),
            Err(error) if error.is_transient() => Err(error),
            Err(error) => Ok(Reply::line(format!("Not done: {error}"))),
        }
    }
}

/// The first sentence says it all; what follows it stands below, where nothing is cut.
fn refused(why: &str) -> Reply {
    match why.split_once(". ") {
        Some((first, rest)) => Reply::line(first).with_text([rest.to_owned()]),
        None => Reply::line(why),
    }
}

pub(super) fn forbidden(person: &Person, needed: Role) -> Reply {
    Reply::line(format!("That takes the role {needed}; you have the role {}", person.role))
}

fn help(person: &Person) -> Reply {
    let usages = USAGES.iter().filter(|usage| person.role >= usage.role);
    Reply::line(format!("{}, you may ask for this", person.name)).with_text(usages.map(ToString::to_string))
}

fn event_item(event: &Recorded) -> Item {
    let head = format!("{} {}", event.recorded_at.strftime("%Y-%m-%d %H:%M:%SZ"), headline(event));
    Item::new(head, [format!("{} by {}", event.stream, event.actor)])
}
