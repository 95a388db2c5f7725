//! Every route, and who may call it.

use std::fmt::Write;

use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::Value;

use crate::world::{ANNA, OLGA, VERA, World, request};

/// Every route of the document, with the role it says that it needs, or the signature.
fn routes(document: &Value) -> Vec<(Method, String, Option<String>)> {
    let mut routes = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scheme = operation.pointer("/security/0").and_then(Value::as_object);
            let scheme = scheme.and_then(|scheme| scheme.keys().next()).map(String::as_str);
            let role = operation.pointer("/security/0/bearer/0").and_then(Value::as_str).or(scheme);
            routes.push((method.to_uppercase().parse().unwrap(), path.clone(), role.map(str::to_owned)));
        }
    }
    routes
}

async fn world_and_routes() -> (World, Vec<(Method, String, Option<String>)>) {
    let world = World::new().await;
    let document = world.send(request(Method::GET, "/openapi.json", None, None)).await.body;
    (world, routes(&document))
}

/// A path that names things which do not exist.
fn filled(path: &str, with: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { with } else { part }).collect::<Vec<_>>().join("/")
}

/// The whole table. A route that is added shows up here, with who may call it; `-` is let through, to whatever the
/// route then says about an empty request.
#[tokio::test]
async fn every_route_by_every_kind_of_caller() {
    let (world, routes) = world_and_routes().await;
    let mut table = format!("{:58} {:12} none wrong viewer operator approver\n", "route", "needs");
    for (method, path, role) in &routes {
        write!(table, "{:58} {:12}", format!("{method} {path}"), role.as_deref().unwrap_or("nothing"))
            .unwrap();
        let callers = [(4, None), (5, Some("wrong")), (6, Some(VERA)), (8, Some(OLGA)), (8, Some(ANNA))];
        for (width, token) in callers {
            let answer = world.send(request(method.clone(), &filled(path, "1"), token, None)).await;
            let word = match answer.status.as_u16() {
                status @ (401 | 403) => status.to_string(),
                _ => "-".to_owned(),
            };
            write!(table, " {word:width$}").unwrap();
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("routes", table);
    });
}

/// What the document says and what the handler asks for are the same thing.
#[tokio::test]
async fn each_route_lets_through_exactly_the_roles_of_its_document() {
    let (world, routes) = world_and_routes().await;
    for (method, path, role) in routes {
        let needed = role
            .as_deref()
            .and_then(|role| ["viewer", "operator", "approver"].iter().position(|r| *r == role));
        for (rank, token) in [VERA, OLGA, ANNA].into_iter().enumerate() {
            let answer = world.send(request(method.clone(), &filled(&path, "1"), Some(token), None)).await;
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(refused, needed.is_some_and(|needed| rank < needed), "{method} {path}");
        }
    }
}

/// Whether a thing exists, or a request would have been good, is no business of those who may not ask.
#[tokio::test]
async fn those_who_may_not_call_all_get_the_same_answer() {
    let (world, routes) = world_and_routes().await;
    let mut bodies = vec![];
    let by_token = |role: &Option<String>| {
        role.as_deref().is_some_and(|role| ["viewer", "operator", "approver"].contains(&role))
    };
    for (method, path, _) in routes.iter().filter(|(_, _, role)| by_token(role)) {
        for with in ["1", "..%2f..%2fetc%2fpasswd", "%00", crate::world::PROD] {
            for query in ["", "?limit=nonsense&nonsense"] {
                for body in [None, Some("{nonsense".to_owned()), Some("{}".to_owned())] {
                    let path = format!("{}{query}", filled(path, with));
                    let mut answer = world.send(request(method.clone(), &path, None, body)).await;
                    assert_eq!(answer.body["instance"].as_str(), Some(answer.header("x-request-id")));
                    answer.body.as_object_mut().unwrap().remove("instance");
                    bodies.push(answer.body);
                }
            }
        }
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
}

#[rstest]
#[case::nothing("", "")]
#[case::scheme_only("Bearer", "")]
#[case::another_scheme("Basic dG9rZW4tb2YtdmVyYS1hLXZpZXdlcg==", "")]
#[case::the_token_alone(VERA, "")]
#[case::a_wrong_token("Bearer wrong", "invalid_token")]
#[case::a_longer_token("Bearer token-of-vera-a-viewer2", "invalid_token")]
#[case::a_shorter_token("Bearer token-of-vera-a-viewe", "invalid_token")]
#[case::the_digest_of_a_token(
    "Bearer 0c5a1dd8cbcd2ad6f9a6f6ba6d3b1f1d7b1b8f0f6f9e0f7a6f4fcd8d8c1d9a10",
    "invalid_token"
)]
#[tokio::test]
async fn what_is_no_token_is_challenged(#[case] header: &'static str, #[case] error: &str) {
    let world = World::new().await;
    let mut request = request(Method::GET, "/v1/overview", None, None);
    if !header.is_empty() {
        request.headers_mut().insert("authorization", header.parse().unwrap());
    }
    let answer = world.send(request).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::UNAUTHORIZED, "unauthenticated"));
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer realm=\"reaper\""), "{challenge}");
    assert_eq!(challenge.contains("error="), !error.is_empty());
    assert!(challenge.contains(error));
}

#[tokio::test]
async fn two_tokens_are_none() {
    let world = World::new().await;
    let mut request = request(Method::GET, "/v1/overview", Some(VERA), None);
    request.headers_mut().append("authorization", format!("Bearer {ANNA}").parse().unwrap());
    assert_eq!(world.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_lower_role_is_told_which_one_it_takes() {
    let world = World::new().await;
    let answer = world.revoke_as(VERA).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::FORBIDDEN, "forbidden"));
    assert_eq!(answer.body["needs"], "operator");
    assert!(answer.header("www-authenticate").contains("insufficient_scope"));
    assert_eq!(world.log_length().await, 0);
}

impl World {
    async fn revoke_as(&self, token: &str) -> crate::world::Answer {
        let body = serde_json::json!({ "uid": crate::world::ALICE, "clusters": "all" });
        self.post("/v1/revocations", token, &body).await
    }
}
