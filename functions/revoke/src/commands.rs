//! Asking for revocations.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use http_api::{Json, Operator, Parameters, Problem};
use kubeconfig::keyed::KeyedAnswer;
use kubeconfig::{ClusterId, Uid};
use revocation::views::RevocationOutcome;
use revocation::{Cause, Claimed, Clusters, Reaper, Request, TimeBudget};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::decisions::Words;
use crate::{budget, cause, example, status, to_the_end};

/// The longest idempotency key, in bytes, without the quotes that it may stand in.
const KEY_MAX: usize = 128;

/// Whose access is to end, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevocationRequest {
    /// Id of the user or role: up to 20 decimal digits, as a string.
    #[schema(value_type = String, pattern = "^[0-9]{1,20}$")]
    uid: Uid,
    /// Ids of clusters, or the word `all` for every cluster that the identity has, or had, access to.
    clusters: Wanted,
    /// Why, for the history. At most 1000 characters.
    #[schema(value_type = Option<String>, max_length = 1000)]
    reason: Option<Words>,
    /// Only says what would happen, and stores nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What became of each pair.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Outcomes {
    /// One for each cluster.
    outcomes: Vec<RevocationOutcome>,
}

/// Ask for revocations
///
/// Ends the access of one identity to one cluster, to several or to all. Each pair is read afresh, checked for use within
/// the last seven days and decided on by policy; the deletion is read back. Where policy wants a person to decide, the
/// outcome is `held`; where a rule forbids it, `refused` with the rule in `because`.
#[utoipa::path(
    post,
    path = "/v1/revocations",
    operation_id = "requestRevocations",
    tag = "revoke",
    security(("bearer" = ["operator"])),
    params((
        "Idempotency-Key" = Option<String>, Header, max_length = 128, example = "ticket-4711",
        description = "1 to 128 visible ASCII characters, also in quotes. For 30 days the key belongs to the request that \
            it first came with: the same request of the same caller is answered with the stored answer, and another one is \
            refused (422, `idempotency-key-reused`). While a pair is under way or failed, nothing is stored, and a repeat goes on \
            with the same revocations and says how far they are; so does one that comes at the same moment. `held` is an answer: \
            ask for the revocation to see what became of it. Dry runs have no key."
    )),
    request_body(content = RevocationRequest, example = json!(example::request())),
    responses(
        (status = 200, description = "Everything is over, or it was a dry run.", body = Outcomes,
            example = json!({ "outcomes": [example::confirmed()] })),
        (status = 202, description = "At least one revocation goes on: it waits for a person or for the next sweep.",
            body = Outcomes, example = json!({ "outcomes": [example::held()] })),
    )
)]
pub(crate) async fn revoke(
    Operator(principal): Operator,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Json(body): Json<RevocationRequest>,
) -> Result<(StatusCode, axum::Json<Value>), Problem> {
    parameters.finish(&[])?;
    let request = Request {
        uid: body.uid,
        clusters: body.clusters.0,
        reason: body.reason.map(Words::into_text),
        dry_run: body.dry_run,
        idempotency_key: None,
    };
    let key = idempotency_key.filter(|_| !request.dry_run).map(|key| {
        let fingerprint = fingerprint(&request, principal.name());
        revocation::IdempotencyKey { key, fingerprint }
    });
    let (cause, budget) = (cause(&principal), budget());
    let answer = to_the_end(async move { answer(&reaper, request, key, &cause, budget).await }).await?;
    let status = StatusCode::from_u16(answer.status)
        .map_err(|_| Problem::internal(format!("a stored answer has the status {}", answer.status)))?;
    Ok((status, axum::Json(answer.body)))
}

/// Carries a request out, once where it has a key.
async fn answer(
    reaper: &Reaper,
    mut request: Request,
    key: Option<revocation::IdempotencyKey>,
    cause: &Cause,
    budget: TimeBudget,
) -> Result<KeyedAnswer, Problem> {
    let stream = match &key {
        None => None,
        Some(key) => match reaper.claim_key(key, &request, cause).await? {
            Claimed::Answered(answer) => return Ok(answer),
            Claimed::Open { stream, key } => {
                request.idempotency_key = Some(key);
                Some(stream)
            }
        },
    };
    let outcomes = reaper.request(&request, cause, budget).await?;
    let status = if request.dry_run { StatusCode::OK } else { status(&outcomes) };
    let body = serde_json::to_value(Outcomes { outcomes: outcomes.clone() })
        .map_err(|error| Problem::internal(error.to_string()))?;
    let answer = KeyedAnswer { status: status.as_u16(), body };
    match stream {
        None => Ok(answer),
        Some(stream) => Ok(reaper.keep_answer(stream, &outcomes, answer, cause).await?),
    }
}

/// What a request is, whatever its JSON looks like.
fn fingerprint(request: &Request, principal: &str) -> String {
    let clusters = match &request.clusters {
        Clusters::All => json!("all"),
        Clusters::These(these) => json!(these),
    };
    let is = json!(["POST", "/v1/revocations", principal, request.uid, clusters, request.reason]);
    hex::encode(Sha256::digest(is.to_string()))
}

/// The clusters of a request.
#[derive(Debug)]
pub(crate) struct Wanted(Clusters);

impl<'de> Deserialize<'de> for Wanted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WantedVisitor).map(Self)
    }
}

struct WantedVisitor;

impl<'de> Visitor<'de> for WantedVisitor {
    type Value = Clusters;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of cluster ids, at least one, or \"all\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Clusters, E> {
        match text {
            "all" => Ok(Clusters::All),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Clusters, A::Error> {
        let mut clusters = BTreeSet::new();
        while let Some(cluster) = list.next_element::<ClusterId>()? {
            clusters.insert(cluster);
        }
        // Nobody means "none", and taking it for "all" would delete.
        if clusters.is_empty() {
            return Err(de::Error::invalid_length(0, &self));
        }
        Ok(Clusters::These(clusters))
    }
}

impl PartialSchema for Wanted {
    fn schema() -> RefOr<Schema> {
        let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]{1,128}$"));
        let these = ArrayBuilder::new().items(id).min_items(Some(1));
        let all = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["all"]));
        OneOfBuilder::new().item(these).item(all).into()
    }
}

impl ToSchema for Wanted {
    fn name() -> Cow<'static, str> {
        "WantedClusters".into()
    }
}

/// The header `Idempotency-Key`, if it is there.
pub(crate) struct IdempotencyKey(Option<String>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let refused =
            || Problem::parameter("Idempotency-Key", "given once, with 1 to 128 visible ASCII characters");
        let mut values = parts.headers.get_all("idempotency-key").iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(Self(None)),
            (Some(value), None) => {
                let text = value.to_str().map_err(|_| refused())?;
                // A string of structured fields (RFC 9651), as draft-ietf-httpapi-idempotency-key-header asks, or bare.
                let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                let text = quoted.unwrap_or(text);
                let visible = text.bytes().all(|b| b.is_ascii_graphic());
                let fits = visible && (1..=KEY_MAX).contains(&text.len());
                if fits { Ok(Self(Some(text.to_owned()))) } else { Err(refused()) }
            }
            (Some(_), Some(_)) => Err(refused()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_a_list_or_the_word_all() {
        let read = |value| serde_json::from_value::<Wanted>(value).map(|wanted| wanted.0);
        assert_eq!(read(json!("all")).unwrap(), Clusters::All);
        let twice = read(json!(["c2", "c1", "c2"])).unwrap();
        assert_eq!(twice, Clusters::These(BTreeSet::from(["c1".parse().unwrap(), "c2".parse().unwrap()])));
        for bad in
            [json!([]), json!("c1"), json!(""), json!(null), json!(1), json!({}), json!(["../x"]), json!([1])]
        {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
