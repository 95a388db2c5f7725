//! The events behind the panels.

use axum::Json;
use axum::extract::State;
use event_store::{Cursor, Filter, MAX_INDEXED_BYTES, MAX_PAGE, MAX_TYPES, Order};
use http_api::{Parameter, Parameters, Problem, Viewer};
use revocation::EventPage;

use crate::archive::Archive;
use crate::example;

/// Events on a page if nothing is said.
const LIMIT: u32 = 100;

/// The parameters that there are.
const KNOWN: [&str; 12] = [
    "cluster",
    "uid",
    "actor",
    "type",
    "kind",
    "revocation",
    "correlation",
    "since",
    "until",
    "order",
    "cursor",
    "limit",
];

/// Search the history
///
/// All conditions have to hold. Without any it is the whole log. `next` asks for what follows, as `cursor` of the same
/// question; it is absent at the end.
#[utoipa::path(
    get,
    path = "/v1/events",
    operation_id = "searchEvents",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(
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
    parameters: Parameters,
) -> Result<Json<EventPage>, Problem> {
    let Question { filter, order, cursor, limit } = Question::read(parameters)?;
    Ok(Json(archive.history(&principal).await?.events(&filter, order, cursor.as_ref(), limit).await?))
}

struct Question {
    filter: Filter,
    order: Order,
    cursor: Option<Cursor>,
    limit: u32,
}

impl Question {
    fn read(mut parameters: Parameters) -> Result<Self, Problem> {
        let question = Self {
            filter: Filter {
                cluster: parameters.one("cluster")?,
                uid: parameters.one("uid")?,
                actor: parameters.one("actor")?.map(|Name(name)| name),
                types: types(&parameters.many("type"))?,
                kind: parameters.one("kind")?.map(|Kind(kind)| kind),
                revocation: parameters.one("revocation")?,
                correlation: parameters.one("correlation")?,
                since: parameters.one("since")?,
                until: parameters.one("until")?,
            },
            order: parameters.one("order")?.map_or(Order::Newest, |Sequence(order)| order),
            cursor: parameters.one("cursor")?,
            limit: parameters.one("limit")?.map_or(LIMIT, |Limit(limit)| limit),
        };
        parameters.finish(&KNOWN)?;
        Ok(question)
    }
}

/// Types are not checked against those of today: a newer version may have stored others.
fn types(values: &[String]) -> Result<Vec<String>, Problem> {
    let types: Vec<String> = values.iter().flat_map(|value| value.split(',')).map(str::to_owned).collect();
    let fits =
        |name: &String| (1..=100).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if types.len() <= MAX_TYPES && types.iter().all(fits) {
        return Ok(types);
    }
    Err(Problem::parameter(
        "type",
        &format!("up to {MAX_TYPES} names of event types, e.g. RevocationConfirmed"),
    ))
}

struct Kind(String);

impl Parameter for Kind {
    const EXPECTED: &'static str = "one of kubeconfig, identity, cluster, intake, run";

    fn read(text: &str) -> Option<Self> {
        let known = ["kubeconfig", "identity", "cluster", "intake", "run"].contains(&text);
        known.then(|| Self(text.to_owned()))
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

struct Sequence(Order);

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

struct Limit(u32);

impl Parameter for Limit {
    const EXPECTED: &'static str = "a number from 1 to 1000";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|limit| (1..=MAX_PAGE).contains(limit)).map(Self)
    }
}
