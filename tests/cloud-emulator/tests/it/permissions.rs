//! RBAC permissions.

use insta::assert_json_snapshot;
use serde_json::json;

use crate::client::{ALICE, BATCH, DEV, LEGACY_CI, PROD, World};

#[tokio::test(flavor = "multi_thread")]
async fn permissions_are_shown_in_their_documented_shape() {
    let world = World::start().await;
    assert_json_snapshot!("permissions", world.cs("GET", &format!("/permissions/users/{LEGACY_CI}")).ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn granting_replaces_everything() {
    let world = World::start().await;
    let granted = json!([
        {"cluster": PROD, "role_name": "dev", "role_type": "namespace", "namespace": "web"},
        {"cluster": "", "role_name": "ops", "role_type": "all-clusters"},
        {"cluster": BATCH, "role_name": "own-role", "role_type": "cluster", "is_custom": true},
    ]);
    assert_eq!(world.cs_json("POST", &format!("/permissions/users/{ALICE}"), &granted).status, 200);
    assert_json_snapshot!(
        "permissions_granted",
        world.cs("GET", &format!("/permissions/users/{ALICE}")).ok()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn updating_adds_removes_or_replaces() {
    let world = World::start().await;
    let update = |mode: &str, cluster: &str, role: &str| {
        let body = json!([{"cluster": cluster, "role_name": role, "role_type": "cluster"}]);
        world.cs_json("POST", &format!("/permissions/users/{ALICE}/update{mode}"), &body).status
    };
    assert_eq!(update("?mode=patch", PROD, "dev"), 200);
    assert_eq!(world.roles(PROD, ALICE), ["ops", "dev"]);
    assert_eq!(update("?mode=delete", PROD, "ops"), 200);
    assert_eq!(world.roles(PROD, ALICE), ["dev"]);
    assert_eq!(world.roles(DEV, ALICE), ["admin"]);
    assert_eq!(update("", PROD, "restricted"), 200);
    assert_eq!(world.roles(PROD, ALICE), ["restricted"]);
    assert!(world.roles(DEV, ALICE).is_empty(), "apply is the default and replaces all");
    assert_eq!(update("?mode=shuffle", PROD, "dev"), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_on_all_clusters_outlive_the_cleaning_of_one() {
    let world = World::start().await;
    let granted = json!([{"role_name": "ops", "role_type": "all-clusters"}]);
    world.cs_json("POST", &format!("/permissions/users/{ALICE}/update?mode=patch"), &granted).ok();
    world.clean(PROD, ALICE, "true").ok();
    let left = world.cs("GET", &format!("/permissions/users/{ALICE}")).ok();
    assert!(left.as_array().expect("permissions").iter().any(|p| p["resource_id"] == "all-clusters"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_array_of_permissions_changes_nothing() {
    let world = World::start().await;
    let address = format!("/permissions/users/{ALICE}");
    for body in [
        json!({}),
        json!([{"cluster": PROD}]),
        json!([{"cluster": PROD, "role_name": "dev", "role_type": "galaxy"}]),
        json!([{"cluster": "", "role_name": "dev", "role_type": "cluster"}]),
    ] {
        assert_eq!(world.cs_json("POST", &address, &body).status, 400, "{body}");
    }
    let unknown = json!([{"cluster": "c-none", "role_name": "dev", "role_type": "cluster"}]);
    assert_eq!(world.cs_json("POST", &address, &unknown).error(), (404, "ErrorClusterNotFound"));
    assert_eq!(world.roles(PROD, ALICE), ["ops"]);
}
