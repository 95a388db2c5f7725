//! What pairs and outcomes look like in an answer.

use ::chat::reply::{Press, Style};
use ::chat::{Button, Choice, Item, Person, Role, Secrets, System};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::access::Status;
use uuid::Uuid;

use crate::config::ChatApp;
use crate::views::{CheckView, Outcome, PairView, RevocationOutcome, RevocationView};

/// How long an offer can be answered.
const OFFER: SignedDuration = SignedDuration::from_mins(15);

/// How long a hold can be answered with its button. What it answers is the hold that was seen, however late.
const DECISION: SignedDuration = SignedDuration::from_hours(24);

/// What buttons are made with.
#[derive(Clone, Copy)]
pub(super) struct Buttons<'a> {
    pub(super) app: ChatApp<'a>,
    pub(super) system: System,
    pub(super) person: &'a Person,
}

impl Buttons<'_> {
    /// A button of an offer.
    pub(super) fn of_offer(&self, choice: Choice, offer: Uuid, label: String) -> Option<Press> {
        self.make(Button { choice, subject: offer, hold: 0, until: later(OFFER) }, label)
    }

    /// The buttons of a hold. Who sees them may press them if their own role allows it.
    pub(super) fn of_hold(&self, revocation: &RevocationView) -> Vec<Press> {
        let Ok(subject) = Uuid::try_parse(&revocation.id) else { return vec![] };
        on_hold(self.system, self.app.secrets, subject, revocation.hold, DECISION)
    }

    pub(super) fn may(&self, role: Role) -> bool {
        self.person.role >= role
    }

    fn make(&self, button: Button, label: String) -> Option<Press> {
        press(button, label, self.system, &self.person.name, self.app.secrets)
    }
}

/// The buttons of a hold, for everybody whose role allows them to press.
pub(crate) fn on_hold(
    system: System,
    secrets: &Secrets,
    revocation: Uuid,
    hold: u32,
    lasting: SignedDuration,
) -> Vec<Press> {
    let button = |choice| Button { choice, subject: revocation, hold, until: later(lasting) };
    [(Choice::Approve, "Approve"), (Choice::Reject, "Reject")]
        .into_iter()
        .filter_map(|(choice, label)| press(button(choice), label.into(), system, "", secrets))
        .collect()
}

fn press(button: Button, label: String, system: System, person: &str, secrets: &Secrets) -> Option<Press> {
    let value = button.value(system, person, secrets)?;
    let style = match button.choice {
        Choice::Confirm | Choice::Request | Choice::Approve => Style::Danger,
        Choice::Cancel | Choice::Reject => Style::Plain,
    };
    Some(Press { label, value, style })
}

/// No clock of ours comes near the end of time.
fn later(by: SignedDuration) -> Timestamp {
    Timestamp::now().checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Who it is.
pub(super) fn holder(pair: &PairView) -> String {
    match &pair.name {
        Some(name) => format!("{name} (uid:{})", pair.uid),
        None => format!("uid:{}", pair.uid),
    }
}

/// A pair under the name of its cluster.
pub(super) fn of_cluster(pair: &PairView) -> Item {
    let head = match &pair.cluster_name {
        Some(name) => format!("{name} ({}): {}", pair.cluster, status(pair.status)),
        None => format!("{}: {}", pair.cluster, status(pair.status)),
    };
    Item::new(head, facts(pair))
}

/// The same with who holds it.
pub(super) fn of_both(pair: &PairView) -> Item {
    let item = of_cluster(pair);
    Item { head: format!("{} on {}", holder(pair), item.head), ..item }
}

/// What a preview or a revocation says about a pair.
pub(super) fn of_outcome(outcome: &RevocationOutcome) -> Item {
    let mut item = of_cluster(&outcome.pair);
    if let Some(check) = &outcome.check {
        item.lines.retain(|line| !line.starts_with(LAST_ACCESS));
        item.lines.push(last_access(check));
    }
    let because = outcome.because.as_ref().map(|because| format!(": {}", because.text)).unwrap_or_default();
    item.lines.push(format!("{}{because}", word(outcome.outcome)));
    if let Some(id) = &outcome.revocation {
        item.lines.push(format!("revocation {id}"));
    }
    item
}

const LAST_ACCESS: &str = "last seven days: ";

fn facts(pair: &PairView) -> Vec<String> {
    let mut lines = vec![];
    if let Some(at) = pair.expires_at {
        lines.push(format!(
            "certificate {} {}",
            if at < Timestamp::now() { "expired" } else { "expires" },
            day(at)
        ));
    }
    if let Some(check) = &pair.last_check {
        lines.push(last_access(check));
    }
    if let Some(open) = &pair.open_revocation {
        let because = open.held_because.as_ref().map(|text| format!(", {text}")).unwrap_or_default();
        lines.push(format!("revocation {} of {}: {}{because}", open.id, open.requested_by, open.phase));
    }
    if let Some(refused) = &pair.refused {
        lines.push(format!("refused: {}", refused.text));
    }
    lines
}

fn last_access(check: &CheckView) -> String {
    match (check.result.as_str(), check.last_access, &check.cause) {
        ("NoRecords", ..) => format!("{LAST_ACCESS}not used"),
        ("RecordsFound", Some(at), _) => format!("{LAST_ACCESS}used, last at {at}"),
        ("RecordsFound", None, _) => format!("{LAST_ACCESS}used"),
        (_, _, Some(cause)) => format!("{LAST_ACCESS}not known, {cause}"),
        _ => format!("{LAST_ACCESS}not known"),
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::EffectiveResidualRbac => "Effective (kubeconfig deleted, RBAC permissions left)",
        other => other.as_str(),
    }
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::WouldRevoke => "would be revoked",
        Outcome::WouldHold => "would wait for another person's approval",
        Outcome::WouldLeave => "would be left: policy says so",
        Outcome::Confirmed => "revoked, and read back: nothing is left",
        Outcome::Held => "waits for another person's approval",
        Outcome::UnderWay => "under way; the next sweep goes on",
        other => other.as_str(),
    }
}

fn day(at: Timestamp) -> String {
    // A certificate's last day is what people ask for, not its second.
    at.strftime("%Y-%m-%d").to_string()
}
