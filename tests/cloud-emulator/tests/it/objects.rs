//! The Object Storage Service: objects, signatures, refusals.

use cloud_emulator::Service::Oss;
use cloud_emulator::policy::Policy;
use cloud_emulator::{Failure, Outcome};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::client::{Answer, Keys, Plain, REAPER, World, hmac_sha256, sha256};

const OBJECT: &str = "/reaper-example/settings/reaper.toml";

/// Signs with OSS4-HMAC-SHA256 at a time: content-type and x-oss-*.
fn sign_at(plain: Plain, keys: &Keys, region: &str, at: Timestamp) -> Plain {
    let time = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut plain = plain.header("x-oss-date", &time).header("x-oss-content-sha256", "UNSIGNED-PAYLOAD");
    if let Some(token) = &keys.token {
        plain = plain.header("x-oss-security-token", token);
    }
    let signed = |name: &str| name == "content-type" || name.starts_with("x-oss-");
    let mut headers: Vec<_> = plain.headers.iter().filter(|(name, _)| signed(name)).cloned().collect();
    headers.sort();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!("{}\n{}\n\n{lines}\n\nUNSIGNED-PAYLOAD", plain.method, plain.path);
    let day = &time[..8];
    let scope = format!("{day}/{region}/oss/aliyun_v4_request");
    let to_sign = format!("OSS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let start = format!("aliyun_v4{}", keys.secret).into_bytes();
    let key =
        [day, region, "oss", "aliyun_v4_request"].iter().fold(start, |key, step| hmac_sha256(&key, step));
    let signature = hex::encode(hmac_sha256(&key, &to_sign));
    let id = &keys.id;
    plain.header("authorization", &format!("OSS4-HMAC-SHA256 Credential={id}/{scope}, Signature={signature}"))
}

fn send(world: &World, plain: Plain) -> Answer {
    sign_at(plain, &world.keys, "cn-hangzhou", Timestamp::now()).send(world.at(Oss)).expect("an answer")
}

fn put(world: &World, text: &str) -> Answer {
    let body = text.as_bytes().to_vec();
    send(world, Plain { body, ..Plain::new("PUT", OBJECT) }.header("content-type", "text/plain"))
}

fn get(world: &World, path: &str) -> Answer {
    send(world, Plain::new("GET", path))
}

/// Status and code of an error, which is XML.
#[track_caller]
fn refused(answer: &Answer) -> (u16, String) {
    let text = String::from_utf8_lossy(&answer.raw).into_owned();
    let (_, code) = text.split_once("<Code>").expect("an error");
    (answer.status, code.split_once("</Code>").expect("a code").0.to_owned())
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_last_is_what_is_got() {
    let world = World::start().await;
    assert_eq!(put(&world, "first").status, 200);
    assert_eq!(put(&world, "second").status, 200);
    let answer = get(&world, OBJECT);
    assert_eq!((answer.status, answer.raw.as_slice()), (200, b"second".as_slice()));
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert!(!answer.header("x-oss-request-id").is_empty());
    let content =
        world.account(|account| account.object("reaper-example", "settings/reaper.toml").map(<[u8]>::to_vec));
    assert_eq!(content.expect("an object"), b"second");
    let calls = world.emulator.calls();
    assert_eq!((calls[0].action.as_str(), calls[2].action.as_str()), ("oss:PutObject", "oss:GetObject"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_apart() {
    let world = World::start().await;
    assert_eq!(refused(&get(&world, OBJECT)), code(404, "NoSuchKey"));
    assert_eq!(refused(&get(&world, "/nowhere-bucket/key")), code(404, "NoSuchBucket"));
    assert_eq!(refused(&send(&world, Plain::new("DELETE", OBJECT))), code(405, "MethodNotAllowed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_holds_for_its_secret_time_region_and_object() {
    let world = World::start().await;
    let now = Timestamp::now();
    let asked = |plain: Plain| refused(&plain.send(world.at(Oss)).expect("an answer"));
    let plain = || Plain::new("GET", OBJECT);
    let signed = |keys: &Keys| sign_at(plain(), keys, "cn-hangzhou", now);
    let other = |change: fn(&mut Keys)| {
        let mut keys = Keys::reaper();
        change(&mut keys);
        signed(&keys)
    };
    assert_eq!(asked(plain()), code(403, "AccessDenied"), "no signature");
    assert_eq!(asked(other(|keys| keys.secret.push('x'))), code(403, "SignatureDoesNotMatch"));
    assert_eq!(asked(other(|keys| keys.id.push('x'))), code(403, "InvalidAccessKeyId"));
    assert_eq!(asked(other(|keys| keys.token = None)), code(403, "InvalidSecurityToken"));
    let moved = Plain { path: "/reaper-example/other".to_owned(), ..signed(&Keys::reaper()) };
    assert_eq!(asked(moved), code(403, "SignatureDoesNotMatch"));
    let elsewhere = sign_at(plain(), &Keys::reaper(), "cn-beijing", now);
    assert_eq!(asked(elsewhere), code(400, "InvalidArgument"));
    for minutes in [-16, 16] {
        let at = now + SignedDuration::from_mins(minutes);
        let late = sign_at(plain(), &Keys::reaper(), "cn-hangzhou", at);
        assert_eq!(asked(late), code(403, "RequestTimeTooSkewed"));
    }
    let unhashed = signed(&Keys::reaper()).header("x-oss-content-sha256", &sha256(b""));
    assert_eq!(asked(unhashed), code(400, "InvalidArgument"));
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_are_held_to_object_by_object() {
    let world = World::start().await;
    let policy = json!({ "Version": "1", "Statement": [{
        "Effect": "Allow", "Action": "oss:GetObject", "Resource": "acs:oss:*:*:reaper-example/settings/reaper.toml",
    }] });
    assert_eq!(put(&world, "text").status, 200);
    world
        .account(|account| account.hold_to_policies(REAPER, vec![Policy::parse(&policy).expect("a policy")]));
    assert_eq!(get(&world, OBJECT).status, 200);
    assert_eq!(refused(&put(&world, "other")), code(403, "AccessDenied"));
    assert_eq!(refused(&get(&world, "/reaper-example/settings/other")), code(403, "AccessDenied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_come_as_ordered_in_xml() {
    let world = World::start().await;
    let outcome = Outcome::Error { status: 503, code: "ServiceUnavailable".to_owned() };
    world.emulator.fail_next(Failure { operation: "PutObject".to_owned(), times: 1, outcome });
    assert_eq!(refused(&put(&world, "text")), code(503, "ServiceUnavailable"));
    assert_eq!(refused(&get(&world, OBJECT)), code(404, "NoSuchKey"), "it was not carried out");
}
