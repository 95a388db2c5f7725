//! Answering a pasted file: whose it is, and the offer to end that access.

use std::collections::BTreeSet;

use ::chat::{Item, Reply, Role};
use jiff::Timestamp;
use kubeconfig::chat::{Inspection, PastedCertificate};
use kubeconfig::{ClusterId, Uid};

use super::show::Buttons;
use super::{Task, offer};
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::inspection::{Holding, Validity, pasted};
use crate::reaper::Reaper;
use crate::request::Clusters;

/// The reason that the history has.
const REASON: &str = "its kubeconfig has leaked";

/// What is answered to words that have a secret in them and are no `inspect`.
pub(super) const SECRET_IN_WORDS: &str = "There is a private key or a token in this. Nothing was done, and Reaper has kept \
     none of it; but this chat has: treat it as leaked. `inspect` says whose a certificate is; leave the private key out.";

const PRIVATE_KEY: &str = "This had a private key in it. Reaper has dropped it, but it stays in the history of this chat: \
     treat it as leaked, delete the message, and end the access.";

const CREDENTIAL: &str = "This had a token or a password in it. Reaper has dropped it, but it stays in the history of this \
     chat: treat it as leaked, delete the message, and replace it where it was issued.";

impl Reaper {
    pub(super) async fn inspected(
        &self,
        task: &Task,
        inspection: &Inspection,
        buttons: Buttons<'_>,
        budget: TimeBudget,
    ) -> Result<Reply, Error> {
        let seen = self.seen_by(task);
        let mut holdings = pasted::holdings(inspection, Timestamp::now());
        seen.look_up(&mut holdings).await?;
        let projection = seen.projection().await?;
        let name = |uid: &str| {
            let identity = uid.parse().ok().and_then(|uid: Uid| projection.identities.get(&uid));
            identity.map(|identity| identity.name.to_string()).filter(|name| !name.is_empty())
        };
        let items: Vec<Item> = holdings.iter().map(|holding| item(holding, name)).collect();
        let reply = Reply::line(title(inspection)).with_text(warnings(inspection)).with_items(items);
        match wanted(&inspection.certificates) {
            Wanted::Nothing => Ok(reply),
            Wanted::Several(words) => Ok(reply
                .with_text(["These are several people's. To end the access of one:".to_owned()])
                .with_text(words)),
            Wanted::One(..) if !buttons.may(Role::Operator) => {
                Ok(reply.with_text(["To end this access takes the role operator.".to_owned()]))
            }
            Wanted::One(uid, clusters) => {
                let wish = offer::Wish { uid, clusters, reason: Some(REASON.to_owned()) };
                match self.offer_wish(task, wish, buttons, budget).await {
                    Ok(preview) => Ok(joined(reply, preview)),
                    Err(error) => Ok(reply.with_text([format!("No revocation can be offered: {error}")])),
                }
            }
        }
    }
}

/// What was found above, what can be done about it below.
fn joined(mut reply: Reply, preview: Reply) -> Reply {
    reply.text.push(preview.title);
    reply.text.extend(preview.text);
    reply.items.extend(preview.items);
    reply.buttons = preview.buttons;
    reply
}

fn title(inspection: &Inspection) -> String {
    match inspection.certificates.len() {
        0 if inspection.others.is_empty() => {
            "No kubeconfig file and no certificate can be read in this".to_owned()
        }
        0 => "A kubeconfig file without a certificate".to_owned(),
        1 => "A certificate".to_owned(),
        number => format!("{number} certificates"),
    }
}

fn warnings(inspection: &Inspection) -> impl Iterator<Item = String> {
    let key = inspection.private_key.then_some(PRIVATE_KEY);
    let credential = inspection.credential.then_some(CREDENTIAL);
    key.into_iter().chain(credential).map(str::to_owned)
}

fn item(holding: &Holding, name: impl Fn(&str) -> Option<String>) -> Item {
    let Some(common_name) = &holding.common_name else { return Item::new(holding.holds.as_str(), []) };
    let whose = match &holding.uid {
        Some(uid) => match name(uid) {
            Some(name) => format!("{name} (uid:{uid})"),
            None => format!("uid:{uid}"),
        },
        None => "nobody of this account".to_owned(),
    };
    let cluster = holding.cluster.as_deref().unwrap_or("a cluster that it does not name");
    let mut lines = vec![format!("common name {common_name}, {}", holding.holds)];
    if let (Some(from), Some(to), Some(validity)) = (holding.not_before, holding.not_after, holding.validity)
    {
        let word = match validity {
            Validity::NotYetValid => "not yet valid",
            Validity::Valid => "valid",
            Validity::Expired => "expired",
        };
        lines.push(format!("{word}: {from} to {to}"));
    }
    lines.extend(holding.sha256.iter().map(|sha256| format!("SHA-256 {sha256}")));
    lines.extend(holding.status.iter().map(|status| format!("status {status}")));
    lines.extend(holding.listed.map(|listed| match listed {
        true => "the cloud lists it".to_owned(),
        false => "the cloud does not list it any more".to_owned(),
    }));
    Item::new(format!("{whose} on {cluster}"), lines)
}

/// What could be revoked.
enum Wanted {
    Nothing,
    One(Uid, Clusters),
    /// Commands that say the same, one for each identity.
    Several(Vec<String>),
}

fn wanted(certificates: &[PastedCertificate]) -> Wanted {
    let uids: BTreeSet<&Uid> = certificates.iter().filter_map(|found| found.uid.as_ref()).collect();
    let clusters = |uid: &Uid| -> Option<BTreeSet<ClusterId>> {
        let own = certificates.iter().filter(|found| found.uid.as_ref() == Some(uid));
        own.map(|found| found.cluster.clone()).collect()
    };
    match uids.iter().copied().collect::<Vec<_>>().as_slice() {
        [] => Wanted::Nothing,
        [uid] => Wanted::One((*uid).clone(), clusters(uid).map_or(Clusters::All, Clusters::These)),
        several => {
            let words = several.iter().flat_map(|uid| {
                let clusters = clusters(uid).map_or_else(
                    || vec!["all".to_owned()],
                    |clusters| clusters.iter().map(ToString::to_string).collect(),
                );
                clusters.into_iter().map(move |cluster| format!("revoke uid:{uid} {cluster} {REASON}"))
            });
            Wanted::Several(words.collect())
        }
    }
}
