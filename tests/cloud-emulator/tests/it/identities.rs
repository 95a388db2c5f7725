//! RAM and IMS: users, roles, renaming, deleting, and the recycle bin.

use cloud_emulator::Service::{Ims, Ram};
use insta::assert_json_snapshot;
use jiff::SignedDuration;
use serde_json::Value;

use crate::client::{ALICE, BOB, DAVE, DEV, PROD, World};

fn login(name: &str) -> String {
    format!("{name}@example.onaliyun.com")
}

fn names<'a>(list: &'a Value, outer: &str, inner: &str, name: &str) -> Vec<&'a str> {
    let items = list[outer][inner].as_array().expect("a list");
    items.iter().map(|item| item[name].as_str().expect("a name")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn users_and_roles_are_listed_without_the_deleted_ones() {
    let world = World::start().await;
    let users = world.rpc(Ram, "ListUsers", &[]).ok();
    assert_eq!(names(&users, "Users", "User", "UserName"), ["alice", "bob", "carol"]);
    assert_eq!(users["IsTruncated"], false);
    assert!(users.get("Marker").is_none());
    let roles = world.rpc(Ram, "ListRoles", &[]).ok();
    assert_eq!(names(&roles, "Roles", "Role", "RoleName"), ["ci-deployer", "reaper"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_at_the_marker() {
    let world = World::start().await;
    let first = world.rpc(Ram, "ListUsers", &[("MaxItems", "2")]).ok();
    assert_eq!(names(&first, "Users", "User", "UserName"), ["alice", "bob"]);
    assert_eq!(first["IsTruncated"], true);
    let marker = first["Marker"].as_str().expect("a marker");
    let rest = world.rpc(Ram, "ListUsers", &[("MaxItems", "2"), ("Marker", marker)]).ok();
    assert_eq!(names(&rest, "Users", "User", "UserName"), ["carol"]);
    assert_eq!(rest["IsTruncated"], false);
    assert_eq!(world.rpc(Ram, "ListUsers", &[("Marker", "x")]).error(), (400, "InvalidParameter.Marker"));
    assert_eq!(
        world.rpc(Ram, "ListUsers", &[("MaxItems", "1001")]).error(),
        (400, "InvalidParameter.MaxItems")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_user_and_one_role_in_their_documented_shapes() {
    let world = World::start().await;
    let redacted = |mut answer: Value, inner: &str| {
        answer["RequestId"] = "[id]".into();
        for time in ["CreateDate", "UpdateDate", "LastLoginDate"] {
            if answer[inner].get(time).is_some() {
                answer[inner][time] = "[time]".into();
            }
        }
        answer
    };
    let user = world.rpc(Ram, "GetUser", &[("UserName", "alice")]).ok();
    assert_json_snapshot!("ram_user", redacted(user, "User"));
    let role = world.rpc(Ram, "GetRole", &[("RoleName", "ci-deployer")]).ok();
    assert_json_snapshot!("ram_role", redacted(role, "Role"));
    let user = world.rpc(Ims, "GetUser", &[("UserId", ALICE)]).ok();
    assert_json_snapshot!("ims_user", redacted(user, "User"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_entity_is_named_by_its_code() {
    let world = World::start().await;
    let missing = |action: &str, name: &str| {
        let answer = world.rpc(Ram, action, &[(name, "nobody")]);
        let (status, code) = answer.error();
        (status, code.to_owned())
    };
    for action in ["GetUser", "DeleteUser", "UpdateUser"] {
        assert_eq!(missing(action, "UserName"), (404, "EntityNotExist.User".to_owned()), "{action}");
    }
    for action in ["GetRole", "DeleteRole"] {
        assert_eq!(missing(action, "RoleName"), (404, "EntityNotExist.Role".to_owned()), "{action}");
    }
    assert_eq!(world.rpc(Ram, "GetUser", &[]).error(), (400, "MissingUserName"));
    assert_eq!(world.rpc(Ram, "GetUser", &[("UserName", "dave")]).error().0, 404, "deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_identity_leaves_its_kubeconfigs_in_force() {
    let world = World::start().await;
    let before = world.account(|a| a.common_name(PROD, ALICE));
    world.rpc(Ram, "DeleteUser", &[("UserName", "alice")]).ok();
    world.rpc(Ram, "DeleteRole", &[("RoleName", "ci-deployer")]).ok();
    assert_eq!(world.states(PROD, ALICE), ["Unexpired"]);
    assert_eq!(world.roles(PROD, ALICE), ["ops"]);
    assert_eq!(world.account(|a| a.common_name(PROD, ALICE)), before);
    let list = world.cs("GET", &format!("/clusters/{DEV}/kubeconfig/states?pageSize=50")).ok();
    let alice = list["states"].as_array().expect("states").iter().find(|s| s["account_id"] == ALICE);
    assert_eq!(alice.expect("alice")["account_state"], "Deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_reused_under_another_id() {
    let world = World::start().await;
    world.rpc(Ram, "DeleteUser", &[("UserName", "alice")]).ok();
    let created = world.rpc(Ram, "CreateUser", &[("UserName", "alice")]).ok();
    let id = created["User"]["UserId"].as_str().expect("an id");
    assert!(id.starts_with('2') && id != ALICE, "{id}");
    let taken = world.rpc(Ram, "CreateUser", &[("UserName", "alice")]);
    assert_eq!(taken.error(), (409, "EntityAlreadyExists.User"));
    let restored = world.rpc(Ims, "RestoreUserFromRecycleBin", &[("UserId", ALICE)]);
    assert_eq!(restored.error(), (409, "EntityAlreadyExists.User"), "the name is in use");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_keeps_the_id_when_it_is_renamed() {
    let world = World::start().await;
    let renamed = world.rpc(Ram, "UpdateUser", &[("UserName", "alice"), ("NewUserName", "alicia")]).ok();
    assert_eq!(renamed["User"]["UserId"], ALICE);
    assert_eq!(world.rpc(Ram, "GetUser", &[("UserName", "alice")]).error().0, 404);
    let renamed =
        world.rpc(Ims, "UpdateUser", &[("UserId", ALICE), ("NewUserPrincipalName", &login("alison"))]).ok();
    assert_eq!(renamed["User"]["UserPrincipalName"], login("alison"));
    let taken = world.rpc(Ram, "UpdateUser", &[("UserName", "alison"), ("NewUserName", "bob")]);
    assert_eq!(taken.error(), (409, "EntityAlreadyExists.User"));
    let list = world.cs("GET", &format!("/clusters/{PROD}/kubeconfig/states?pageSize=50")).ok();
    assert!(list.to_string().contains("alison"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ram_api_does_not_delete_a_user_with_access_keys_and_the_ims_api_does() {
    let world = World::start().await;
    let refused = world.rpc(Ram, "DeleteUser", &[("UserName", "bob")]);
    assert_eq!(refused.error(), (409, "DeleteConflict.User.AccessKey"));
    world.rpc(Ims, "DeleteUser", &[("UserId", BOB)]).ok();
    assert_eq!(world.rpc(Ram, "GetUser", &[("UserName", "bob")]).error().0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn ims_finds_users_by_exactly_one_of_login_id_and_access_key() {
    let world = World::start().await;
    let found = |params: &[(&str, &str)]| {
        let answer = world.rpc(Ims, "GetUser", params);
        answer.body["User"]["UserName"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(found(&[("UserPrincipalName", &login("alice"))]), "alice");
    assert_eq!(found(&[("UserId", BOB)]), "bob");
    assert_eq!(found(&[("UserAccessKeyId", "LTAI5tEmulatedBob")]), "bob");
    assert_eq!(found(&[("UserId", DAVE)]), "", "deleted");
    for params in [&[][..], &[("UserId", BOB), ("UserPrincipalName", "b@example.onaliyun.com")]] {
        assert_eq!(world.rpc(Ims, "GetUser", params).error().0, 400);
    }
    let elsewhere = world.rpc(Ims, "GetUser", &[("UserPrincipalName", "alice@elsewhere.com")]);
    assert_eq!(elsewhere.error().0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_user_is_in_the_recycle_bin_until_it_is_restored_purged_or_a_month_old() {
    let world = World::start().await;
    let filter = format!("UserPrincipalName eq {}", login("dave"));
    let listed = |world: &World| {
        let list = world.rpc(Ims, "ListUsersInRecycleBin", &[("Filter", &filter)]).ok();
        names(&list, "Users", "User", "UserId").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(listed(&world), [DAVE]);
    let one = world.rpc(Ims, "GetUserInRecycleBin", &[("UserId", DAVE)]).ok();
    assert_eq!(one["User"]["UserPrincipalName"], login("dave"));
    world.rpc(Ims, "RestoreUserFromRecycleBin", &[("UserId", DAVE)]).ok();
    assert!(listed(&world).is_empty());
    assert_eq!(world.rpc(Ram, "GetUser", &[("UserName", "dave")]).ok()["User"]["UserId"], DAVE);
    world.rpc(Ims, "DeleteUser", &[("UserPrincipalName", &login("dave"))]).ok();
    world.rpc(Ims, "DeleteUserInRecycleBin", &[("UserId", DAVE)]).ok();
    let restored = world.rpc(Ims, "RestoreUserFromRecycleBin", &[("UserId", DAVE)]);
    assert_eq!(restored.error(), (404, "EntityNotExist.User.RecycleBin"));

    let other = World::start().await;
    other.emulator.advance(SignedDuration::from_hours(20 * 24));
    assert!(listed(&other).is_empty(), "12 and 20 days make 32");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_filter_is_refused() {
    let world = World::start().await;
    let refused = world.rpc(Ims, "ListUsersInRecycleBin", &[("Filter", "UserName eq dave")]);
    assert_eq!(refused.error(), (400, "InvalidParameter.Filter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_needs_a_trust_policy_and_leaves_no_trace_in_a_recycle_bin() {
    let world = World::start().await;
    let refused = world.rpc(Ram, "CreateRole", &[("RoleName", "r")]);
    assert_eq!(refused.error(), (400, "MissingAssumeRolePolicyDocument"));
    let policy = ("AssumeRolePolicyDocument", r#"{"Version":"1"}"#);
    let created = world.rpc(Ram, "CreateRole", &[("RoleName", "r"), policy]).ok();
    assert!(created["Role"]["RoleId"].as_str().expect("an id").starts_with('3'));
    world.rpc(Ram, "DeleteRole", &[("RoleName", "r")]).ok();
    let list = world.rpc(Ims, "ListUsersInRecycleBin", &[]).ok();
    assert_eq!(names(&list, "Users", "User", "UserId"), [DAVE]);
}
