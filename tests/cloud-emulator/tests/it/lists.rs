//! The cluster list, the two kubeconfig lists, and their differences.

use insta::assert_json_snapshot;

use crate::client::{ALICE, BATCH, BOB, CI_DEPLOYER, DAVE, DEV, LEGACY_CI, PROD, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_list_has_its_whole_documented_shape() {
    let world = World::start().await;
    let list = world.cs("GET", "/api/v1/clusters?page_number=1&page_size=2").ok();
    assert_json_snapshot!("clusters", list, {".clusters[].created" => "[+08:00]", ".clusters[].updated" => "[+08:00]"});
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_list_filters_and_pages_until_a_page_is_empty() {
    let world = World::start().await;
    let names = |query: &str| {
        let list = world.cs("GET", &format!("/api/v1/clusters?{query}")).ok();
        list["clusters"].as_array().expect("clusters").iter().map(|c| c["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("profile=acs"), ["batch"]);
    assert_eq!(names("name=pro"), ["prod"]);
    assert_eq!(names(&format!("cluster_id={DEV}")), ["dev"]);
    assert_eq!(names("region_id=cn-shanghai"), [""; 0]);
    assert_eq!(names("page_number=2&page_size=2"), ["dev"]);
    assert_eq!(names("page_number=3&page_size=2"), [""; 0]);
    let region = world.cs("GET", "/regions/cn-hangzhou/clusters").ok();
    assert_eq!(region["page_info"]["total_count"], 3);
    let region = world.cs("GET", "/regions/cn-beijing/clusters").ok();
    assert_eq!(region["page_info"]["total_count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_found_by_its_id_and_by_nothing_else() {
    let world = World::start().await;
    let cluster = world.cs("GET", &format!("/clusters/{BATCH}")).ok();
    assert_eq!(cluster["profile"], "Acs");
    assert_eq!(world.cs("GET", "/clusters/prod").error(), (404, "ErrorClusterNotFound"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_a_cluster_shows_who_holds_what_with_offsets_in_its_times() {
    let world = World::start().await;
    let list = world.cs("GET", &format!("/clusters/{DEV}/kubeconfig/states?pageNumber=1&pageSize=50")).ok();
    for state in list["states"].as_array().expect("states") {
        let time = state["cert_expire_time"].as_str().expect("text");
        assert!(time.is_empty() || time.ends_with("+08:00"), "{time}");
    }
    assert_json_snapshot!("states_of_cluster", list, {".states[].cert_expire_time" => "[time]"});
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_a_user_shows_every_cluster_with_utc_times() {
    let world = World::start().await;
    let list = world.cs("GET", &format!("/users/{BOB}/kubeconfig/states")).ok();
    for state in list["states"].as_array().expect("states") {
        let time = state["cert_expire_time"].as_str().expect("text");
        assert!(time.is_empty() || time.ends_with('Z'), "{time}");
    }
    assert_json_snapshot!("states_of_user", list, {".states[].cert_expire_time" => "[time]"});
}

#[tokio::test(flavor = "multi_thread")]
async fn both_lists_page_in_their_own_spelling_and_answer_an_empty_page_past_the_end() {
    let world = World::start().await;
    let count = |address: &str| {
        let list = world.cs("GET", address).ok();
        (list["states"].as_array().expect("states").len(), list["page"]["total_count"].clone())
    };
    let cluster = format!("/clusters/{PROD}/kubeconfig/states");
    assert_eq!(count(&format!("{cluster}?pageNumber=1&pageSize=5")), (5, 8.into()));
    assert_eq!(count(&format!("{cluster}?pageNumber=2&pageSize=5")), (3, 8.into()));
    assert_eq!(count(&format!("{cluster}?pageNumber=3&pageSize=5")), (0, 8.into()));
    // The other list's spelling means nothing here.
    assert_eq!(count(&format!("{cluster}?page_number=3&page_size=5")), (8, 8.into()));
    let user = format!("/users/{ALICE}/kubeconfig/states");
    assert_eq!(count(&format!("{user}?page_number=2&page_size=2")), (1, 3.into()));
    assert_eq!(count(&format!("{user}?page_number=3&page_size=2")), (0, 3.into()));
    assert_eq!(count(&format!("{user}?pageNumber=3&pageSize=2")), (3, 3.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn page_sizes_out_of_bounds_are_refused() {
    let world = World::start().await;
    for address in [
        format!("/clusters/{PROD}/kubeconfig/states?pageSize=51"),
        format!("/clusters/{PROD}/kubeconfig/states?pageNumber=0"),
        format!("/users/{ALICE}/kubeconfig/states?page_size=101"),
        format!("/users/{ALICE}/kubeconfig/states?page_size=many"),
        "/api/v1/clusters?page_size=0".to_owned(),
    ] {
        let answer = world.cs("GET", &address);
        let (status, code) = answer.error();
        assert_eq!(status, 400, "{address}");
        assert!(code.starts_with("InvalidParameter."), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_or_never_issued_is_in_the_list_of_the_user_only() {
    let world = World::start().await;
    assert_eq!(world.states(BATCH, BOB), ["Removed"]);
    assert_eq!(world.states(DEV, BOB), ["Unissued"]);
    assert_eq!(world.states(DEV, CI_DEPLOYER), ["Unknown"]);
    let list = world.cs("GET", &format!("/clusters/{BATCH}/kubeconfig/states?pageSize=50")).ok();
    assert!(!list.to_string().contains(BOB));
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_that_were_left_over_are_in_neither_list() {
    let world = World::start().await;
    assert_eq!(world.states(BATCH, LEGACY_CI), ["Removed"]);
    let list = world.cs("GET", &format!("/clusters/{BATCH}/kubeconfig/states?pageSize=50")).ok();
    assert!(!list.to_string().contains(LEGACY_CI));
    assert_eq!(world.roles(BATCH, LEGACY_CI), ["ops"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_certificate_has_a_row_of_its_own_unless_the_knob_hides_it() {
    let world = World::start().await;
    assert_eq!(world.states(PROD, BOB), ["Unexpired", "Unexpired"]);
    world.emulator.tune(|knobs| knobs.temporary_listed = false);
    assert_eq!(world.states(PROD, BOB), ["Unexpired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_deleted_accounts_are_blank_when_the_knob_says_so() {
    let world = World::start().await;
    let dave = || {
        let list = world.cs("GET", &format!("/clusters/{PROD}/kubeconfig/states?pageSize=50")).ok();
        let found =
            list["states"].as_array().expect("states").iter().find(|s| s["account_id"] == DAVE).cloned();
        found.expect("dave")
    };
    assert_eq!(dave()["account_name"], "dave");
    assert_eq!(dave()["account_state"], "Deleted");
    world.emulator.tune(|knobs| knobs.deleted_names_blank = true);
    assert_eq!(dave()["account_name"], "");
    assert_eq!(dave()["account_id"], DAVE);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_a_deleted_user_answers_unless_the_knob_forbids_it() {
    let world = World::start().await;
    assert_eq!(world.states(PROD, DAVE), ["Unexpired"]);
    world.emulator.tune(|knobs| knobs.user_list_answers_for_deleted = false);
    let answer = world.cs("GET", &format!("/users/{DAVE}/kubeconfig/states"));
    assert_eq!(answer.error(), (404, "ErrorUserNotFound"));
    assert_eq!(world.states(PROD, ALICE), ["Unexpired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn kubeconfigs_of_cloud_services_are_another_list() {
    let world = World::start().await;
    let list =
        world.cs("GET", &format!("/clusters/{PROD}/kubeconfig/states?cloudServiceKubeConfig=true")).ok();
    assert_eq!(list["page"]["total_count"], 0);
}
