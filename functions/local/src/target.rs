//! What was named on the command line. Whoever looks may write a name that belongs to one alone; what is to be changed is named
//! by its id only. Names are reused, so there a name is never taken for an identity; it earns a hint.

use std::str::FromStr;

use kubeconfig::{ClusterId, IdError, Projection, Uid};
use revocation::History;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;

/// Clusters that an error lists.
const LISTED: usize = 8;

/// An identity.
///
/// # Errors
/// It is not a number; says whose name it is, if somebody's.
pub(crate) async fn uid(text: &str, history: &History) -> Result<Uid, Failure> {
    let error = match text.parse() {
        Ok(uid) => return Ok(uid),
        Err(error) => Failure::new(Exit::Usage, format!("{error}")).not_done("nothing was asked for"),
    };
    // The hint is worth a look into the store, and no further error.
    let Ok(projection) = history.projection().await else { return Err(error) };
    let named = projection.identities.iter().filter(|(_, identity)| identity.name.known() == Some(text));
    let bearers: Vec<String> =
        named.map(|(uid, identity)| format!("{uid} ({}, {})", identity.kind, identity.state)).collect();
    Err(match bearers.as_slice() {
        [] => error.next("name the identity by its number; `reaper status` lists all that are known"),
        bearers => error.next(format!("the name is borne by {}", bearers.join(" and "))),
    })
}

/// A revocation or a message that waits for a person.
///
/// # Errors
/// It cannot be an id.
pub(crate) fn waiting<T: FromStr<Err = IdError>>(id: &str) -> Result<T, Failure> {
    id.parse().map_err(|error: IdError| {
        Failure::new(Exit::Usage, error.to_string())
            .not_done("nothing was changed")
            .next("`reaper status --held -o wide` lists the ids of what waits")
    })
}

/// An identity to look at, by number or by a name that it alone bears or bore.
///
/// # Errors
/// Nobody is known by the name, or several are.
pub(crate) async fn known_identity(text: &str, history: &History) -> Result<Uid, Failure> {
    if let Ok(uid) = text.parse() {
        return Ok(uid);
    }
    match kubeconfig::query::identity(&*history.projection().await?, text) {
        Ok(uid) => Ok(uid),
        Err(unresolved) => Err(because_silent(revocation::Error::from(unresolved).into(), history).await?),
    }
}

/// A failure to find something, where the history says nothing yet, or said nothing then: with the reason.
async fn because_silent(failure: Failure, history: &History) -> Result<Failure, Failure> {
    Ok(match history.silence().await? {
        Some(silence) => failure.next(output::silence(silence)),
        None => failure,
    })
}

/// A cluster that is known, by id or name.
///
/// # Errors
/// There is none, or more than one of that name.
pub(crate) async fn known_cluster(text: &str, history: &History) -> Result<ClusterId, Failure> {
    let projection = history.projection().await?;
    let by_id = text.parse().ok().filter(|id| is_known(&projection, id));
    match (by_id, of_name(&projection, text).as_slice()) {
        (Some(id), _) => Ok(id),
        (None, [id]) => Ok(id.clone()),
        (None, []) => {
            let failure = Failure::new(Exit::NotFound, format!("no cluster `{text}` is known"))
                .not_done("nothing was read")
                .next(known(&projection));
            Err(because_silent(failure, history).await?)
        }
        (None, several) => {
            Err(Failure::new(Exit::Usage, format!("{} clusters are named `{text}`", several.len()))
                .not_done("nothing was read")
                .next(format!("name one by its id: {}", join(several.iter()))))
        }
    }
}

/// A cluster by id, known or not: what is to be changed is named exactly.
///
/// # Errors
/// It cannot be an id, or it is the name of a known cluster.
pub(crate) async fn cluster_id(text: &str, history: &History) -> Result<ClusterId, Failure> {
    let wrong = |what: String| Failure::new(Exit::Usage, what).not_done("nothing was asked for");
    let id: ClusterId = text.parse().map_err(|error| wrong(format!("{error}")))?;
    let projection = history.projection().await?;
    match of_name(&projection, text).as_slice() {
        [] => Ok(id),
        _ if is_known(&projection, &id) => Ok(id),
        named => Err(wrong(format!("`{text}` is the name of a cluster, not its id"))
            .next(format!("name it by its id: {}", join(named.iter())))),
    }
}

fn is_known(projection: &Projection, id: &ClusterId) -> bool {
    projection.clusters.contains_key(id) || projection.accesses.keys().any(|key| key.cluster == *id)
}

fn of_name(projection: &Projection, name: &str) -> Vec<ClusterId> {
    let named = projection.clusters.iter().filter(|(_, cluster)| cluster.name == name);
    named.map(|(id, _)| id.clone()).collect()
}

fn known(projection: &Projection) -> String {
    match projection.clusters.len() {
        0 => "no cluster is known at all".to_owned(),
        count if count > LISTED => "`reaper status` lists the known clusters".to_owned(),
        _ => {
            let clusters = projection.clusters.iter();
            let known: Vec<String> =
                clusters.map(|(id, cluster)| format!("{} ({id})", cluster.name)).collect();
            format!("known clusters are {}", known.join(", "))
        }
    }
}

fn join<'a>(ids: impl Iterator<Item = &'a ClusterId>) -> String {
    ids.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
