//! Each signature scheme, right and wrong, on a running service.

use cloud_emulator::Service::{Cs, Ims, Ram, Sts};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::client::{ALICE, Answer, Keys, PROD, Plain, World, acs3, encode, hmac_sha1, http_date, nonce};

fn roa(world: &World, plain: Plain, keys: &Keys, date: &str) -> Answer {
    let mut plain = plain
        .header("accept", "application/json")
        .header("date", date)
        .header("x-acs-signature-method", "HMAC-SHA1")
        .header("x-acs-signature-nonce", &nonce())
        .header("x-acs-signature-version", "1.0")
        .header("x-acs-version", "2015-12-15");
    if let Some(token) = &keys.token {
        plain = plain.header("x-acs-security-token", token).header("x-acs-accesskey-id", &keys.id);
    }
    let mut headers: Vec<_> =
        plain.headers.iter().filter(|(n, _)| n.starts_with("x-acs-")).cloned().collect();
    headers.sort();
    let headers: String = headers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
    let mut query: Vec<_> = plain.query.iter().map(|(n, v)| format!("{n}={v}")).collect();
    query.sort();
    let resource =
        if query.is_empty() { plain.path.clone() } else { format!("{}?{}", plain.path, query.join("&")) };
    let content_type = plain.get("content-type");
    let to_sign =
        format!("{}\napplication/json\n\n{content_type}\n{date}\n{headers}{resource}", plain.method);
    let signature = hmac_sha1(keys.secret.as_bytes(), &to_sign);
    plain
        .header("authorization", &format!("acs {}:{signature}", keys.id))
        .send(world.at(Cs))
        .expect("an answer")
}

fn rpc_plain(method: &'static str, action: &str, params: &[(&str, &str)], keys: &Keys) -> Plain {
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let common = [
        ("Action", action),
        ("Format", "json"),
        ("Version", "2015-05-01"),
        ("AccessKeyId", &keys.id),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", &nonce()),
        ("Timestamp", &now),
    ];
    let mut plain = Plain::new(method, "/");
    for (name, value) in common.iter().chain(params) {
        plain.query.retain(|(other, _)| other != name);
        plain = plain.param(name, value);
    }
    if let Some(token) = &keys.token {
        plain = plain.param("SecurityToken", token);
    }
    plain
}

fn rpc(world: &World, plain: Plain, secret: &str) -> Answer {
    let to_sign = format!("{}&%2F&{}", plain.method, encode(&plain.canonical_query()));
    let signature = hmac_sha1(format!("{secret}&").as_bytes(), &to_sign);
    plain.param("Signature", &signature).send(world.at(Ram)).expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn acs3_serves_access_keys_and_sessions() {
    for keys in [Keys::root(), Keys::bob(), Keys::reaper()] {
        let world = World::as_of(keys).await;
        assert_eq!(world.cs("GET", "/api/v1/clusters").status, 200);
        assert_eq!(world.rpc(Ims, "ListUsersInRecycleBin", &[]).status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_spelling_of_the_service() {
    let mut world = World::start().await;
    world.keys.secret = "wrong".to_owned();
    let cs = world.cs("GET", "/api/v1/clusters");
    assert_eq!(cs.error(), (400, "SignatureDoesNotMatch"));
    assert!(cs.body["message"].as_str().expect("a message").contains("server string to sign is:ACS3-"));
    assert_eq!(cs.body["requestId"], cs.header("x-acs-request-id"));
    let ram = world.rpc(Ram, "ListUsers", &[]);
    assert_eq!(ram.body["Code"], "SignatureDoesNotMatch");
    assert_eq!(ram.body["RequestId"], ram.header("x-acs-request-id"));
    assert!(ram.body["HostId"].is_string() && ram.body["Message"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scheme_names_an_unknown_key() {
    let mut world = World::start().await;
    world.keys.id = "LTAInobody".to_owned();
    world.keys.token = None;
    let not_found = (404, "InvalidAccessKeyId.NotFound");
    assert_eq!(world.cs("GET", "/api/v1/clusters").error(), not_found);
    assert_eq!(
        roa(&world, Plain::new("GET", "/api/v1/clusters"), &world.keys, &http_date()).error(),
        not_found
    );
    assert_eq!(rpc(&world, rpc_plain("POST", "ListUsers", &[], &world.keys), "x").error(), not_found);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_query_body_or_header_breaks_the_signature() {
    let world = World::start().await;
    let host = world.at(Cs).to_string();
    let signed = || acs3(Plain::new("GET", &format!("/clusters/{PROD}")), Cs, &world.keys, &host);
    assert_eq!(signed().send(world.at(Cs)).expect("an answer").status, 200);
    let changed = [
        signed().param("page", "1"),
        signed().header("x-acs-version", "2015-12-16"),
        Plain { path: "/api/v1/clusters".to_owned(), ..signed() },
        Plain { method: "DELETE", ..signed() },
    ];
    for plain in changed {
        assert_eq!(plain.send(world.at(Cs)).expect("an answer").error(), (400, "SignatureDoesNotMatch"));
    }
    let body = Plain { body: b"{}".to_vec(), ..signed() };
    assert_eq!(body.send(world.at(Cs)).expect("an answer").error(), (400, "IncompleteSignature"));
    let smuggled = signed().header("x-acs-security-token-2", "t");
    assert_eq!(smuggled.send(world.at(Cs)).expect("an answer").error(), (400, "IncompleteSignature"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_more_than_fifteen_minutes_off_is_refused() {
    let world = World::start().await;
    let host = world.at(Cs).to_string();
    let answer = |minutes: i64| {
        let date = (Timestamp::now() + SignedDuration::from_mins(minutes)).strftime("%Y-%m-%dT%H:%M:%SZ");
        let plain = Plain::new("GET", "/api/v1/clusters").header("x-acs-date", &date.to_string());
        acs3(plain, Cs, &world.keys, &host).send(world.at(Cs)).expect("an answer")
    };
    assert_eq!(answer(-14).status, 200);
    assert_eq!(answer(14).status, 200);
    assert_eq!(answer(-16).error(), (400, "InvalidTimeStamp.Expired"));
    assert_eq!(answer(16).error(), (400, "InvalidTimeStamp.Expired"));
    let old =
        roa(&world, Plain::new("GET", "/api/v1/clusters"), &world.keys, "Fri, 02 Jan 2026 03:04:05 GMT");
    assert_eq!(old.error(), (400, "InvalidTimeStamp.Expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_served_once() {
    let world = World::start().await;
    let signed = acs3(Plain::new("GET", "/api/v1/clusters"), Cs, &world.keys, &world.at(Cs).to_string());
    assert_eq!(signed.send(world.at(Cs)).expect("an answer").status, 200);
    assert_eq!(signed.send(world.at(Cs)).expect("an answer").error(), (400, "SignatureNonceUsed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_needs_its_own_token() {
    let mut world = World::start().await;
    world.keys.token = Some("another".to_owned());
    let mismatch = (400, "InvalidSecurityToken.MismatchWithAccessKey");
    assert_eq!(world.rpc(Sts, "GetCallerIdentity", &[]).error(), mismatch);
    world.keys.token = None;
    assert_eq!(world.rpc(Sts, "GetCallerIdentity", &[]).error(), mismatch);
    world.keys = Keys { token: Some("any".to_owned()), ..Keys::root() };
    assert_eq!(world.rpc(Sts, "GetCallerIdentity", &[]).error(), mismatch);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_roa_signature_is_served() {
    let world = World::start().await;
    let list = Plain::new("GET", &format!("/users/{ALICE}/kubeconfig/states?page_number=1&page_size=50"));
    assert_eq!(roa(&world, list.clone(), &world.keys, &http_date()).status, 200);
    assert_eq!(roa(&world, list.clone(), &Keys::bob(), &http_date()).status, 200);
    let body = json!({"user": ALICE, "expire_hour": 24});
    let post = Plain::new("POST", &format!("/k8s/{PROD}/user_config/expire")).json(&body);
    assert_eq!(roa(&world, post, &world.keys, &http_date()).status, 200);
    let wrong = Keys { secret: "wrong".to_owned(), ..Keys::bob() };
    assert_eq!(roa(&world, list, &wrong, &http_date()).error(), (400, "SignatureDoesNotMatch"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_rpc_signature_is_served_by_get_and_post() {
    let world = World::start().await;
    for method in ["GET", "POST"] {
        for keys in [Keys::bob(), Keys::reaper()] {
            let plain = rpc_plain(method, "GetUser", &[("UserName", "alice")], &keys);
            assert_eq!(rpc(&world, plain, &keys.secret).ok()["User"]["UserId"], ALICE);
        }
    }
    let plain = rpc_plain("POST", "ListUsers", &[], &Keys::bob());
    assert_eq!(rpc(&world, plain, "wrong").error(), (400, "SignatureDoesNotMatch"));
    let plain = rpc_plain("POST", "ListUsers", &[("SignatureMethod", "HMAC-SHA512")], &Keys::bob());
    assert_eq!(rpc(&world, plain, "EmulatedBobSecret").error(), (400, "InvalidSignatureMethod"));
    let plain = rpc_plain("POST", "ListUsers", &[("Format", "XML")], &Keys::bob());
    assert_eq!(rpc(&world, plain, "EmulatedBobSecret").error(), (400, "UnsupportedFormat"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_request_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let plain = Plain::new("DELETE", &format!("/cluster/{PROD}/user/{ALICE}/permissions?Force=true"));
    assert_eq!(plain.send(world.at(Cs)).expect("an answer").error(), (400, "MissingAccessKeyId"));
    let plain = Plain::new("POST", "/?Action=DeleteUser&UserName=alice");
    assert_eq!(plain.send(world.at(Ram)).expect("an answer").error(), (400, "MissingAccessKeyId"));
    assert_eq!(world.states(PROD, ALICE), ["Unexpired"]);
    assert!(world.emulator.calls().iter().take(2).all(|call| call.caller.is_empty() && !call.carried_out));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_deleted_user_opens_nothing() {
    let world = World::as_of(Keys::bob()).await;
    world.account(|a| a.delete("200000000000000102", Timestamp::now())).expect("deleted");
    assert_eq!(world.rpc(Ram, "ListUsers", &[]).error(), (404, "InvalidAccessKeyId.NotFound"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_has_to_be_that_of_the_service() {
    let world = World::start().await;
    let plain = Plain::new("GET", "/api/v1/clusters").header("x-acs-version", "2020-01-01");
    assert_eq!(world.send(Cs, plain).error(), (400, "InvalidVersion"));
    assert_eq!(world.rpc(Ram, "ListUsersInRecycleBin", &[]).error(), (404, "InvalidAction.NotFound"));
    assert_eq!(world.cs("GET", "/nowhere").error(), (404, "InvalidAction.NotFound"));
}
