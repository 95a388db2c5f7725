//! Every route, every role, and things within and out of the caller's scope. A route that has no case here fails.

use axum::http::{Method, StatusCode};
use revocation::Config;
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::{ALICE, ANNA, Answer, BATCH, BOB, DEV, OLGA, PROD, VERA, World, request};

/// A role that was deleted, and left something in two clusters, of which prod is none.
const LEGACY_CI: &str = "300000000000000203";

/// Routes of the document that no case asks. It stays empty: who adds a route says here what lies within and out of a
/// scope there.
const ROUTES_WITHOUT_A_CASE: [&str; 0] = [];

/// What a route answers to somebody who has bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// The same as to everybody: it is about nothing that anybody has access to.
    Public,
    /// What the signature of a chat system lets through: `chat_scopes` has the people behind it.
    Signed,
    /// What lies within, and of what lies out of it the same as of what does not exist.
    Bounded,
    /// Nothing: it is about everybody.
    Closed,
    /// The same as to everybody: it tells of nobody.
    Same,
}

fn case(route: &str) -> Option<Case> {
    Some(match route {
        "GET /healthz" | "GET /openapi.json" => Case::Public,
        "POST /v1/chat/continuations"
        | "POST /v1/chat/dingtalk"
        | "POST /v1/chat/feishu"
        | "POST /v1/chat/feishu/card"
        | "POST /v1/chat/slack/actions"
        | "POST /v1/chat/slack/commands" => Case::Signed,
        "GET /v1/clusters"
        | "GET /v1/clusters/{cluster}"
        | "GET /v1/events"
        | "GET /v1/events/count"
        | "GET /v1/events/export"
        | "GET /v1/held"
        | "GET /v1/identities/{uid}"
        | "GET /v1/kubeconfigs"
        | "GET /v1/kubeconfigs/{cluster}/{uid}"
        | "GET /v1/kubeconfigs/{cluster}/{uid}/why"
        | "GET /v1/leftovers"
        | "GET /v1/metrics/time-to-revoke"
        | "GET /v1/overview"
        | "POST /v1/inspections"
        | "POST /v1/revocations"
        | "POST /v1/revocations/{revocation}/approval"
        | "POST /v1/revocations/{revocation}/rejection" => Case::Bounded,
        "POST /v1/events"
        | "POST /v1/messages/{message}/dismissal"
        | "POST /v1/messages/{message}/resolution" => Case::Closed,
        "GET /v1/checkpoint" => Case::Same,
        _ => return None,
    })
}

/// Ids to ask about: of things within the scope, of things out of it, or of nothing.
#[derive(Debug, Clone)]
struct Place {
    cluster: String,
    uid: String,
    revocation: String,
    message: String,
}

impl Place {
    fn nowhere() -> Self {
        let id = "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11";
        Self {
            // Of the form that the cloud's ids have: anything else may be a name.
            cluster: "c0000000000000000000000000000dead".into(),
            uid: "299999999999999999".into(),
            revocation: id.into(),
            message: id.into(),
        }
    }

    /// The path with these ids; where a route filters, they are the filter.
    fn path(&self, route: &str) -> String {
        let path = route.split_once(' ').unwrap().1;
        let path = path
            .replace("{cluster}", &self.cluster)
            .replace("{uid}", &self.uid)
            .replace("{revocation}", &self.revocation)
            .replace("{message}", &self.message);
        match route {
            "GET /v1/events" | "GET /v1/kubeconfigs" => {
                format!("{path}?cluster={}&uid={}", self.cluster, self.uid)
            }
            "GET /v1/events/count" | "GET /v1/events/export" => {
                format!("{path}?q=cluster:{}%20uid:{}", self.cluster, self.uid)
            }
            _ => path,
        }
    }

    fn body(&self, route: &str) -> Option<String> {
        let body = match route.rsplit('/').next().unwrap() {
            _ if route.starts_with("GET") => return None,
            // What is known of a pair is bounded: `inspections` has the files that belong to one.
            "inspections" => {
                return Some(
                    "contexts: [{name: a, context: {user: u}}]\nusers: [{name: u, user: {token: t}}]".into(),
                );
            }
            "revocations" => json!({ "uid": self.uid, "clusters": [self.cluster] }),
            "resolution" => json!({ "uid": self.uid }),
            "dismissal" => json!({ "note": "a test" }),
            _ => json!({}),
        };
        Some(body.to_string())
    }

    /// An answer without the ids that were asked about.
    fn freed(&self, answer: &Answer) -> String {
        let mut body = answer.body.clone();
        if let Some(members) = body.as_object_mut() {
            members.remove("instance");
        }
        [&self.cluster, &self.uid, &self.revocation, &self.message]
            .into_iter()
            .fold(format!("{} {body}", answer.status), |text, id| text.replace(id.as_str(), "…"))
    }
}

/// Callers with bounds, a token for each role.
const BOUNDS: [(&str, &str); 2] =
    [("in-prod", "cluster:c0a1b2c3d4e5f60718293a4b5c6d7e8f9"), ("of-bob", "uid:200000000000000102")];
const ROLES: [&str; 3] = ["viewer", "operator", "approver"];

/// The token of a role with bounds, or without where `bound` is empty.
fn token(bound: &str, role: &str) -> String {
    match (bound, role) {
        ("", "viewer") => VERA.into(),
        ("", "operator") => OLGA.into(),
        ("", _) => ANNA.into(),
        _ => format!("token-{bound}-{role}"),
    }
}

/// Each bound for each role, and the pair (prod, bob) within all of them.
fn config() -> Config {
    let mut config = Config::default();
    for (bound, scope) in BOUNDS {
        for role in ROLES {
            let digest = hex::encode(Sha256::digest(token(bound, role)));
            config.api.tokens.push(format!("{bound}-{role}:{role}:{digest}"));
            config.access.scopes.push(format!("{bound}-{role}:{scope}").parse().unwrap());
        }
    }
    config
}

/// A world with something held within the scope, something out of it, and a message that waits for a person.
async fn world() -> (World, Place, Place) {
    let world = World::with_config(config()).await;
    world.look().await;
    let message = json!({
        "specversion": "1.0", "id": "e1", "source": "acs.ram", "type": "ram:ActionTrail:ApiCall",
        "time": "2026-11-01T09:30:00Z",
        "data": {
            "eventId": "e1", "eventName": "DeleteUser", "serviceName": "Ram", "eventTime": "2026-11-01T09:30:00Z",
            "requestParameters": { "UserName": "nobody" },
        },
    });
    let taken = world.post("/v1/events", OLGA, &message).await;
    let message = taken.body["receipts"][0]["intake"].as_str().unwrap().to_owned();
    let mut places = vec![];
    for (cluster, uid) in [(PROD, BOB), (DEV, LEGACY_CI)] {
        // bob used his within the week, and dev has no audit log: both wait for a person.
        let asked = world.revoke(uid, &[cluster]).await;
        assert_eq!(asked.outcomes(), ["held"], "{}", asked.body);
        let revocation = asked.body["outcomes"][0]["revocation"].as_str().unwrap().to_owned();
        places.push(Place { cluster: cluster.into(), uid: uid.into(), revocation, message: message.clone() });
    }
    let outside = places.pop().unwrap();
    (world, places.pop().unwrap(), outside)
}

/// Every route with the role that it needs; absent where it takes no token.
fn routes(document: &Value) -> Vec<(String, Option<String>)> {
    let mut routes = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let role = operation.pointer("/security/0/bearer/0").and_then(Value::as_str);
            routes.push((format!("{} {path}", method.to_uppercase()), role.map(str::to_owned)));
        }
    }
    routes
}

impl World {
    async fn routes(&self) -> Vec<(String, Option<String>)> {
        routes(&self.send(request(Method::GET, "/openapi.json", None, None)).await.body)
    }

    async fn ask_about(&self, place: &Place, route: &str, token: &str) -> Answer {
        let method = route.split_once(' ').unwrap().0.parse().unwrap();
        self.send(request(method, &place.path(route), Some(token), place.body(route))).await
    }
}

#[tokio::test]
async fn every_route_has_a_case() {
    let world = World::new().await;
    let routes = world.routes().await;
    let without: Vec<&str> =
        routes.iter().filter(|(route, _)| case(route).is_none()).map(|(route, _)| route.as_str()).collect();
    assert_eq!(without, ROUTES_WITHOUT_A_CASE);
    for (route, role) in &routes {
        let open = matches!(case(route), Some(Case::Public | Case::Signed));
        assert_eq!(role.is_none(), open, "{route} takes a token, so what it shows has bounds");
    }
}

/// Who may not call is told that, and learns nothing of what exists.
#[tokio::test]
async fn a_role_that_does_not_reach_is_refused_before_the_scope_is_looked_at() {
    let (world, inside, outside) = world().await;
    let length = world.log_length().await;
    for (route, role) in world.routes().await {
        let Some(needed) = role.and_then(|role| ROLES.iter().position(|known| *known == role)) else {
            continue;
        };
        for (bound, _) in BOUNDS {
            for role in &ROLES[..needed] {
                for place in [&inside, &outside, &Place::nowhere()] {
                    let answer = world.ask_about(place, &route, &token(bound, role)).await;
                    assert_eq!(
                        (answer.status, answer.problem()),
                        (StatusCode::FORBIDDEN, "forbidden"),
                        "{route}"
                    );
                }
            }
        }
    }
    assert_eq!(world.log_length().await, length);
}

/// For each route and each role that may call it, within each kind of bounds.
#[rstest]
#[case::by_cluster("in-prod")]
#[case::by_identity("of-bob")]
#[tokio::test]
async fn what_lies_out_of_the_scope_is_answered_like_what_does_not_exist(#[case] bound: &str) {
    let (mut world, mut inside, mut outside) = self::world().await;
    for (route, role) in world.routes().await {
        let Some(role) = role.filter(|_| case(&route) != Some(Case::Same)) else { continue };
        let needed = ROLES.iter().position(|known| *known == role).unwrap();
        let length = world.log_length().await;
        for role in &ROLES[needed..] {
            let token = token(bound, role);
            let answers = [
                outside.freed(&world.ask_about(&outside, &route, &token).await),
                Place::nowhere().freed(&world.ask_about(&Place::nowhere(), &route, &token).await),
            ];
            assert_eq!(answers[0], answers[1], "{route} by {bound}-{role}");
        }
        // That somebody took an export is stored, whatever was in it.
        let exports = if route == "GET /v1/events/export" { 2 * 2 * (ROLES.len() - needed) } else { 0 };
        assert_eq!(world.log_length().await, length + exports, "{route} stored something");
        for role in &ROLES[needed..] {
            let answer = world.ask_about(&inside, &route, &token(bound, role)).await;
            let answered = answer.status.is_success();
            assert_eq!(answered, case(&route) == Some(Case::Bounded), "{route} {role}: {}", answer.body);
        }
        // And it does exist, for those who have no bounds.
        let free = world.ask_about(&outside, &route, &token("", &role)).await;
        let by_other = matches!(free.problem(), "self-approval" | "revocation-not-held");
        assert!(free.status.is_success() && !by_other, "{route}: {} {}", free.status, free.body);
        if route.starts_with("POST") {
            (world, inside, outside) = self::world().await;
        }
    }
}

/// Every list, whole: nothing in it names what lies out of the scope.
#[rstest]
#[case::by_cluster("in-prod")]
#[case::by_identity("of-bob")]
#[tokio::test]
async fn lists_have_only_what_lies_within(#[case] bound: &str) {
    let (world, inside, outside) = world().await;
    let (mut seen, mut hidden) = (0, 0);
    for (route, role) in world.routes().await {
        let Some((method, path)) = route.split_once(' ') else { continue };
        if role.is_none() || method != "GET" || path.contains('{') || case(&route) == Some(Case::Same) {
            continue;
        }
        let path = if path == "/v1/events" { "/v1/events?limit=1000" } else { path };
        let whole = world.get(path).await.body.to_string();
        let token = token(bound, "viewer");
        let part = world.send(request(Method::GET, path, Some(&token), None)).await.body.to_string();
        for id in [&outside.uid, &outside.cluster, &outside.message, &outside.revocation] {
            hidden += u32::from(whole.contains(id.as_str()));
            assert!(!part.contains(id.as_str()), "{path} shows {id}");
        }
        seen += u32::from(part.contains(&inside.uid) || part.contains(&inside.cluster));
        // Nothing was revoked here so far.
        if path != "/v1/metrics/time-to-revoke" {
            let numbers = ["/v1/overview", "/v1/events/count"].contains(&path);
            assert!(part.len() < whole.len() || numbers && part != whole, "{path}: {part}");
        }
    }
    assert!(seen >= 4 && hidden >= 8, "{seen} {hidden}");
}

#[tokio::test]
async fn numbers_count_what_lies_within() {
    let (world, ..) = world().await;
    let ask = async |bound: &str| {
        let token = token(bound, "viewer");
        let body = world.send(request(Method::GET, "/v1/overview", Some(&token), None)).await.body;
        ["clusters", "identities", "held", "leftovers"].map(|name| body[name].as_u64().unwrap())
    };
    let everything = ask("").await;
    let (in_prod, of_bob) = (ask("in-prod").await, ask("of-bob").await);
    assert_eq!((in_prod[0], of_bob[1]), (1, 1));
    assert_eq!((everything[2], in_prod[2], of_bob[2]), (3, 1, 1), "two revocations and a message");
    assert!(in_prod[1] < everything[1] && of_bob[0] < everything[0], "{in_prod:?} {of_bob:?} {everything:?}");
    assert!(in_prod[3] < everything[3] && of_bob[3] == 0);
}

#[tokio::test]
async fn all_clusters_are_all_within_the_scope() {
    let (world, ..) = world().await;
    let body = json!({ "uid": ALICE, "clusters": "all" });
    let answer = world.post("/v1/revocations", &token("in-prod", "operator"), &body).await;
    assert_eq!((answer.status, answer.outcomes()), (StatusCode::OK, vec!["confirmed"]));
    assert_eq!(answer.body["outcomes"][0]["cluster"], PROD);
    for cluster in [BATCH, DEV] {
        assert_eq!(world.emulator.cleans(cluster, ALICE).received, 0);
    }
}

#[rstest]
#[case::one_of_two_clusters("in-prod", json!({ "uid": ALICE, "clusters": [PROD, BATCH] }))]
#[case::another_identity("of-bob", json!({ "uid": ALICE, "clusters": [PROD] }))]
#[case::all_of_another_identity("of-bob", json!({ "uid": ALICE, "clusters": "all" }))]
#[case::a_dry_run("of-bob", json!({ "uid": ALICE, "clusters": "all", "dry_run": true }))]
#[case::a_cluster_that_does_not_exist("in-prod", json!({ "uid": ALICE, "clusters": ["c-nobody-knows"] }))]
#[tokio::test]
async fn a_revocation_out_of_scope_is_refused_by_a_rule_and_nothing_is_stored(
    #[case] bound: &str,
    #[case] body: Value,
) {
    let world = World::with_config(config()).await;
    let answer = world.post("/v1/revocations", &token(bound, "operator"), &body).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::FORBIDDEN, "out-of-scope"));
    assert_eq!(answer.body["rule"], "outOfScope");
    assert_eq!(world.log_length().await, 0);
    assert!(world.emulator.calls().is_empty(), "the cloud was not even asked");
}
