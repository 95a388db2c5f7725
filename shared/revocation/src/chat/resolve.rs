//! Whom and what a name means. One that may mean several is answered with all of them, never guessed.

use ::chat::{Item, Reply};
use kubeconfig::query::{self, Choice, Unresolved};
use kubeconfig::{ClusterId, Projection, Uid};

/// The identity that a person wrote: `uid:N`, a name, or a number. A number that is somebody's name, too, may mean
/// either.
pub(super) fn identity(projection: &Projection, written: &str) -> Result<Uid, Reply> {
    if let Some(digits) = written.strip_prefix("uid:") {
        return digits.parse().map_err(|_| Reply::line(format!("`{written}` has no uid: up to 20 digits")));
    }
    query::identity(projection, written).map_err(|unresolved| choices(&unresolved))
}

/// What to answer to a name that does not lead to one thing.
pub(super) fn choices(unresolved: &Unresolved) -> Reply {
    let Unresolved { what, written, meant, choices } = unresolved;
    let item = |choice: &Choice| {
        let id = if *what == "identity" { format!("uid:{}", choice.id) } else { choice.id.clone() };
        Item::new(id, [choice.known.clone()])
    };
    let items = choices.iter().map(item);
    match (meant, *what) {
        (0, "identity") => Reply::line(format!("Nobody is known by the name {written}"))
            .with_text(["Names are those of RAM users and roles; a uid always works.".into()]),
        (0, what) => Reply::line(format!("No {what} of the name or id {written} is known")).with_items(items),
        (meant, what) => {
            let many = if what == "identity" { "identities" } else { "clusters" };
            Reply::line(format!("{written} may mean {meant} {many}"))
                .with_text(["Ask again with the id of the one that you mean.".into()])
                .with_items(items)
        }
    }
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
