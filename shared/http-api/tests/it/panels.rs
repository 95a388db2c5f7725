//! The console's panels: by cluster, by identity, and what deleted identities left behind.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::Value;

use crate::browser::Browser;
use crate::snapshot::assert_answer;
use crate::world::{ALICE, BATCH, BOB, DAVE, DEV, PROD, VERA, World};

#[rstest]
#[case::overview("overview", "/v1/overview")]
#[case::clusters("clusters", "/v1/clusters")]
#[case::cluster("cluster_of_everybody", &format!("/v1/clusters/{PROD}"))]
#[case::cluster_without_audit_log("cluster_without_audit_log", &format!("/v1/clusters/{DEV}"))]
#[case::serverless_cluster("serverless_cluster", &format!("/v1/clusters/{BATCH}"))]
#[case::identity("identity_with_three_clusters", &format!("/v1/identities/{ALICE}"))]
#[case::identity_never_issued("identity_never_issued_on_one", &format!("/v1/identities/{BOB}"))]
#[case::deleted_identity("deleted_identity", &format!("/v1/identities/{DAVE}"))]
#[case::leftovers("leftovers", "/v1/leftovers")]
#[case::nothing_held("nothing_held", "/v1/held")]
#[case::pair("one_kubeconfig", &format!("/v1/kubeconfigs/{PROD}/{ALICE}"))]
#[tokio::test]
async fn what_the_console_shows(#[case] name: &str, #[case] path: &str) {
    let world = World::seen().await;
    assert_answer(name, &world.get(path).await);
}

/// Every status of the documentation, the second meaning of Effective among them.
#[rstest]
#[case("Effective", 8)]
#[case("EffectiveResidualRbac", 1)]
#[case("Expired", 2)]
#[case("Deleted", 1)]
#[case("Revoked", 1)]
#[case("Unknown", 1)]
#[tokio::test]
async fn kubeconfigs_by_status(#[case] status: &str, #[case] at_least: usize) {
    let world = World::seen().await;
    let answer = world.get(&format!("/v1/kubeconfigs?status={status}")).await;
    let found = list(&answer.body, "status");
    assert!(found.len() >= at_least, "{found:?}");
    assert!(found.iter().all(|found| found == status), "{found:?}");
    let overview = world.get("/v1/overview").await.body;
    assert_eq!(overview["pairs"][status].as_u64().unwrap_or(0), found.len() as u64, "as in the overview");
}

#[tokio::test]
async fn kubeconfigs_by_cluster_and_by_identity() {
    let world = World::seen().await;
    let of_alice = world.get(&format!("/v1/kubeconfigs?uid={ALICE}")).await.body;
    assert_eq!(list(&of_alice, "cluster"), [PROD, BATCH, DEV]);
    let of_prod = world.get(&format!("/v1/kubeconfigs?cluster={PROD}")).await.body;
    assert!(list(&of_prod, "cluster").iter().all(|cluster| cluster == PROD));
    let both = world.get(&format!("/v1/kubeconfigs?cluster={PROD}&uid={ALICE}&status=Effective")).await.body;
    assert_eq!(list(&both, "uid"), [ALICE]);
    let none = world.get(&format!("/v1/kubeconfigs?cluster={PROD}&uid={ALICE}&status=Expired")).await.body;
    assert_eq!(list(&none, "uid"), Vec::<String>::new());
}

#[rstest]
#[case("/v1/clusters/c-nobody-knows", "cluster c-nobody-knows")]
#[case("/v1/identities/299999999999999999", "identity 299999999999999999")]
#[case("/v1/kubeconfigs/c-nobody-knows/299999999999999999", "kubeconfig c-nobody-knows/299999999999999999")]
#[tokio::test]
async fn what_nobody_has_heard_of_is_not_found(#[case] path: &str, #[case] what: &str) {
    let world = World::seen().await;
    let answer = world.get(path).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::NOT_FOUND, "not-found"));
    assert!(answer.body["detail"].as_str().unwrap().contains(what));
}

#[rstest]
#[case("/v1/identities/alice", "uid")]
#[case("/v1/identities/..%2f..%2fetc%2fpasswd", "uid")]
#[case("/v1/identities/20000000000000010100000", "uid")]
#[case("/v1/clusters/c1%00", "cluster")]
#[case("/v1/clusters/%ff", "path")]
#[case("/v1/clusters/c1'%20or%201=1", "cluster")]
#[case("/v1/kubeconfigs/c1/alice", "uid")]
#[case("/v1/kubeconfigs?status=effective", "status")]
#[case("/v1/kubeconfigs?cluster=", "cluster")]
#[case("/v1/kubeconfigs?uid=alice", "uid")]
#[case("/v1/kubeconfigs?uid=1&uid=2", "uid")]
#[case("/v1/kubeconfigs?state=Effective", "state")]
#[case("/v1/overview?cluster=c1", "cluster")]
#[case("/v1/leftovers?limit=1", "limit")]
#[tokio::test]
async fn a_parameter_that_does_not_fit_is_named(#[case] path: &str, #[case] parameter: &str) {
    let world = World::new().await;
    let answer = world.get(path).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-parameter"));
    assert_eq!(answer.body["parameter"], parameter);
    assert!(answer.body["expected"].as_str().is_some_and(|text| text.len() > 4), "{}", answer.body);
}

fn list(body: &Value, member: &str) -> Vec<String> {
    let all = body["kubeconfigs"].as_array().unwrap().iter();
    all.map(|pair| pair[member].as_str().unwrap().to_owned()).collect()
}

/// Identities that are named are refused with what an id is; a cluster's name could be an id.
#[tokio::test]
async fn the_name_of_a_cluster_is_told_from_an_id() {
    let world = World::seen().await;
    for path in [
        "/v1/clusters/prod",
        "/v1/kubeconfigs/prod/200000000000000101",
        "/v1/kubeconfigs/prod/200000000000000101/why",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let told = format!("`prod` is the name of a cluster, not its id: {PROD}");
        assert_eq!(answer.body["detail"], told.as_str(), "{path}");
    }
    let page = Browser::of(&world, VERA).await.get("/clusters/prod").await;
    assert!(page.html.contains(&format!("not its id: {PROD}")), "{}", page.html);
}
