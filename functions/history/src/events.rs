//! The events behind the panels.

use axum::Json;
use axum::extract::State;
use event_store::{Cursor, MAX_INDEXED_BYTES, MAX_PAGE, MAX_VALUES, Order};
use http_api::{Parameter, Parameters, Problem, ProblemType, Viewer};
use kubeconfig::query::{Condition, Kind, Point, QueryError, Term};
use kubeconfig::{ClusterId, Query, Uid};
use revocation::EventPage;
use serde::Serialize;
use utoipa::ToSchema;

use crate::archive::Archive;
use crate::example;

/// Events on a page if nothing is said.
pub(crate) const LIMIT: u32 = 100;

/// The parameters that a query is made of.
const TERMS: [&str; 10] =
    ["q", "cluster", "uid", "actor", "type", "kind", "revocation", "correlation", "since", "until"];

/// Search the history
///
/// `q` is a query in the language of all of Reaper's interfaces: terms `key:value` and free texts, with spaces between; several
/// values of one key mean "or", everything else "and"; `-` before a term negates it; values with spaces stand in quotes. Keys
/// are cluster, uid (both also by name), actor, type, status, channel, kind, revocation, correlation, causation, id, stream,
/// principal, source, since, until, recorded and occurred; times are days, RFC 3339, or how long ago (7d). since, until and
/// recorded are about when an event was stored, occurred about when it happened. The other parameters are the same as the terms
/// of their names. Without any it is the whole log.
///
/// `next` asks for what follows, as `cursor` of the same question; it is absent at the end. A page may have few events, or none,
/// and a next one all the same: an answer looks at a bounded number of events.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "searchEvents",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(
        ("q" = Option<String>, Query, description = "A query.",
            example = "uid:alice type:RevocationHeld -channel:timer since:7d"),
        ("cluster" = Option<String>, Query, description = "About this cluster.",
            example = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
        ("uid" = Option<String>, Query, description = "About this identity.", example = "200000000000000101"),
        ("actor" = Option<String>, Query, description = "Caused by the person, token or channel of this name.",
            example = "chatbot"),
        ("type" = Option<Vec<String>>, Query, description = "Of one of these types: repeated, or separated by commas.",
            example = json!(["RevocationRequested", "RevocationConfirmed"])),
        ("kind" = Option<String>, Query, description = "In streams of this kind: kubeconfig, identity, cluster, intake \
            or run.", example = "kubeconfig"),
        ("revocation" = Option<String>, Query, format = "uuid", description = "Of this revocation.",
            example = "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11"),
        ("correlation" = Option<String>, Query, format = "uuid", description = "Following from this cause.",
            example = "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a22"),
        ("since" = Option<String>, Query, format = "date-time", description = "Stored at this time or later.",
            example = "2026-11-01T00:00:00Z"),
        ("until" = Option<String>, Query, format = "date-time", description = "Stored before this time.",
            example = "2026-12-01T00:00:00Z"),
        ("order" = Option<String>, Query, description = "newest (default) or oldest first.", example = "oldest"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before.",
            example = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Events on a page, 100 if not given; \
            a page may have fewer.", example = 50),
    ),
    responses((status = 200, description = "CloudEvents 1.0.", body = EventPage, example = json!(example::events())))
)]
pub(crate) async fn events(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<EventPage>, Problem> {
    let query = query(&mut parameters)?;
    let order = parameters.one("order")?.map_or(Order::Newest, |Sequence(order)| order);
    let cursor: Option<Cursor> = parameters.one("cursor")?;
    let limit = parameters.one("limit")?.map_or(LIMIT, |Limit(limit)| limit);
    parameters.finish(&[&TERMS[..], &["order", "cursor", "limit"]].concat())?;
    Ok(Json(archive.history(&principal).await?.events(&query, order, cursor.as_ref(), limit).await?))
}

/// Count events
///
/// Counting reads what it counts. An answer looks at 50,000 events at the most; where there are more, `next` is the `cursor`
/// of the call that goes on, and the counts of all calls add up.
#[utoipa::path(
    get,
    path = "/v1/events/count",
    operation_id = "countEvents",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(
        ("q" = Option<String>, Query, description = "A query, as in `/v1/events`.",
            example = "type:RevocationConfirmed recorded:2026-01-01..2026-02-01"),
        ("cursor" = Option<String>, Query, description = "`next` of the answer before.",
            example = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ),
    responses((status = 200, description = "The count, or a part of it.", body = EventCount,
        example = json!({ "count": 42 })))
)]
pub(crate) async fn count(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<EventCount>, Problem> {
    let query = written(&mut parameters)?;
    let cursor: Option<Cursor> = parameters.one("cursor")?;
    parameters.finish(&["q", "cursor"])?;
    let history = archive.history(&principal).await?;
    let counted = history.count(&history.question(&query).await?, cursor.as_ref()).await?;
    Ok(Json(EventCount { count: counted.count, next: counted.next.map(|next| next.to_string()) }))
}

/// How many events there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventCount {
    /// Events that this call found.
    count: u64,
    /// Asks for the count of what follows; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The query in `q`, and what else is asked for by parameters of their own.
fn query(parameters: &mut Parameters) -> Result<Query, Problem> {
    let query = written(parameters)?;
    let cluster: Option<ClusterId> = parameters.one("cluster")?;
    let uid: Option<Uid> = parameters.one("uid")?;
    let types = types(&parameters.many("type"))?.into_iter().map(Condition::Type);
    let at = |at| Point::At(at);
    let conditions = [
        cluster.map(|id| Condition::Cluster(id.into())),
        uid.map(|uid| Condition::Uid(uid.into())),
        parameters.one("actor")?.map(|Name(name)| Condition::Actor(name)),
        parameters.one("kind")?.map(|KindWord(kind)| Condition::Kind(kind)),
        parameters.one("revocation")?.map(Condition::Revocation),
        parameters.one("correlation")?.map(Condition::Correlation),
        parameters.one("since")?.map(at).map(Condition::Since),
        parameters.one("until")?.map(at).map(Condition::Until),
    ];
    Ok(query.and(conditions.into_iter().flatten().chain(types).map(Term::from)))
}

/// The query in `q`. Without it, everything is asked for.
pub(crate) fn written(parameters: &mut Parameters) -> Result<Query, Problem> {
    match parameters.many("q").as_slice() {
        [] => Ok(Query::default()),
        [text] => text.parse().map_err(|error: QueryError| {
            Problem::new(ProblemType::InvalidParameter, format!("`q`, {error}"))
                .with("parameter", "q")
                .with("column", error.column())
                .with("expected", error.expected())
        }),
        _ => Err(Problem::parameter("q", "given once")),
    }
}

/// Types are not checked against those of today: a newer version may have stored others.
fn types(values: &[String]) -> Result<Vec<String>, Problem> {
    let types: Vec<String> = values.iter().flat_map(|value| value.split(',')).map(str::to_owned).collect();
    let fits =
        |name: &String| (1..=100).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if types.len() <= MAX_VALUES && types.iter().all(fits) {
        return Ok(types);
    }
    Err(Problem::parameter(
        "type",
        &format!("up to {MAX_VALUES} names of event types, e.g. RevocationConfirmed"),
    ))
}

struct KindWord(Kind);

impl Parameter for KindWord {
    const EXPECTED: &'static str = "one of kubeconfig, identity, cluster, intake, run";

    fn read(text: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text).map(Self)
    }
}

struct Name(String);

impl Parameter for Name {
    const EXPECTED: &'static str = "a name of 1 to 1000 bytes without control characters";

    fn read(text: &str) -> Option<Self> {
        let fits = (1..=MAX_INDEXED_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }
}

pub(crate) struct Sequence(pub(crate) Order);

impl Parameter for Sequence {
    const EXPECTED: &'static str = "newest or oldest";

    fn read(text: &str) -> Option<Self> {
        match text {
            "newest" => Some(Self(Order::Newest)),
            "oldest" => Some(Self(Order::Oldest)),
            _ => None,
        }
    }
}

pub(crate) struct Limit(pub(crate) u32);

impl Parameter for Limit {
    const EXPECTED: &'static str = "a number from 1 to 1000";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit)).map(Self)
    }
}
