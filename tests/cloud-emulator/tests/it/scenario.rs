//! The scenario that comes along, and scenarios from files.

use cloud_emulator::{Emulator, Options, Scenario, StartError};

use crate::client::{
    ALICE, BATCH, BOB, CAROL, CI_DEPLOYER, DAVE, DEV, Keys, LEGACY_CI, PROD, REAPER, ROOT, World,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_believable_scenario_is_the_documented_table() {
    let world = World::start().await;
    let expected = [
        (ROOT, ["Unexpired", "Unissued", "Unissued"]),
        (ALICE, ["Unexpired", "Unexpired", "Unexpired"]),
        (BOB, ["Unexpired Unexpired", "Removed", "Unissued"]),
        (CAROL, ["Expired", "Unexpired", "Revoked"]),
        (DAVE, ["Unexpired", "Unissued", "Unexpired"]),
        (CI_DEPLOYER, ["Unexpired", "Unexpired", "Unknown"]),
        (REAPER, ["Unexpired", "Unissued", "Unissued"]),
        (LEGACY_CI, ["Unissued", "Removed", "Expired"]),
    ];
    for (uid, states) in expected {
        let found = [PROD, BATCH, DEV].map(|cluster| world.states(cluster, uid).join(" "));
        assert_eq!(found, states, "{uid}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alice_has_not_used_what_is_audited_for_seven_days_and_bob_has() {
    let world = World::start().await;
    let now = world.emulator.now();
    let hours = |cluster: &str, uid: &str| {
        let last = world.account(|a| a.last_access(cluster, uid).map(|record| record.at));
        last.map(|at| now.duration_since(at).as_hours())
    };
    assert!(hours(PROD, ALICE).expect("used") > 7 * 24);
    assert!(hours(BATCH, ALICE).expect("used") > 7 * 24);
    assert_eq!(hours(DEV, ALICE), None);
    assert!(hours(PROD, BOB).expect("used") < 7 * 24);
}

#[test]
fn a_scenario_survives_json() {
    let scenario = serde_json::to_value(Scenario::believable()).expect("JSON");
    let again: Scenario = serde_json::from_value(scenario.clone()).expect("a scenario");
    assert_eq!(serde_json::to_value(again).expect("JSON"), scenario);
    let mistyped = serde_json::json!({"account_id": "1", "region": "r", "domain": "d", "clutsers": []});
    assert!(serde_json::from_value::<Scenario>(mistyped).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_that_contradicts_itself_does_not_start() {
    let refused = async |change: fn(&mut Scenario)| {
        let mut scenario = Scenario::believable();
        change(&mut scenario);
        let error = Emulator::start(scenario, Options::default()).await.expect_err("refused");
        assert!(matches!(error, StartError::Scenario(_)));
        error.to_string()
    };
    let twice = refused(|s| s.identities[1].name = "bob".to_owned()).await;
    assert!(twice.contains("`bob` is there twice"), "{twice}");
    let missing = refused(|s| s.kubeconfigs[0].cluster = "moon".to_owned()).await;
    assert!(missing.contains("moon"), "{missing}");
    assert!(refused(|s| s.identities.clear()).await.contains("root"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_the_api_does_not_have_can_be_shown() {
    let mut scenario = Scenario::believable();
    scenario.kubeconfigs[1].reported = Some("Revoked".to_owned());
    let emulator = Emulator::start(scenario, Options::default()).await.expect("started");
    let world = World { emulator, ..World::start().await };
    assert_eq!(world.states(PROD, ALICE), ["Revoked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_scenario_in_toml_needs_only_what_matters() {
    let scenario = r#"
        account_id = "1"
        region = "cn-beijing"
        domain = "small.test"
        [[clusters]]
        id = "c1"
        name = "only"
        [[identities]]
        id = "1"
        kind = "root"
        name = "root"
        access_keys = [{ id = "LTAI5tEmulatedRoot", secret = "EmulatedRootSecret" }]
        [[identities]]
        id = "2"
        kind = "user"
        name = "eve"
        deleted_days_ago = 3
        [[kubeconfigs]]
        cluster = "only"
        identity = "eve"
        certificates = [{ issued_hours_ago = 1000 }]
        roles = [{ name = "dev", namespace = "web" }]
        used_hours_ago = [200]
    "#;
    let scenario: Scenario = toml::from_str(scenario).expect("a scenario");
    let emulator = Emulator::start(scenario, Options::default()).await.expect("started");
    let world = World { emulator, keys: Keys::root() };
    assert_eq!(world.states("c1", "2"), ["Unexpired"]);
    assert_eq!(world.roles("c1", "2"), ["dev"]);
    assert_eq!(world.clean("c1", "2", "false").status, 200);
}
