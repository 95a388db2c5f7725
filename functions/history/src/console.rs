//! The console pages that show: each asks the history, and hands what it answers to the page.

use std::collections::BTreeMap;

use axum::extract::State;
use console::history::Asked;
use console::{Console, Moment, Page, Viewer, Visitor, cluster, held, identity, leftovers, overview, pair};
use event_store::{Cursor, Filter, Order};
use http_api::{Api, Parameter, Parameters, Problem};
use kubeconfig::{ClusterId, KubeconfigKey, Query, Uid};
use revocation::{Error, History};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::archive::Archive;
use crate::as_of::AsOf;
use crate::events::{LIMIT, Limit, Sequence};
use crate::export;
use crate::panels::known;

/// Events on the page of a pair, and on the first page.
const EVENTS: u32 = 200;
const LATEST: u32 = 8;

/// Adds the pages to the routes.
pub(crate) fn with_pages(api: Api, archive: Archive, console: &Console) -> Api {
    let pages = OpenApiRouter::default()
        .routes(routes!(first))
        .routes(routes!(all_clusters))
        .routes(routes!(one_cluster))
        .routes(routes!(all_identities))
        .routes(routes!(one_identity))
        .routes(routes!(one_pair))
        .routes(routes!(left_behind))
        .routes(routes!(waiting))
        .routes(routes!(search))
        .routes(routes!(export::download))
        .merge(console::entrance())
        .with_state(archive);
    api.with_pages(console.around(pages), console.problem_page())
}

/// The history as of the instant that a page is asked for, and its visitor, who looks at that instant.
async fn looking(
    archive: &Archive,
    visitor: Visitor,
    parameters: &mut Parameters,
) -> Result<(Visitor, History), Problem> {
    parameters.drop_empty();
    let AsOf { as_of, by } = AsOf::read(parameters)?;
    let history = archive.history_as_of(visitor.principal(), AsOf { as_of, by }).await?;
    let moment = as_of.map_or(Moment::Now, |at| Moment::At(at, by));
    Ok((visitor.at(moment), history))
}

/// How things stand
#[utoipa::path(get, path = "/", security(("session" = ["viewer"])), responses((status = 200, description = "The page.")))]
async fn first(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Page, Problem> {
    let (visitor, history) = looking(&archive, visitor, &mut parameters).await?;
    parameters.finish(&AsOf::NAMES)?;
    let (latest, ..) = history.recorded(&Filter::default(), Order::Newest, None, LATEST).await?;
    let facts = overview::Facts {
        overview: &history.overview().await?,
        pairs: &history.pairs(|_| true).await?,
        latest: &latest,
        sealed_at: history.sealed_at().await?,
        names: &*history.projection().await?,
        silence: history.silence().await?,
        now: history.now(),
    };
    Ok(overview::page(&visitor, &facts))
}

/// How often each occurs.
fn counted<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    keys.fold(BTreeMap::new(), |mut counts, key| {
        *counts.entry(key).or_default() += 1;
        counts
    })
}

/// All clusters
#[utoipa::path(get, path = "/clusters", security(("session" = ["viewer"])),
    responses((status = 200, description = "The page.")))]
async fn all_clusters(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Page, Problem> {
    let (visitor, history) = looking(&archive, visitor, &mut parameters).await?;
    parameters.finish(&AsOf::NAMES)?;
    let projection = history.projection().await?;
    let pairs = counted(projection.accesses.keys().map(|key| key.cluster.as_str()));
    let clusters = history.clusters().await?.into_iter().map(|panel| {
        let count = pairs.get(panel.cluster.as_str()).copied().unwrap_or_default();
        (panel, count)
    });
    Ok(cluster::list(&visitor, &clusters.collect::<Vec<_>>()))
}

/// Who holds a cluster's kubeconfig
#[utoipa::path(get, path = "/clusters/{cluster}", security(("session" = ["viewer"])),
    responses((status = 200, description = "The page.")))]
async fn one_cluster(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Page, Problem> {
    let (visitor, history) = looking(&archive, visitor, &mut parameters).await?;
    parameters.finish(&AsOf::NAMES)?;
    let id: ClusterId = parameters.path("cluster")?;
    let panel = known(history.cluster(&id).await?, history.nothing_of_cluster(&id)).await?;
    Ok(cluster::page(&visitor, &panel))
}

/// All identities
#[utoipa::path(get, path = "/identities", security(("session" = ["viewer"])),
    responses((status = 200, description = "The page.")))]
async fn all_identities(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Page, Problem> {
    let (visitor, history) = looking(&archive, visitor, &mut parameters).await?;
    parameters.finish(&AsOf::NAMES)?;
    let projection = history.projection().await?;
    let pairs = counted(projection.accesses.keys().map(|key| &key.uid));
    let identities = projection
        .identities
        .iter()
        .map(|(uid, identity)| (uid, identity, pairs.get(uid).copied().unwrap_or_default()));
    Ok(identity::list(&visitor, identities))
}

/// An identity's kubeconfigs
#[utoipa::path(get, path = "/identities/{uid}", security(("session" = ["viewer"])),
    responses((status = 200, description = "The page.")))]
async fn one_identity(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Page, Problem> {
    let (visitor, history) = looking(&archive, visitor, &mut parameters).await?;
    parameters.finish(&AsOf::NAMES)?;
    let uid: Uid = parameters.path("uid")?;
    let panel = known(history.identity(&uid).await?, history.nothing_of_identity(&uid)).await?;
    Ok(identity::page(&visitor, &panel))
}

/// One access, and why it stands as it does
#[utoipa::path(get, path = "/clusters/{cluster}/identities/{uid}", security(("session" = ["viewer"])),
    responses((status = 200, description = "The page.")))]
async fn one_pair(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Page, Problem> {
    let key = KubeconfigKey { cluster: parameters.path("cluster")?, uid: parameters.path("uid")? };
    let decided: Option<Decided> = parameters.one("decided")?;
    let (visitor, history) = looking(&archive, visitor, &mut parameters).await?;
    parameters.finish(&["decided", AsOf::NAMES[0], AsOf::NAMES[1]])?;
    let shown = known(history.pair(&key).await?, history.nothing_of_pair(&key)).await?;
    let filter = Filter {
        clusters: vec![key.cluster],
        uids: vec![key.uid],
        kinds: vec!["kubeconfig".to_owned()],
        ..Filter::default()
    };
    let (mut events, _, is_cut) = history.recorded(&filter, Order::Newest, None, EVENTS).await?;
    events.reverse();
    let decided = decided.map(|Decided(words)| words);
    let facts = pair::Facts { pair: &shown, events: &events, is_cut, decided, now: history.now() };
    Ok(pair::page(&visitor, &facts))
}

/// What deleted identities left behind
#[utoipa::path(get, path = "/leftovers", security(("session" = ["viewer"])),
    responses((status = 200, description = "The page.")))]
async fn left_behind(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Page, Problem> {
    let (visitor, history) = looking(&archive, visitor, &mut parameters).await?;
    parameters.finish(&AsOf::NAMES)?;
    Ok(leftovers::page(&visitor, &history.leftovers().await?, history.silence().await?))
}

/// What waits for a person
#[utoipa::path(get, path = "/held", security(("session" = ["viewer"])),
    responses((status = 200, description = "The page.")))]
async fn waiting(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    parameters: Parameters,
) -> Result<Page, Problem> {
    parameters.finish(&[])?;
    Ok(held::page(&visitor, &archive.history(visitor.principal()).await?.held().await?))
}

/// The history, searched
///
/// A query that cannot be read is told beside the form, which keeps it.
#[utoipa::path(get, path = "/history", security(("session" = ["viewer"])),
    responses((status = 200, description = "The page.")))]
async fn search(
    Viewer(visitor): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Page, Problem> {
    // A form sends the fields that were left empty, too.
    parameters.drop_empty();
    let written = parameters.one("q")?.map_or_else(String::new, |Written(text)| text);
    let order = parameters.one("order")?.map_or(Order::Newest, |Sequence(order)| order);
    let cursor: Option<Cursor> = parameters.one("cursor")?;
    let limit = parameters.one("limit")?.map_or(LIMIT, |Limit(limit)| limit);
    parameters.finish(&["q", "order", "cursor", "limit"])?;
    let history = archive.history(visitor.principal()).await?;
    let asked =
        Asked { query: &written, oldest_first: order == Order::Oldest, limit, is_later: cursor.is_some() };
    let found = match written.parse::<Query>() {
        Ok(query) => history.search(&query, order, cursor.as_ref(), limit).await,
        Err(error) => return Ok(console::history::misread(&visitor, &asked, &error)),
    };
    match found {
        Ok(found) => {
            let next = found.more.then(|| found.end.to_string());
            let names = history.projection().await?;
            Ok(console::history::page(&visitor, &asked, &found.events, next.as_deref(), &names))
        }
        Err(Error::Unresolved(unresolved)) => Ok(console::history::misread(&visitor, &asked, &unresolved)),
        Err(error) => Err(error.into()),
    }
}

/// A query as it was written.
struct Written(String);

impl Parameter for Written {
    const EXPECTED: &'static str = "a query";

    fn read(text: &str) -> Option<Self> {
        Some(Self(text.trim().to_owned()))
    }
}

/// What became of a decision, in words of ours: an address cannot put others on the page.
struct Decided(&'static str);

impl Parameter for Decided {
    const EXPECTED: &'static str = "the outcome of a decision";

    fn read(text: &str) -> Option<Self> {
        held::outcome_words(text).map(Self)
    }
}
