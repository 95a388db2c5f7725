//! `doctor`: names what is missing, one line a check, and changes nothing.

use std::process::Command;

use serde_json::{Value, json};

use crate::world::{BOB, Ended, PROD, World, alone, finish};

/// Settings that no check finds anything about.
const CAREFUL: [(&str, &str); 4] = [
    ("REAPER_PROTECTED", "200000000000000199"),
    ("REAPER_FUNCTION_ROLES", "300000000000000202"),
    ("REAPER_POLICY_SECOND_PERSON", "true"),
    (
        "REAPER_API_TOKENS",
        "peter:approver:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,\
         paula:approver:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    ),
];

fn examine(world: &World, change: impl FnOnce(&mut Command)) -> (Ended, Vec<Value>) {
    let mut command = world.command(&["doctor", "-o", "json"]);
    command.envs(CAREFUL);
    change(&mut command);
    let ended = finish(&mut command);
    let findings: Value =
        serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}{}", ended.out, ended.err));
    let findings = findings.as_array().unwrap().clone();
    (ended, findings)
}

/// What is not fine, as `result check about`.
fn troubles(findings: &[Value]) -> Vec<String> {
    let bad = findings.iter().filter(|finding| finding["result"] == "warn" || finding["result"] == "fail");
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    bad.map(|f| format!("{} {} {}", text(f, "result"), text(f, "check"), text(f, "about")).trim().to_owned())
        .collect()
}

/// What the believable account has by itself: a cluster without audit log, and no event rule.
const BELIEVABLE: [&str; 2] =
    ["warn audit-log dev (c2c3d4e5f60718293a4b5c6d7e8f9a0b1)", "warn deletion-events"];

fn with(more: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = BELIEVABLE.iter().chain(more).map(|&line| line.to_owned()).collect();
    all.sort();
    all
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// A swept and sealed store.
fn world() -> World {
    let world = World::new();
    assert_eq!(world.run(&["key", "generate"]).code, Some(0));
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    world.control("DELETE", "/calls", "");
    world
}

#[test]
fn where_all_is_well_it_says_so_and_has_only_read() {
    let world = world();
    let before = world.json(&["history"]);
    let (ended, findings) = examine(&world, |_| {});
    assert_eq!((ended.code, sorted(troubles(&findings))), (Some(0), with(&[])), "{}", ended.err);
    assert_eq!(world.json(&["history"]), before, "nothing was stored");
    let calls = world.control("GET", "/calls", "");
    let writes = ["Clean", "Delete", "Update", "Create", "Put", "Grant", "Revoke"];
    for call in calls.as_array().unwrap() {
        let operation = call["operation"].as_str().unwrap();
        assert!(!writes.iter().any(|verb| operation.starts_with(verb)), "{operation}");
    }
    let allowed = findings.iter().filter(|f| f["check"] == "permission" && f["result"] == "ok").count();
    assert_eq!(allowed, 14, "{findings:#?}");
}

/// Each service, the operation that is refused, its status and code, and the action that has to be named.
const REFUSALS: [(&str, u16, &str, &str); 14] = [
    ("DescribeClustersV1", 403, "Forbidden.RAM", "cs:DescribeClustersV1"),
    ("DescribeClusterDetail", 403, "Forbidden.RAM", "cs:DescribeClusterDetail"),
    ("ListClusterKubeconfigStates", 403, "Forbidden.RAM", "cs:ListClusterKubeconfigStates"),
    ("ListUserKubeConfigStates", 403, "Forbidden.RAM", "cs:ListUserKubeConfigStates"),
    ("DescribeUserPermission", 403, "Forbidden.RAM", "cs:DescribeUserPermission"),
    ("GetClusterAuditProject", 403, "Forbidden.RAM", "cs:GetClusterAuditProject"),
    ("DescribeUserClusterActivityState", 403, "Forbidden.RAM", "cs:DescribeUserClusterActivityState"),
    ("GetLogsV2", 401, "Unauthorized", "log:GetLogStoreLogs"),
    ("ListUsers", 403, "NoPermission", "ram:ListUsers"),
    ("ListRoles", 403, "NoPermission", "ram:ListRoles"),
    ("GetUser", 403, "NoPermission", "ram:GetUser"),
    ("GetRole", 403, "NoPermission", "ram:GetRole"),
    ("ListUsersInRecycleBin", 403, "NoPermission", "ram:ListUsersInRecycleBin"),
    ("LookupEvents", 403, "NoPermission", "actiontrail:LookupEvents"),
];

#[test]
fn each_permission_that_is_missing_is_named() {
    let world = world();
    for (operation, status, code, action) in REFUSALS {
        let failure = json!({
            "operation": operation, "times": 1, "outcome": { "error": { "status": status, "code": code } },
        });
        world.control("POST", "/failures", &failure.to_string());
        let (ended, findings) = examine(&world, |_| {});
        assert_eq!(ended.code, Some(1), "{operation}");
        let failed = findings.iter().find(|f| f["check"] == "permission" && f["result"] == "fail");
        let failed = failed.unwrap_or_else(|| panic!("{operation}: {findings:#?}"));
        assert!(failed["about"].as_str().unwrap().starts_with(action), "{failed}");
        assert!(failed["found"].as_str().unwrap().contains(code), "{failed}");
        assert!(
            failed["next"].as_str().unwrap().contains("assumed-role/reaper"),
            "who has to be allowed: {failed}"
        );
    }
}

/// A defect of the environment or the settings: variables to set, and what is found besides.
#[test]
fn each_defect_of_the_settings_is_named() {
    let world = world();
    let viewers = CAREFUL[3].1.replace("approver", "viewer");
    let (peter, _) = CAREFUL[3].1.split_once(',').unwrap();
    let twice = format!("{peter},peter:approver:{}", "c".repeat(64));
    let secret = "0123456789abcdef0123456789abcdef";
    let defects: [(&str, &str, &[&str]); 14] = [
        ("REAPER_PROTECTED", "", &["warn protected"]),
        ("REAPER_FUNCTION_ROLES", "", &["warn function-roles"]),
        ("REAPER_POLICY_SECOND_PERSON", "false", &["warn second-person"]),
        ("REAPER_API_TOKENS", "", &["warn tokens", "warn approvers"]),
        ("REAPER_API_TOKENS", &viewers, &["warn approvers"]),
        ("REAPER_API_TOKENS", peter, &["warn approvers"]),
        ("REAPER_API_TOKENS", &twice, &["warn approvers"]),
        ("REAPER_API_LISTEN", "0.0.0.0:8080", &["warn listen"]),
        ("REAPER_CHAT_SLACK_USERS", "U1:anna:approver", &["warn chat slack"]),
        ("REAPER_CHAT_SLACK_SIGNING_SECRETS", secret, &["warn chat slack"]),
        ("REAPER_NOTIFY_DINGTALK_SECRET", secret, &["warn notify dingtalk"]),
        ("REAPER_NOTIFY_FEISHU_SECRET", secret, &["warn notify feishu"]),
        ("REAPER_STORE_PATH", "/nowhere/events.sqlite", &["fail store"]),
        ("REAPER_CLOUD_ENDPOINTS_STS", "http://127.0.0.1:9", &["fail credentials"]),
    ];
    for (variable, value, caused) in defects {
        let (ended, findings) = examine(&world, |command| {
            command.env(variable, value);
        });
        let caused: Vec<String> = caused.iter().map(|&line| line.to_owned()).collect();
        let found = troubles(&findings);
        let known = |line: &String| !BELIEVABLE.contains(&line.as_str());
        let found: Vec<String> = found.into_iter().filter(known).collect();
        assert_eq!(sorted(found), sorted(caused.clone()), "{variable}={value}");
        let failed = caused.iter().any(|trouble| trouble.starts_with("fail"));
        assert_eq!(ended.code, Some(i32::from(failed)), "{variable}={value}");
        for trouble in caused {
            let check = trouble.split(' ').nth(1).unwrap();
            let finding = findings.iter().find(|f| f["check"] == check && f["result"] != "ok").unwrap();
            assert!(finding["next"].is_string(), "what to do next: {finding}");
        }
        assert!(!ended.out.contains(secret), "{variable}: no secret is shown");
    }
}

/// The findings of one check about something.
fn of<'a>(findings: &'a [Value], check: &str, about: &str) -> Vec<&'a Value> {
    findings.iter().filter(|finding| finding["check"] == check && finding["about"] == about).collect()
}

/// Somebody who accepts connections, and what each that came had to say.
fn listener() -> (String, std::net::TcpListener) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    (format!("http://{}", listener.local_addr().unwrap()), listener)
}

#[test]
fn a_target_that_can_be_told_is_fine_and_is_sent_nothing() {
    let world = world();
    let (origin, listener) = listener();
    let (ended, findings) = examine(&world, |command| {
        command
            .env("REAPER_NOTIFY_PRIVATE_HOSTS", &origin)
            .env("REAPER_NOTIFY_DINGTALK_URL", format!("{origin}/robot/send?access_token=hidden-in-here"))
            .env("REAPER_NOTIFY_DINGTALK_SECRET", "SEC0123456789abcdef0123456789abcdef");
    });
    assert_eq!(sorted(troubles(&findings)), with(&[]), "{}", ended.err);
    let notify = of(&findings, "notify", "dingtalk");
    assert!(notify.len() == 1 && notify[0]["found"].to_string().contains("nothing was sent"), "{notify:?}");
    assert_eq!(of(&findings, "notified", "dingtalk")[0]["result"], "skip", "nothing was told there yet");
    assert!(!ended.out.contains("hidden-in-here"), "an address is a secret");
    let (mut connection, _) = listener.accept().unwrap();
    let mut said = vec![];
    std::io::Read::read_to_end(&mut connection, &mut said).unwrap();
    assert_eq!(said, b"", "a connection, and not a word");
}

#[test]
fn a_target_that_cannot_be_told_is_named_with_the_reason() {
    let world = world();
    let gone = listener().0;
    let (there, _listener) = listener();
    let hosts = format!("{gone},{there}");
    let sign = ("REAPER_NOTIFY_DINGTALK_SECRET", "SEC0123456789abcdef0123456789abcdef");
    let kinds = ("REAPER_NOTIFY_DINGTALK_KINDS", "held");
    let unsigned = ("REAPER_NOTIFY_FEISHU_KINDS", "held");
    let defects = [
        (&gone, sign, kinds, "fail notify dingtalk", "nobody accepts connections there"),
        (&there, ("REAPER_NOTIFY_DINGTALK_KINDS", ""), sign, "warn notify dingtalk", "told of nothing"),
        (&there, unsigned, kinds, "warn notify dingtalk", "messages go unsigned"),
    ];
    for (origin, one, other, trouble, why) in defects {
        let (ended, findings) = examine(&world, |command| {
            command
                .env("REAPER_NOTIFY_PRIVATE_HOSTS", &hosts)
                .env("REAPER_NOTIFY_DINGTALK_URL", format!("{origin}/robot/send?access_token=hidden-in-here"))
                .envs([one, other]);
        });
        assert_eq!(sorted(troubles(&findings)), with(&[trouble]), "{why}: {}", ended.err);
        let notify = of(&findings, "notify", "dingtalk")[0];
        assert!(notify["found"].to_string().contains(why), "{notify}");
        assert!(notify["next"].is_string() && !ended.out.contains("hidden-in-here"), "{notify}");
        assert_eq!(ended.code, Some(i32::from(trouble.starts_with("fail"))));
    }
}

#[test]
fn further_targets_are_looked_at_by_their_names() {
    let world = world();
    let (gone, _) = listener();
    let (there, _listener) = listener();
    let targets = format!(
        "ops slack {gone}/services/T1/B1/hidden-in-here kinds=held, room dingtalk {there}/robot/send?access_token=hidden-in-here"
    );
    let (ended, findings) = examine(&world, |command| {
        command
            .env("REAPER_NOTIFY_PRIVATE_HOSTS", format!("{gone},{there}"))
            .env("REAPER_NOTIFY_TARGETS", &targets);
    });
    let caused = ["fail notify ops", "warn notify room"];
    assert_eq!(sorted(troubles(&findings)), with(&caused), "{}{}", ended.out, ended.err);
    let unsigned = of(&findings, "notify", "room")[0];
    assert!(unsigned["next"].to_string().contains("`room` in notify.targets"), "{unsigned}");
    assert!(!ended.out.contains("hidden-in-here"), "an address is a secret");
}

#[test]
fn a_message_that_was_not_taken_is_named() {
    let world = world();
    let (gone, _) = listener();
    let told = |command: &mut Command| {
        command
            .env("REAPER_NOTIFY_PRIVATE_HOSTS", &gone)
            .env("REAPER_NOTIFY_SLACK_URL", format!("{gone}/services/T1/B1/hidden-in-here"));
    };
    // The first sweep with a target begins to follow the log, the second has something to tell.
    for revoked in [false, true] {
        if revoked {
            let mut revoke = world.command(&["revoke", BOB, PROD, "--yes"]);
            told(&mut revoke);
            finish(&mut revoke);
        }
        let mut sweep = world.command(&["sweep"]);
        told(&mut sweep);
        finish(&mut sweep);
    }
    let (_, findings) = examine(&world, told);
    let notified = of(&findings, "notified", "slack")[0];
    assert_eq!(notified["result"], "warn", "{notified}");
    assert!(notified["found"].to_string().contains("did not take the latest message"), "{notified}");
}

#[test]
fn a_token_that_never_asked_for_anything_is_named_once_the_history_is_old_enough() {
    let world = World::new();
    let used = |findings: &[Value]| findings.iter().find(|f| f["check"] == "tokens-used").unwrap().clone();
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    let (_, findings) = examine(&world, |_| {});
    assert_eq!(used(&findings)["result"], "skip", "a young history says nothing of habits");

    let old = World::new();
    tokio::runtime::Runtime::new().unwrap().block_on(begin_a_month_ago(&old));
    assert_eq!(old.run(&["sweep"]).code, Some(0));
    // Who revokes on the command line goes by the name of the machine's user.
    let revoked = old.run(&["revoke", BOB, PROD, "--yes"]);
    assert!(revoked.code.is_some(), "{}", revoked.err);
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::current()).unwrap().unwrap().name;
    let (_, findings) = examine(&old, |command| {
        let sha = "c".repeat(64);
        command.env("REAPER_API_TOKENS", format!("{},{user}:operator:{sha},vera:viewer:{sha}", CAREFUL[3].1));
    });
    let used = used(&findings);
    assert_eq!(used["result"], "warn", "{used}");
    let found = used["found"].as_str().unwrap();
    assert!(found.contains("paula (approver), peter (approver)"), "{found}");
    assert!(!found.contains(&user) && !found.contains("vera"), "{found}");
}

/// The first event of a store that is 31 days old.
async fn begin_a_month_ago(world: &World) {
    use event_store::{Clock, Commit, EventStore as _, Options, SqliteStore};
    use kubeconfig::run::RunEvent;
    use kubeconfig::{Actor, Event, EventId, NewEvent, RunId, StreamId};
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(31 * 24);
    let options = Options { clock: Clock::new(move || then), ..Options::default() };
    let store = SqliteStore::open(world.path("reaper.sqlite"), options).unwrap();
    let run = RunId::derived("the first");
    let event = NewEvent {
        id: EventId::derived("the first"),
        occurred_at: then,
        actor: Actor::timer(),
        correlation: *run.as_uuid(),
        causation: None,
        source: None,
        event: Event::Run(RunEvent::SweepOverdue { since: None }),
    };
    store.append(Commit { stream: StreamId::Run(run), expected: 0, events: vec![event] }).await.unwrap();
}

#[test]
fn each_defect_of_the_credentials_is_named() {
    let world = world();
    let cases = [
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "another", "fail credentials"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "another", "fail credentials"),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "", "fail credentials"),
    ];
    for (variable, value, trouble) in cases {
        let (ended, findings) = examine(&world, |command| {
            command.env(variable, value);
        });
        assert_eq!(ended.code, Some(1), "{variable}");
        assert!(troubles(&findings).contains(&trouble.to_owned()), "{variable}: {findings:#?}");
        assert!(!ended.out.contains("EmulatedReaperSec"), "no secret is shown");
    }
    let skewed = r#"{"operation":"GetCallerIdentity","outcome":{"error":{"status":400,"code":"InvalidTimeStamp.Expired"}}}"#;
    world.control("POST", "/failures", skewed);
    let (ended, findings) = examine(&world, |_| {});
    assert_eq!((ended.code, troubles(&findings).contains(&"fail clock".to_owned())), (Some(1), true));
}

#[test]
fn what_never_happened_and_what_is_long_ago_is_named() {
    let world = World::new();
    let (_, findings) = examine(&world, |_| {});
    assert!(troubles(&findings).contains(&"fail store".to_owned()), "no store yet: {findings:#?}");

    // A sweep that could not read everything, without a key.
    let failure = r#"{"operation":"DescribeUserPermission","times":200,"outcome":{"error":{"status":403,"code":"Forbidden.RAM"}}}"#;
    world.control("POST", "/failures", failure);
    assert_eq!(world.run(&["sweep"]).code, Some(1));
    let (_, findings) = examine(&world, |_| {});
    let found = troubles(&findings);
    for trouble in ["warn sweep", "warn seal", "fail permission cs:DescribeUserPermission"] {
        assert!(found.contains(&trouble.to_owned()), "{trouble}: {found:?}");
    }
    assert_eq!(world.run(&["key", "generate"]).code, Some(0));
    let (_, findings) = examine(&world, |_| {});
    let seal = findings.iter().find(|finding| finding["check"] == "seal").unwrap();
    assert!(seal["found"].as_str().unwrap().starts_with("there is a key"), "{seal}");
}

#[test]
fn an_event_that_arrived_is_seen_and_a_cluster_without_audit_log_is_named_with_its_id() {
    let world = world();
    let event = json!({
        "specversion": "1.0", "id": "e1", "source": "acs.ram", "type": "ram:ActionTrail:ApiCall",
        "time": "2026-01-02T03:04:05Z",
        "data": { "eventId": "e1", "eventName": "DeleteUser", "eventTime": "2026-01-02T03:04:05Z",
            "serviceName": "Ram", "requestParameters": { "UserName": "nobody-known" } },
    });
    let file = world.file("event.json", event.to_string());
    world.run(&["replay", file.to_str().unwrap(), "--execute"]);
    let (_, findings) = examine(&world, |_| {});
    let seen = findings.iter().find(|finding| finding["check"] == "deletion-events").unwrap();
    assert_eq!(seen["result"], "ok", "{seen}");
    let audited = findings.iter().filter(|finding| finding["check"] == "audit-log");
    assert_eq!(audited.clone().count(), 2);
    assert!(audited.clone().all(|finding| !finding["about"].to_string().contains(PROD)));
}

#[test]
fn people_get_one_line_a_check_and_a_wrong_setting_is_a_usage_error() {
    let world = world();
    let ended = world.run(&["doctor"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let (_, findings) = examine(&world, |_| {});
    assert_eq!(ended.out.lines().count(), findings.len() + 1, "{}", ended.out);
    assert!(ended.err.contains(" to look at, "), "{}", ended.err);
    assert_eq!(alone(&["doctor", "--store"]).code, Some(2));
}

#[test]
fn tables_that_are_missing_are_named_and_found_once_they_are_made() {
    let world = World::new();
    let url = world.description["endpoints"]["tablestore"].as_str().unwrap().to_owned();
    let on_tables = |command: &mut Command| {
        command
            .env("REAPER_STORE_KIND", "tablestore")
            .env("REAPER_STORE_INSTANCE", "reaper-test")
            .env("REAPER_STORE_ENDPOINT", &url);
    };
    let (ended, findings) = examine(&world, on_tables);
    let found = troubles(&findings);
    for trouble in ["fail store-parts table reaper_log", "fail store-parts table reaper_index", "fail store"]
    {
        assert!(found.contains(&trouble.to_owned()), "{trouble}: {found:?}");
    }
    assert_eq!(ended.code, Some(1));

    let mut init = world.command(&["store", "init"]);
    on_tables(&mut init);
    assert_eq!(finish(&mut init).code, Some(0));
    let (_, findings) = examine(&world, on_tables);
    let parts: Vec<_> = findings.iter().filter(|finding| finding["check"] == "store-parts").collect();
    assert!(parts.len() == 1 && parts[0]["result"] == "ok", "{parts:?}");
}

/// Whoever follows the advice gets a token, not an error.
#[test]
fn the_command_that_makes_an_approver_is_one() {
    let world = World::new();
    let (_, findings) = examine(&world, |command| {
        command.env("REAPER_API_TOKENS", "");
    });
    let advice =
        findings.iter().find(|finding| finding["check"] == "approvers").unwrap()["next"].as_str().unwrap();
    let command = advice.split('`').nth(1).unwrap().replace("NAME", "anna");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    assert_eq!(alone(&words).code, Some(0), "{command}");
}
