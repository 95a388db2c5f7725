//! The log service: audit logs, their signatures, compression and errors.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloud_emulator::Service::Sls;
use jiff::Timestamp;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::client::{
    ALICE, Answer, BATCH, BOB, CI_DEPLOYER, DEV, Keys, PROD, Plain, World, encode, hmac_sha1, hmac_sha256,
    http_date, sha256,
};

/// Which signature a query is sent with.
#[derive(Clone, Copy, Debug)]
enum Scheme {
    Sha1,
    Sha256,
    V4,
}

fn sign(plain: Plain, scheme: Scheme, keys: &Keys) -> Plain {
    let size = plain.body.len().to_string();
    let mut plain = plain
        .header("content-type", "application/json")
        .header("x-log-apiversion", "0.6.0")
        .header("x-log-bodyrawsize", &size);
    if let Some(token) = &keys.token {
        plain = plain.header("x-acs-security-token", token);
    }
    match scheme {
        Scheme::Sha1 => v1(plain, "hmac-sha1", keys),
        Scheme::Sha256 => v1(plain, "hmac-sha256", keys),
        Scheme::V4 => v4(plain, keys),
    }
}

fn lines(plain: &Plain, wanted: impl Fn(&str) -> bool) -> (String, String) {
    let mut headers: Vec<_> = plain.headers.iter().filter(|(name, _)| wanted(name)).cloned().collect();
    headers.sort();
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
    (headers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect(), names.join(";"))
}

fn v1(plain: Plain, method: &str, keys: &Keys) -> Plain {
    let md5 = if plain.body.is_empty() { String::new() } else { hex::encode_upper(Md5::digest(&plain.body)) };
    let plain = plain
        .header("content-md5", &md5)
        .header("date", &http_date())
        .header("x-log-signaturemethod", method);
    let (headers, _) = lines(&plain, |name| name.starts_with("x-log-") || name.starts_with("x-acs-"));
    let mut query: Vec<_> = plain.query.iter().map(|(n, v)| format!("{n}={v}")).collect();
    query.sort();
    let separator = if query.is_empty() { "" } else { "?" };
    let to_sign = format!(
        "{}\n{md5}\napplication/json\n{}\n{headers}{}{separator}{}",
        plain.method,
        plain.get("date"),
        plain.path,
        query.join("&")
    );
    let signature = match method {
        "hmac-sha1" => hmac_sha1(keys.secret.as_bytes(), &to_sign),
        _ => STANDARD.encode(hmac_sha256(keys.secret.as_bytes(), &to_sign)),
    };
    plain.header("authorization", &format!("LOG {}:{signature}", keys.id))
}

fn v4(plain: Plain, keys: &Keys) -> Plain {
    let date = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let hash = sha256(&plain.body);
    let plain = plain.header("x-log-date", &date).header("x-log-content-sha256", &hash);
    let signed = |name: &str| {
        name == "host" || name == "content-type" || name.starts_with("x-log-") || name.starts_with("x-acs-")
    };
    let (headers, names) = lines(&plain, signed);
    let mut query: Vec<_> = plain.query.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect();
    query.sort();
    let canonical =
        format!("{}\n{}\n{}\n{headers}\n{names}\n{hash}", plain.method, plain.path, query.join("&"));
    let scope = format!("{}/cn-hangzhou/sls/aliyun_v4_request", &date[..8]);
    let to_sign = format!("SLS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let key = format!("aliyun_v4{}", keys.secret).into_bytes();
    let steps = [&date[..8], "cn-hangzhou", "sls", "aliyun_v4_request"];
    let key = steps.iter().fold(key, |key, step| hmac_sha256(&key, step));
    let signature = hex::encode(hmac_sha256(&key, &to_sign));
    let id = &keys.id;
    plain.header("authorization", &format!("SLS4-HMAC-SHA256 Credential={id}/{scope},Signature={signature}"))
}

fn ask(cluster: &str, query: &str, more: &Value) -> Plain {
    let now = Timestamp::now().as_second();
    let mut body = json!({"from": now - 30 * 86_400, "to": now + 60, "query": query});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let mut plain = Plain::new("POST", &format!("/logstores/audit-{cluster}/logs"))
        .header("host", &format!("k8s-log-{cluster}.sls.test"));
    plain.body = body.to_string().into_bytes();
    plain
}

fn send(world: &World, plain: Plain) -> Answer {
    sign(plain, Scheme::V4, &world.keys).send(world.at(Sls)).expect("an answer")
}

/// The query that asks for the last use of a kubeconfig.
fn last_use(uid: &str) -> String {
    format!(
        "* and \"user.username\": {uid}* | select max(__time__) as last, count(1) as n \
         where \"user.username\" = '{uid}' or \"user.username\" like '{uid}-%'"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_of_a_kubeconfig_is_found_with_every_signature() {
    let world = World::start().await;
    for keys in [Keys::root(), Keys::reaper()] {
        for scheme in [Scheme::Sha1, Scheme::Sha256, Scheme::V4] {
            let plain = sign(ask(PROD, &last_use(BOB), &json!({})), scheme, &keys);
            let answer = plain.send(world.at(Sls)).expect("an answer").ok();
            assert_eq!(answer["meta"]["progress"], "Complete", "{scheme:?}");
            assert_eq!(answer["data"][0]["n"], "3");
            let last: i64 = answer["data"][0]["last"].as_str().expect("text").parse().expect("seconds");
            assert_eq!(world.emulator.started().as_second() - last, 3 * 3600);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_range_that_was_asked_for_counts() {
    let world = World::start().await;
    let now = Timestamp::now().as_second();
    let seven_days = json!({"from": now - 7 * 86_400});
    let found = |uid: &str, range: &Value| {
        let answer = send(&world, ask(PROD, &last_use(uid), range)).ok();
        answer["data"][0]["n"].as_str().expect("text").to_owned()
    };
    assert_eq!(found(ALICE, &seven_days), "0");
    assert_eq!(found(ALICE, &json!({})), "2");
    assert_eq!(found(CI_DEPLOYER, &seven_days), "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_search_gives_whole_records_newest_or_oldest_first() {
    let world = World::start().await;
    let users = |more: Value| {
        let answer = send(&world, ask(PROD, CI_DEPLOYER, &more)).ok();
        answer["data"].as_array().expect("logs").clone()
    };
    let all = users(json!({}));
    assert_eq!(all.len(), 3);
    assert!(all[0]["user.username"].as_str().expect("text").starts_with(CI_DEPLOYER));
    assert!(all.iter().all(|log| log.as_object().expect("a log").values().all(Value::is_string)));
    assert!(all[0]["__time__"].as_str() < all[2]["__time__"].as_str());
    let newest = users(json!({"reverse": true, "line": 1}));
    assert_eq!(newest, [all[2].clone()]);
    assert_eq!(users(json!({"offset": 1, "line": 1})), [all[1].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_that_is_recorded_now_is_found_and_blocks_an_unforced_cleaning() {
    let world = World::start().await;
    assert_eq!(send(&world, ask(PROD, &last_use(ALICE), &json!({}))).ok()["data"][0]["n"], "2");
    world.account(|a| a.record_access(PROD, ALICE, Timestamp::now())).expect("recorded");
    assert_eq!(send(&world, ask(PROD, &last_use(ALICE), &json!({}))).ok()["data"][0]["n"], "3");
    assert_eq!(world.clean(PROD, ALICE, "false").error(), (400, "ErrorKubeConfigInUse"));
}

#[tokio::test(flavor = "multi_thread")]
async fn lz4_is_used_when_it_is_asked_for() {
    let world = World::start().await;
    let plain = ask(PROD, &last_use(BOB), &json!({})).header("accept-encoding", "lz4");
    let answer = send(&world, plain);
    assert_eq!(answer.header("x-log-compresstype"), "lz4");
    let size = answer.header("x-log-bodyrawsize").parse().expect("a size");
    let body = lz4_flex::block::decompress(&answer.raw, size).expect("lz4");
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(body["data"][0]["n"], "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_operation_answers_logs_alone_and_the_progress_in_a_header() {
    let world = World::start().await;
    let now = Timestamp::now().as_second();
    let plain = Plain::new("GET", &format!("/logstores/audit-{PROD}"))
        .header("host", &format!("k8s-log-{PROD}.sls.test"))
        .param("type", "log")
        .param("from", &(now - 86_400).to_string())
        .param("to", &(now + 60).to_string())
        .param("query", &last_use(CI_DEPLOYER));
    for scheme in [Scheme::Sha1, Scheme::Sha256, Scheme::V4] {
        let answer = sign(plain.clone(), scheme, &world.keys).send(world.at(Sls)).expect("an answer");
        assert_eq!(answer.header("x-log-progress"), "Complete", "{scheme:?} {answer:?}");
        assert_eq!(answer.body[0]["n"], "3");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_answer_has_no_data_and_becomes_complete() {
    let world = World::start().await;
    world.emulator.tune(|knobs| knobs.incomplete_log_queries = 2);
    for expected in ["Incomplete", "Incomplete", "Complete"] {
        let answer = send(&world, ask(PROD, &last_use(BOB), &json!({}))).ok();
        assert_eq!(answer["meta"]["progress"], expected);
        assert_eq!(answer["data"].as_array().expect("logs").is_empty(), expected == "Incomplete");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_or_logstore_that_is_not_there_is_named() {
    let world = World::start().await;
    assert_eq!(send(&world, ask(DEV, "*", &json!({}))).error(), (404, "ProjectNotExist"));
    let mixed = ask(BATCH, "*", &json!({})).header("host", &format!("k8s-log-{PROD}.sls.test"));
    assert_eq!(send(&world, mixed).error(), (404, "LogStoreNotExist"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused() {
    let world = World::start().await;
    let code = |plain: Plain| {
        let answer = send(&world, plain);
        let (status, code) = answer.error();
        assert_eq!(status, 400);
        code.to_owned()
    };
    assert_eq!(code(ask(PROD, "* | select a group by a", &json!({}))), "ParameterInvalid");
    assert_eq!(code(ask(PROD, "(", &json!({}))), "ParameterInvalid");
    assert_eq!(code(ask(PROD, "*", &json!({"from": 2, "to": 1}))), "ParameterInvalid");
    assert_eq!(code(ask(PROD, "*", &json!({"line": -1}))), "ParameterInvalid");
    assert_eq!(code(ask(PROD, "*", &json!({"from": "yesterday"}))), "PostBodyInvalid");
    let deep = "(".repeat(100_000);
    assert_eq!(code(ask(PROD, &deep, &json!({}))), "ParameterInvalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_signatures_have_the_codes_of_the_log_service() {
    let world = World::start().await;
    let wrong = Keys { secret: "wrong".to_owned(), ..Keys::root() };
    let nobody = Keys { id: "LTAInobody".to_owned(), ..Keys::root() };
    let tokenless = Keys { token: None, ..Keys::reaper() };
    for scheme in [Scheme::Sha1, Scheme::Sha256, Scheme::V4] {
        let code = |keys: &Keys| {
            let answer =
                sign(ask(PROD, "*", &json!({})), scheme, keys).send(world.at(Sls)).expect("an answer");
            assert!(!answer.header("x-log-requestid").is_empty());
            let (status, code) = answer.error();
            (status, code.to_owned())
        };
        assert_eq!(code(&wrong), (403, "SignatureNotMatch".to_owned()), "{scheme:?}");
        assert_eq!(code(&nobody), (401, "Unauthorized".to_owned()), "{scheme:?}");
        assert_eq!(code(&tokenless), (403, "SecurityTokenInvalid".to_owned()), "{scheme:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_audit_log_is_says_the_cluster() {
    let world = World::start().await;
    let audit = world.cs("GET", &format!("/clusters/{PROD}/audit")).ok();
    assert_eq!(audit, json!({"sls_project_name": format!("k8s-log-{PROD}"), "audit_enabled": true}));
    let audit = world.cs("GET", &format!("/clusters/{DEV}/audit")).ok();
    assert_eq!(audit, json!({"sls_project_name": "", "audit_enabled": false}));
}

#[tokio::test(flavor = "multi_thread")]
async fn activity_is_told_by_the_undocumented_operation_too() {
    let world = World::start().await;
    let activity = |cluster: &str, uid: &str| {
        world.cs("GET", &format!("/clusters/{cluster}/users/{uid}/activity-state"))
    };
    let bob = activity(PROD, BOB).ok();
    assert_eq!((&bob["active"], bob["last_activity"].is_string()), (&true.into(), true));
    assert_eq!(bob["log_store_name"], format!("audit-{PROD}"));
    let alice = activity(PROD, ALICE).ok();
    assert_eq!((&alice["active"], alice["last_activity"].is_string()), (&false.into(), true));
    assert_eq!(activity(DEV, ALICE).error(), (400, "ErrorAccessRecordsNotFound"));
}
