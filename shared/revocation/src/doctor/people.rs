//! Who may ask and decide: whether there are enough of them, and who never does.

use std::collections::{BTreeMap, BTreeSet};

use chat::System;
use chat::people::Role;
use event_store::{EventStore, Filter, Order, StoreError};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::Recorded;

use super::Finding;
use crate::config::Config;

/// A history that is younger says nothing of habits.
const LONG_ENOUGH: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The most names that are looked up and shown.
const NAMES: usize = 20;

/// What entries of `api.tokens` and `api.oidc.roles` end with.
const APPROVER: &str = "approver";

/// Whether what is held finds somebody who may decide on it, and who is not the one who asked.
pub(super) fn approvers(config: &Config) -> Finding {
    const CHECK: &str = "approvers";
    let groups = approving_groups(config);
    let names = approving_names(config);
    let alone = names.first().filter(|_| names.len() == 1);
    match alone {
        _ if groups > 0 => Finding::ok(
            CHECK,
            format!(
                "{} names and the members of {groups} groups may approve; the issuer knows how many",
                names.len()
            ),
        ),
        None if names.is_empty() => Finding::warn(
            CHECK,
            "nobody may approve, over HTTP or in a chat: what is held waits for the command line",
        )
        .next("`reaper token NAME approver` makes a token for a person who decides"),
        Some(name) if config.policy.second_person => Finding::warn(
            CHECK,
            format!(
                "{name} alone may approve: what {name} asks for, by force or held, waits for the command line"
            ),
        )
        .next("let a second person approve, under a name of their own"),
        _ => Finding::ok(CHECK, format!("{} people may approve", names.len())),
    }
}

/// Through whichever door: somebody who has two has one name.
fn approving_names(config: &Config) -> BTreeSet<&str> {
    let tokens = tokens(config).filter(|(_, role)| *role == APPROVER).map(|(name, _)| name);
    let apps = [System::Slack, System::DingTalk, System::Feishu].map(|system| config.chat.app(system));
    let in_chats = apps.into_iter().filter(|app| !app.secrets.is_empty()).flat_map(|app| app.users);
    let in_chats = in_chats.filter(|person| person.role == Role::Approver).map(|person| person.name.as_str());
    tokens.chain(in_chats).collect()
}

fn approving_groups(config: &Config) -> usize {
    let oidc = &config.api.oidc;
    let roles = oidc.roles.iter().filter_map(|entry| Some(entry.rsplit_once(':')?.1.trim()));
    oidc.issuer.as_ref().map_or(0, |_| roles.filter(|role| *role == APPROVER).count())
}

/// Name and role of each token.
fn tokens(config: &Config) -> impl Iterator<Item = (&str, &str)> {
    config.api.tokens.iter().filter_map(|entry| {
        let mut parts = entry.split(':').map(str::trim);
        Some((parts.next()?, parts.next()?))
    })
}

/// Whether those whose tokens let them ask or decide ever did. What a viewer does leaves no trace: looking stores nothing.
pub(super) async fn unused(store: &dyn EventStore, config: &Config, now: Timestamp) -> Finding {
    const CHECK: &str = "tokens-used";
    let may_act: BTreeMap<&str, &str> = tokens(config).filter(|(_, role)| *role != "viewer").collect();
    if may_act.is_empty() {
        return Finding::skip(
            CHECK,
            "no token lets anybody ask or decide; what viewers look at is not stored",
        );
    }
    let idle = match idle(store, may_act.keys().copied().take(NAMES), now).await {
        Ok(Some(idle)) => idle,
        Ok(None) => {
            let days = LONG_ENOUGH.as_hours() / 24;
            return Finding::skip(
                CHECK,
                format!("the history is younger than {days} days and says nothing of habits"),
            );
        }
        Err(error) => return Finding::fail(CHECK, error.to_string()),
    };
    if idle.is_empty() {
        return Finding::ok(
            CHECK,
            format!("{} people have used theirs to ask or decide", may_act.len().min(NAMES)),
        );
    }
    let idle: Vec<String> = idle.into_iter().map(|name| format!("{name} ({})", may_act[name])).collect();
    Finding::warn(CHECK, format!("never used to ask for anything or decide: {}", idle.join(", "))).next(
        "take entries that nobody needs out of `api.tokens`, or make them viewers; looking leaves no trace",
    )
}

/// Which of these names nothing in the history was caused by. `None`: the history is too young to tell.
async fn idle<'a>(
    store: &dyn EventStore,
    names: impl Iterator<Item = &'a str>,
    now: Timestamp,
) -> Result<Option<Vec<&'a str>>, StoreError> {
    let first = store.query(&Filter::default(), Order::Oldest, None, 1).await?;
    let is_old = |first: &Recorded| now.duration_since(first.recorded_at) >= LONG_ENOUGH;
    if !first.events.first().is_some_and(is_old) {
        return Ok(None);
    }
    let mut idle = vec![];
    for name in names {
        let by = Filter { actors: vec![name.to_owned()], ..Filter::default() };
        if store.query(&by, Order::Newest, None, 1).await?.events.is_empty() {
            idle.push(name);
        }
    }
    Ok(Some(idle))
}
