//! Whom and what a name means. One that may mean several is answered with all of them, never guessed.

use ::chat::{Item, Reply};
use kubeconfig::{Bearer, ClusterId, Projection, Uid};

/// The identity that a person wrote: `uid:N`, a name, or a number. A number that is somebody's name, too, may mean
/// either.
pub(super) fn identity(projection: &Projection, written: &str) -> Result<Uid, Reply> {
    if let Some(digits) = written.strip_prefix("uid:") {
        return digits.parse().map_err(|_| Reply::line(format!("`{written}` has no uid: up to 20 digits")));
    }
    let number = written.parse::<Uid>().ok();
    let is_known = |uid: &Uid| {
        projection.identities.contains_key(uid) || projection.accesses.keys().any(|key| key.uid == *uid)
    };
    let bearers = match projection.directory.all_bearers(written) {
        Bearer::One(uid) => vec![uid],
        Bearer::Several(uids) => uids,
        Bearer::Nobody => vec![],
    };
    match Bearer::among(number.clone().filter(is_known).into_iter().chain(bearers)) {
        Bearer::One(uid) => Ok(uid),
        Bearer::Several(uids) => Err(choices(projection, written, &uids)),
        // A number is a uid also where nothing is known of it.
        Bearer::Nobody => number.ok_or_else(|| {
            Reply::line(format!("Nobody is known by the name {written}"))
                .with_text(["Names are those of RAM users and roles; a uid always works.".into()])
        }),
    }
}

fn choices(projection: &Projection, written: &str, uids: &[Uid]) -> Reply {
    let item = |uid: &Uid| match projection.identities.get(uid) {
        Some(identity) => Item::new(
            format!("uid:{uid}"),
            [format!("{}, {}, {}", identity.name, identity.kind, identity.state)],
        ),
        None => Item::new(format!("uid:{uid}"), []),
    };
    Reply::line(format!("{written} may mean {} identities", uids.len()))
        .with_text(["Ask again with the uid of the one that you mean.".into()])
        .with_items(uids.iter().map(item))
}

/// The cluster that a person wrote: its id, or its name where only one has it.
pub(super) fn cluster(projection: &Projection, written: &str) -> Result<ClusterId, Reply> {
    let named =
        projection.clusters.iter().filter(|(id, cluster)| id.as_str() == written || cluster.name == written);
    let named: Vec<_> = named.collect();
    match named.as_slice() {
        [(id, _)] => Ok((*id).clone()),
        [] => Err(Reply::line(format!("No cluster of the name or id {written} is known"))),
        several => {
            let item = |(id, cluster): &(&ClusterId, &kubeconfig::cluster::Cluster)| {
                Item::new(
                    id.to_string(),
                    [format!("{}, {}, {}", cluster.name, cluster.region, cluster.state)],
                )
            };
            Err(Reply::line(format!("{written} may mean {} clusters", several.len()))
                .with_text(["Ask again with the id of the one that you mean.".into()])
                .with_items(several.iter().map(item)))
        }
    }
}
