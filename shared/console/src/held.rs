//! What waits for a person, and the forms to decide with.

use http_api::Role;
use maud::{Markup, html};
use revocation::HeldPanel;
use revocation::views::{HeldIntakeView, Outcome, PairView, RevocationOutcome, RevocationView};

use crate::address::{identity_path, pair_path};
use crate::element::{account_state, check, empty, nothing, status};
use crate::layout::{Page, Place, form_token, frame};
use crate::pairs::{cluster_name, user_name};
use crate::text::shown;
use crate::time;
use crate::visitor::Visitor;

/// The longest note, in characters, as for the HTTP interface.
const NOTE_MAX: u32 = 1000;

/// Where a browser goes after a decision.
pub fn place_after(outcome: &RevocationOutcome) -> String {
    let (path, word) = (pair_path(&outcome.pair.cluster, &outcome.pair.uid), outcome.outcome.as_str());
    if outcome_words(word).is_some() { format!("{path}?decided={word}") } else { path }
}

/// What became of a decision, for people. Others than these no decision has.
pub fn outcome_words(outcome: &str) -> Option<&'static str> {
    const WORDS: [(Outcome, &str); 7] = [
        (
            Outcome::Confirmed,
            "Approved. The access is gone: kubeconfig and permissions were read back as deleted.",
        ),
        (Outcome::Rejected, "Rejected. The revocation is over, and the access stays."),
        (Outcome::Held, "Nothing was decided: it waits for a reason that came up after the page was loaded."),
        (
            Outcome::Refused,
            "Approved, and then refused by a rule, which is told below. The access is still there.",
        ),
        (Outcome::Failed, "Approved. The call failed; the next sweep tries again."),
        (
            Outcome::Unknown,
            "Approved. Whether the call had an effect is not known yet; the next sweep reads it again.",
        ),
        (Outcome::UnderWay, "Approved. It goes on with the next sweep."),
    ];
    WORDS.iter().find(|(of, _)| of.as_str() == outcome).map(|(_, words)| *words)
}

/// The queue.
pub fn page(visitor: &Visitor, held: &HeldPanel) -> Page {
    let HeldPanel { revocations, messages } = held;
    let body = html! {
        h1 { "Held" }
        p.lead { "Revocations that go on only if a person says so." }
        @if revocations.is_empty() && messages.is_empty() {
            (empty("Nothing waits for a person", "What policy holds shows up here, and in chats where they are set up."))
        }
        @for pair in revocations {
            @if let Some(open) = &pair.open_revocation { (item(visitor, pair, open)) }
        }
        @if !messages.is_empty() {
            h2 { "Deletions of which nobody knows whose they were" }
            p.hint { "A name was deleted that could not be tied to one id. Say whose it was with "
                code { "POST /v1/messages/{id}/resolution" } ", or that nothing follows with " code { "…/dismissal" } "." }
            @for message in messages { (intake(message)) }
        }
    };
    frame("Held", Place::Held, Some(visitor), &body)
}

fn item(visitor: &Visitor, pair: &PairView, open: &RevocationView) -> Markup {
    html! {
        article.card.held aria-labelledby={ "held-" (open.id) } {
            h2 id={ "held-" (open.id) } {
                a href=(pair_path(&pair.cluster, &pair.uid)) { (shown(user_name(pair))) " in " (shown(cluster_name(pair))) }
                " " (status(pair.status))
            }
            (facts(pair, open))
            (decision(visitor, pair, open))
        }
    }
}

fn facts(pair: &PairView, open: &RevocationView) -> Markup {
    html! {
        dl.facts {
            div.wide { dt { "Waits because" } dd { (open.held_because.as_deref().map_or_else(nothing, shown)) } }
            div { dt { "Asked for by" } dd { (shown(&open.requested_by)) ", " (time::minute(open.requested_at)) } }
            div { dt { "Because" } dd { (trigger(&open.trigger))
                @if let Some(reason) = &open.reason { ": " (shown(reason)) } } }
            div { dt { "Account" } dd { (pair.account_kind.as_deref().map_or_else(nothing, shown)) ", "
                (account_state(pair.account_state.as_deref())) } }
            div { dt { "Expires" } dd { (pair.expires_at.map_or_else(nothing, time::day)) } }
            div { dt { "Access in 7 days" } dd { (check(pair.last_check.as_ref())) } }
        }
    }
}

/// The forms, for who may decide. The same rules as for the HTTP interface are asked again when one is sent.
pub(crate) fn decision(visitor: &Visitor, pair: &PairView, open: &RevocationView) -> Markup {
    if !visitor.may(Role::Approver) {
        return html! { p.hint { "Deciding takes the role approver; you are signed in as " (visitor.principal().role()) "." } };
    }
    let (id, who) = (&open.id, format!("{} in {}", user_name(pair), cluster_name(pair)));
    let who = crate::text::plain(&who);
    html! {
        details.decide {
            summary { "Decide" span.visually-hidden { " on " (who) } }
            form method="post" action={ "/held/" (id) "/approval" } {
                (form_token(visitor))
                input type="hidden" name="hold" value=(open.hold);
                label for={ "note-" (id) } { "Note for the history" span.none { " (optional)" } }
                textarea id={ "note-" (id) } name="note" rows="2" maxlength=(NOTE_MAX) {}
                p.hint { "Approving deletes the kubeconfig and its RBAC permissions, and cannot be undone. Rejecting ends the revocation; the access stays." }
                div.buttons {
                    button.danger type="submit" aria-label={ "Approve: end the access of " (who) } { "Approve: end the access" }
                    button type="submit" formaction={ "/held/" (id) "/rejection" } aria-label={ "Reject: keep the access of " (who) } { "Reject: keep the access" }
                }
            }
        }
    }
}

fn intake(message: &HeldIntakeView) -> Markup {
    html! {
        article.card.held aria-labelledby={ "message-" (message.id) } {
            h3 id={ "message-" (message.id) } { (shown(&message.name)) }
            dl.facts {
                div.wide { dt { "Waits because" } dd { (shown(&message.why)) } }
                div { dt { "Account type" } dd { (shown(&message.kind)) } }
                div { dt { "Deleted" } dd { (time::minute(message.deleted_at)) } }
                div { dt { "Heard of it" } dd { (time::minute(message.received_at)) } }
                div { dt { "May be" } dd {
                    @if message.candidates.is_empty() { (nothing()) }
                    @for uid in &message.candidates { a.id href=(identity_path(uid)) { (uid) } " " }
                } }
                div { dt { "Message" } dd { span.id { (message.id) } } }
            }
        }
    }
}

pub(crate) fn trigger(word: &str) -> &str {
    match word {
        "identityDeleted" => "the identity was deleted",
        "expired" => "the kubeconfig expired",
        "requested" => "a person asked",
        other => other,
    }
}
