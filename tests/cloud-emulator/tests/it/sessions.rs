//! STS: who is calling, and sessions of roles.

use cloud_emulator::Service::Sts;
use jiff::SignedDuration;

use crate::client::{BOB, Keys, REAPER, ROOT, World};

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_caller_is_told_who_it_is() {
    let who = |world: &World| world.rpc(Sts, "GetCallerIdentity", &[]).ok();
    let root = who(&World::as_of(Keys::root()).await);
    assert_eq!((&root["IdentityType"], &root["UserId"]), (&"Account".into(), &ROOT.into()));
    let bob = who(&World::as_of(Keys::bob()).await);
    assert_eq!((&bob["IdentityType"], &bob["UserId"]), (&"RAMUser".into(), &BOB.into()));
    assert_eq!(bob["Arn"], "acs:ram::1000000000000001:user/bob");
    let reaper = who(&World::as_of(Keys::reaper()).await);
    assert_eq!((&reaper["IdentityType"], &reaper["RoleId"]), (&"AssumedRoleUser".into(), &REAPER.into()));
    assert_eq!(reaper["Arn"], "acs:ram::1000000000000001:assumed-role/reaper/reaper");
    assert_eq!(reaper["PrincipalId"], format!("{REAPER}:reaper"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_acts_as_the_role_until_it_ends() {
    let mut world = World::as_of(Keys::root()).await;
    let params = [
        ("RoleArn", "acs:ram::1000000000000001:role/ci-deployer"),
        ("RoleSessionName", "pipeline"),
        ("DurationSeconds", "900"),
    ];
    let answer = world.rpc(Sts, "AssumeRole", &params).ok();
    let text = |name: &str| answer["Credentials"][name].as_str().expect("text").to_owned();
    world.keys =
        Keys { id: text("AccessKeyId"), secret: text("AccessKeySecret"), token: Some(text("SecurityToken")) };
    let who = world.rpc(Sts, "GetCallerIdentity", &[]).ok();
    assert!(who["Arn"].as_str().expect("an ARN").ends_with("assumed-role/ci-deployer/pipeline"));
    world.emulator.advance(SignedDuration::from_secs(901));
    let ended = world.rpc(Sts, "GetCallerIdentity", &[]);
    assert_eq!(ended.error(), (400, "InvalidSecurityToken.Expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_not_there_cannot_be_assumed() {
    let world = World::as_of(Keys::root()).await;
    let assume = |role: &str, seconds: &str| {
        let arn = format!("acs:ram::1000000000000001:role/{role}");
        let params = [("RoleArn", arn.as_str()), ("RoleSessionName", "s"), ("DurationSeconds", seconds)];
        world.rpc(Sts, "AssumeRole", &params).status
    };
    assert_eq!(assume("ci-deployer", "900"), 200);
    assert_eq!(assume("legacy-ci", "900"), 404);
    assert_eq!(assume("ci-deployer", "899"), 400);
}
