//! Configuration: every key works from the environment and from a file, and mistakes name themselves.

use revocation::config::{Config, ConfigError, KEYS};
use rstest::rstest;
use toml::Value;

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    futures::executor::block_on(Config::load(variables))
}

/// The leaves of a table, as dotted paths.
fn leaves(prefix: &str, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                leaves(&path, value, into);
            }
        }
        _ => into.push(prefix.to_owned()),
    }
}

#[test]
fn the_table_of_keys_is_the_struct() {
    let mut of_struct = vec![];
    leaves("", &Value::try_from(Config::default()).unwrap(), &mut of_struct);
    // Endpoints are absent by default, so the default has no leaf for them.
    of_struct.extend(
        ["cs", "ram", "ims", "sts", "sls", "actiontrail", "oss"].map(|s| format!("cloud.endpoints.{s}")),
    );
    of_struct.extend(["continuation_url", "feishu.app_id", "feishu.app_secret"].map(|s| format!("chat.{s}")));
    of_struct.extend(
        ["issuer", "audience", "client_id", "client_secret", "jwks_url"].map(|s| format!("api.oidc.{s}")),
    );
    of_struct.extend(
        ["slack.url", "dingtalk.url", "dingtalk.secret", "feishu.url", "feishu.secret", "webhook.url"]
            .map(|s| format!("notify.{s}")),
    );
    of_struct.extend(["instance", "endpoint"].map(|s| format!("store.{s}")));
    of_struct.push("seal.key".to_owned());
    of_struct.extend(["session_key", "origin"].map(|s| format!("console.{s}")));
    let mut of_table: Vec<_> = KEYS.iter().map(|key| key.path.to_owned()).collect();
    of_struct.sort();
    of_table.sort();
    assert_eq!(of_struct, of_table);
}

/// Tools that deploy functions set every variable, and leave those empty that nobody gave a value.
#[test]
fn an_empty_variable_leaves_a_text_without_a_default_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reaper.toml");
    std::fs::write(&file, "console.origin = \"https://reaper.example.com\"").unwrap();
    let empty = [
        ("REAPER_CONFIG", file.to_str().unwrap()),
        ("REAPER_CONSOLE_SESSION_KEY", ""),
        ("REAPER_CONSOLE_ORIGIN", ""),
        ("REAPER_NOTIFY_SLACK_URL", ""),
    ];
    let config = load(&empty).unwrap();
    assert_eq!(config.console.origin.as_deref(), Some("https://reaper.example.com"));
    assert!(config.console.session_key.is_none() && config.notify.slack.url.is_none());
    // Where there is a default, an empty text says something else.
    assert_eq!(load(&[("REAPER_STORE_PREFIX", "")]).unwrap().store.prefix, "");
}

#[test]
fn the_table_of_the_readme_has_every_key() {
    let readme = include_str!("../../../../README.md");
    for key in KEYS {
        let start = format!("| `{}` | `{}` | ", key.path, key.variable());
        let row = readme.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("the README has no row for {}", key.path));
        assert!(row.contains(key.default) && row.contains(key.meaning), "{row}");
    }
    let rows = readme.lines().filter(|line| line.contains("| `REAPER_")).count();
    assert_eq!(rows, KEYS.len(), "the README has rows for keys that do not exist");
}

#[test]
fn the_defaults_in_the_table_are_the_defaults() {
    for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
        let with = load(&[(&key.variable(), key.default)]).unwrap();
        assert_eq!(with, Config::default(), "{}", key.path);
    }
}

/// A line that is not TOML may be a secret without its quotes.
#[test]
fn a_file_that_is_not_toml_is_told_by_its_line_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reaper.toml");
    std::fs::write(&file, "[console]\nsession_key = hunter2hunter2hunter2\n").unwrap();
    let error = load(&[("REAPER_CONFIG", file.to_str().unwrap())]).unwrap_err().to_string();
    assert!(error.contains("reaper.toml: line 2 is not TOML") && !error.contains("hunter2"), "{error}");
}

/// Keys whose values nobody may see: secrets, keys, and addresses that let their bearer write.
fn is_secret(path: &str) -> bool {
    const NAMES: [&str; 9] = [
        "key",
        "session_key",
        "tokens",
        "secret",
        "secrets",
        "url",
        "targets",
        "encrypt_keys",
        "verification_tokens",
    ];
    let name = path.rsplit('.').next().unwrap_or(path);
    NAMES.contains(&name) || name.ends_with("_secret") || name.ends_with("_secrets")
}

#[test]
fn no_secret_is_quoted_whatever_stands_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reaper.toml");
    let refused = |path: &str, value: &str| {
        std::fs::write(&file, format!("{path} = {value}\n")).unwrap();
        let error = load(&[("REAPER_CONFIG", file.to_str().unwrap())]).err()?.to_string();
        assert!(!error.contains("hunter2") && !error.contains("1234") && !error.contains("56:07"), "{error}");
        Some(error)
    };
    let odd = [
        "-1234567",
        "1234.5",
        "true",
        "2026-01-02T03:56:07Z",
        "{ hunter2 = \"hunter2\" }",
        "[1234567]",
        "[[\"hunter2\"]]",
    ];
    let texts = [
        "\"hunter2 hunter2 hunter2 hunter2 hunter2\"",
        "[\"hunter2 hunter2 hunter2\", \"\"]",
        "[\"hunter2\", 1234567]",
    ];
    let secret: Vec<_> = KEYS.iter().filter(|key| is_secret(key.path)).collect();
    assert_eq!(secret.len(), 17);
    for key in secret {
        for value in odd {
            let error = refused(key.path, value).unwrap_or_else(|| panic!("{} may be {value}", key.path));
            assert!(error.starts_with(&format!("bad configuration: {} has to be ", key.path)), "{error}");
        }
        for value in texts {
            refused(key.path, value);
        }
        // A text in the place of the table around it.
        for (dot, _) in key.path.match_indices('.') {
            for value in odd.iter().chain(&texts).filter(|value| !value.starts_with('{')) {
                let error = refused(&key.path[..dot], value).unwrap();
                assert!(error.ends_with(&format!("{} has to be a table", &key.path[..dot])), "{error}");
            }
        }
    }
}

#[test]
fn variables_win_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reaper.toml");
    std::fs::write(&file, "region = \"cn-beijing\"\n[policy.expired]\nrecords_found = \"leave\"\n").unwrap();
    let config = load(&[
        ("REAPER_CONFIG", file.to_str().unwrap()),
        ("REAPER_REGION", "eu-central-1"),
        ("REAPER_PROTECTED", "200000000000000001, 300000000000000002"),
        ("PATH", "/bin"),
    ])
    .unwrap();
    assert_eq!(config.region, "eu-central-1");
    assert_eq!(config.protected.len(), 2);
    assert_eq!(config.policy.expired.records_found, kubeconfig::policy::Decision::Leave);
    assert_eq!(config.policy.expired.no_records, kubeconfig::policy::Decision::Revoke);
}

#[rstest]
#[case(&[("REAPER_STORE_PAHT", "x")], "REAPER_STORE_PATH")]
#[case(&[("REAPER_SWEEP_EXPIRED", "yes")], "REAPER_SWEEP_EXPIRED: `yes` is neither true nor false")]
#[case(&[("REAPER_SWEEP_CONCURRENCY", "0")], "sweep.concurrency")]
#[case(&[("REAPER_API_REQUESTS_PER_MINUTE", "0")], "api.requests_per_minute")]
#[case(&[("REAPER_API_UNAUTHENTICATED_PER_MINUTE", "0")], "api.unauthenticated_per_minute")]
#[case(&[("REAPER_STORE_KIND", "postgres")], "kind")]
#[case(&[("REAPER_GUARD_MAX_SHARE", "2")], "guard.max_share")]
#[case(&[("REAPER_GUARD_MAX_IDENTITIES", "many")], "REAPER_GUARD_MAX_IDENTITIES: `many` is not a number")]
#[case(&[("REAPER_NOTIFY_SLACK_KINDS", "held,everything")], "notify.slack.kinds")]
#[case(&[("REAPER_NOTIFY_SLACK_URL", "http://hooks.example/x")], "notify.slack.url: it is not https")]
#[case(&[("REAPER_NOTIFY_WEBHOOK_URL", "https://hooks.example/x")], "notify.webhook.secrets")]
#[case(&[("REAPER_NOTIFY_WEBHOOK_SECRETS", "whsec_short")], "24 to 64 bytes")]
#[case(&[("REAPER_NOTIFY_DIGEST_ABOVE", "0")], "notify.digest_above")]
#[case(&[("REAPER_PROTECTED", "alice")], "`alice` is not a user or role id")]
#[case(&[("REAPER_POLICY_REQUESTED_NO_RECORDS", "delete")], "no_records")]
#[case(&[("REAPER_API_OIDC_CLIENT_ID", "x"), ("REAPER_API_OIDC_ISSUER", "https://issuer.example")], "console.origin")]
#[case(&[("REAPER_API_OIDC_CLIENT_ID", "x"), ("REAPER_CONSOLE_ORIGIN", "https://a.example")], "api.oidc.issuer")]
#[case(&[("REAPER_API_OIDC_CLIENT_SECRET", "a secret of the issuer")], "without client_id")]
#[case(&[("REAPER_CONFIG", "/nowhere/reaper.toml")], "/nowhere/reaper.toml")]
#[case(&[("REAPER_CONFIG", "oss://Bucket/reaper.toml")], "oss://Bucket/reaper.toml: it is not the name of a bucket")]
#[case(&[("REAPER_SEAL_CHECKPOINT_PATH", "oss://bucket")], "seal.checkpoint_path: not the address of an object")]
fn a_mistake_names_itself(#[case] variables: &[(&str, &str)], #[case] says: &str) {
    let error = load(variables).unwrap_err().to_string();
    assert!(error.contains(says), "{error}");
}

#[test]
fn an_unknown_key_of_the_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reaper.toml");
    std::fs::write(&file, "[store]\npat = \"x\"\n").unwrap();
    let error = load(&[("REAPER_CONFIG", file.to_str().unwrap())]).unwrap_err().to_string();
    assert!(error.contains("pat"), "{error}");
}

#[test]
fn one_name_has_one_scope_whichever_door_it_comes_through() {
    let digest = "0".repeat(64);
    let scopes = |scopes: &str| {
        load(&[
            ("REAPER_API_TOKENS", &format!("bot:operator:{digest}")),
            ("REAPER_CHAT_SLACK_SIGNING_SECRETS", "a-signing-secret"),
            ("REAPER_CHAT_SLACK_USERS", "U1:olga:operator"),
            ("REAPER_ACCESS_SCOPES", scopes),
        ])
    };
    let access = scopes("olga:cluster:c1, olga:cluster:c2, bot:uid:200000000000000101").unwrap().access;
    let (c1, c3) = ("c1".parse().unwrap(), "c3".parse().unwrap());
    assert!(access.scope_of("olga").admits_cluster(&c1) && !access.scope_of("olga").admits_cluster(&c3));
    assert!(access.scope_of("bot").admits_cluster(&c3) && !access.scope_of("bot").is_everything());
    assert!(access.scope_of("anna").is_everything());
    for (wrong, says) in [
        ("olag:cluster:c1", "nobody has the name `olag`"),
        ("olga:clusters:c1", "name:cluster:ID"),
        ("olga:cluster:../c1", "name:cluster:ID"),
        ("olga:uid:alice", "name:cluster:ID"),
        ("olga:c1", "name:cluster:ID"),
    ] {
        let error = scopes(wrong).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
