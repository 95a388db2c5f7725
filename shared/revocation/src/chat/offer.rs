//! Revocations from a chat: shown first, done when the person has said yes.

use std::collections::BTreeSet;

use ::chat::{Choice, Command, Person, Reply, Role, Target};
use kubeconfig::chat::{Offer, Taken};
use kubeconfig::intake::{Intake, IntakeEvent};
use kubeconfig::{ClusterId, IntakeId, Uid};
use uuid::Uuid;

use super::show::{self, Buttons};
use super::{Task, resolve};
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reaper::Reaper;
use crate::request::{Clusters, Request};
use crate::views::{Outcome, RevocationOutcome};

/// What somebody wants to be revoked.
pub(super) struct Wish {
    pub(super) uid: Uid,
    pub(super) clusters: Clusters,
    pub(super) reason: Option<String>,
}

impl Reaper {
    /// Shows what would happen, and keeps it: what is confirmed later is what was shown.
    pub(super) async fn offer(
        &self,
        task: &Task,
        command: &Command,
        buttons: Buttons<'_>,
        budget: TimeBudget,
    ) -> Result<Reply, Error> {
        let Command::Revoke { who, target, reason } = command else {
            return Ok(Reply::line("Nothing to do"));
        };
        let projection = self.seen_by(task).projection().await?;
        let uid = match resolve::identity(&projection, who) {
            Ok(uid) => uid,
            Err(choices) => return Ok(choices),
        };
        let clusters = match target {
            Target::All => Clusters::All,
            Target::One(written) => match resolve::cluster(&projection, written) {
                Ok(cluster) => Clusters::These(BTreeSet::from([cluster])),
                Err(choices) => return Ok(choices),
            },
        };
        self.offer_wish(task, Wish { uid, clusters, reason: reason.clone() }, buttons, budget).await
    }

    /// The same where nothing is left to be understood.
    pub(super) async fn offer_wish(
        &self,
        task: &Task,
        wish: Wish,
        buttons: Buttons<'_>,
        budget: TimeBudget,
    ) -> Result<Reply, Error> {
        let Wish { uid, clusters, reason } = wish;
        let mut request =
            Request { uid: uid.clone(), clusters, reason: None, dry_run: true, idempotency_key: None };
        // Done once more after a crash, it shows what it showed.
        if let Some(offer) = &task.chat.offer {
            request.clusters =
                Clusters::These(offer.clusters.iter().chain(&offer.needs_approval).cloned().collect());
        }
        let outcomes = self.request(&request, &task.cause, budget).await?;
        let fresh = Offer {
            uid,
            clusters: of(&outcomes, Outcome::WouldRevoke),
            needs_approval: of(&outcomes, Outcome::WouldHold),
            reason,
        };
        let is_empty = fresh.clusters.is_empty() && fresh.needs_approval.is_empty();
        let offer = match &task.chat.offer {
            Some(offer) => offer.clone(),
            None if is_empty => return Ok(nothing_to_offer(&fresh.uid, &outcomes)),
            None => {
                let fact = IntakeEvent::ChatRevocationOffered(fresh.clone());
                match self.conclude(task.id, fact, &task.cause).await? {
                    Some(Intake::Chat(chat)) => chat.offer.unwrap_or(fresh),
                    _ => fresh,
                }
            }
        };
        Ok(shown(&offer, &outcomes, *task.id.as_uuid(), buttons))
    }

    /// A person has pressed a button of an offer.
    pub(super) async fn answer_offer(
        &self,
        task: &Task,
        choice: Choice,
        offered: Uuid,
        buttons: Buttons<'_>,
        budget: TimeBudget,
    ) -> Result<Reply, Error> {
        if !buttons.may(Role::Operator) {
            return Ok(super::answer::forbidden(buttons.person, Role::Operator));
        }
        let taken = Taken { choice: choice.as_str().into(), by: task.id };
        let fact = IntakeEvent::ChatOfferTaken(taken.clone());
        let chat = match self.conclude(IntakeId::new(offered), fact, &task.cause).await? {
            Some(Intake::Chat(chat)) => chat,
            _ => return Ok(Reply::line("This offer is not known here")),
        };
        let (Some(offer), first) = (chat.offer, chat.taken) else {
            return Ok(Reply::line("This offer is not known here"));
        };
        match first {
            Some(first) if first == taken => {}
            Some(first) => {
                return Ok(Reply::line(format!("This was answered before, with {}", first.choice)));
            }
            None => return Ok(Reply::line("This offer cannot be answered")),
        }
        let clusters: BTreeSet<ClusterId> = match choice {
            Choice::Confirm => offer.clusters.into_iter().collect(),
            Choice::Request => offer.clusters.into_iter().chain(offer.needs_approval).collect(),
            _ => return Ok(Reply::line("Cancelled: nothing was done")),
        };
        let request = Request {
            uid: offer.uid,
            clusters: Clusters::These(clusters),
            reason: offer.reason,
            dry_run: false,
            idempotency_key: Some(format!("chat/{offered}")),
        };
        let outcomes = self.request(&request, &task.cause, budget).await?;
        Ok(done(&outcomes, buttons))
    }
}

fn of(outcomes: &[RevocationOutcome], wanted: Outcome) -> Vec<ClusterId> {
    let those = outcomes.iter().filter(|outcome| outcome.outcome == wanted);
    those.filter_map(|outcome| outcome.pair.cluster.parse().ok()).collect()
}

fn who(outcomes: &[RevocationOutcome], uid: &Uid) -> String {
    outcomes.first().map_or_else(|| format!("uid:{uid}"), |outcome| show::holder(&outcome.pair))
}

fn account(outcomes: &[RevocationOutcome]) -> Vec<String> {
    let known = outcomes.first().map(|outcome| (&outcome.pair.account_kind, &outcome.pair.account_state));
    match known {
        Some((Some(kind), Some(state))) => vec![format!("{kind}, {state}")],
        _ => vec![],
    }
}

fn nothing_to_offer(uid: &Uid, outcomes: &[RevocationOutcome]) -> Reply {
    Reply::line(format!("Nothing can be revoked from {}", who(outcomes, uid)))
        .with_text(account(outcomes))
        .with_items(outcomes.iter().map(show::of_outcome))
}

fn shown(offer: &Offer, outcomes: &[RevocationOutcome], id: Uuid, buttons: Buttons<'_>) -> Reply {
    // A message shows so many and no more: what the buttons end stands before what nothing happens to.
    let mut ordered: Vec<&RevocationOutcome> = outcomes.iter().collect();
    ordered.sort_by_key(|outcome| match outcome.outcome {
        Outcome::WouldRevoke => 0,
        Outcome::WouldHold => 1,
        _ => 2,
    });
    let (clean, held) = (offer.clusters.len(), offer.needs_approval.len());
    let mut reply = Reply::line(format!("Revoke access of {}?", who(outcomes, &offer.uid)))
        .with_text(account(outcomes))
        .with_text(offer.reason.iter().map(|reason| format!("reason: {reason}")))
        .with_text(["Nothing has happened yet. The buttons work once, for you, for 15 minutes.".into()])
        .with_items(ordered.into_iter().map(show::of_outcome));
    let label = |word: &str, number: usize| format!("{word} ({number})");
    let confirm = (clean > 0).then(|| buttons.of_offer(Choice::Confirm, id, label("Revoke", clean)));
    let request = (held > 0).then(|| {
        let word = if clean > 0 { "Revoke, and request approval" } else { "Request approval" };
        buttons.of_offer(Choice::Request, id, label(word, clean + held))
    });
    let cancel = Some(buttons.of_offer(Choice::Cancel, id, "Cancel".into()));
    reply.buttons.extend([confirm, request, cancel].into_iter().flatten().flatten());
    reply
}

/// What became of it. What is held needs others, so everybody sees it.
fn done(outcomes: &[RevocationOutcome], buttons: Buttons<'_>) -> Reply {
    let count = |wanted| outcomes.iter().filter(|outcome| outcome.outcome == wanted).count();
    let (confirmed, held) = (count(Outcome::Confirmed), count(Outcome::Held));
    let holder = outcomes.first().map(|outcome| show::holder(&outcome.pair)).unwrap_or_default();
    let other = outcomes.len() - confirmed - held;
    let parts = [(confirmed, "revoked"), (held, "waiting for approval"), (other, "not revoked")];
    let parts: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let items = outcomes.iter().map(|outcome| {
        let mut item = show::of_outcome(outcome);
        if let Some(open) = outcome.pair.open_revocation.as_ref().filter(|open| open.held_because.is_some()) {
            item.buttons = buttons.of_hold(open);
        }
        item
    });
    let by = format!("asked for by {}", buttons.person.name);
    let reply = Reply::line(format!("{holder}: {}", parts.join(", "))).with_text([by]).with_items(items);
    if held > 0 { reply.for_everyone() } else { reply }
}

/// What became of one decision.
pub(super) fn decided(outcome: &RevocationOutcome, person: &Person) -> Reply {
    let item = show::of_outcome(outcome);
    Reply::line(format!("{}: {}", show::holder(&outcome.pair), outcome.outcome.as_str()))
        .with_text([format!("decided by {}", person.name)])
        .with_items([item])
        .for_everyone()
}
