//! `config` and `token`, and what a wrong configuration says.

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::world::{Ended, alone, bare, finish, same_everywhere};

fn with(variables: &[(&str, &str)], args: &[&str]) -> Ended {
    let folder = TempDir::new().unwrap();
    let mut command = bare(folder.path());
    finish(command.envs(variables.iter().copied()).args(args))
}

#[test]
fn the_defaults_are_these() {
    same_everywhere(|| {
        insta::assert_snapshot!("config", alone(&["config"]).out);
        insta::assert_snapshot!("config_keys", alone(&["config", "--keys"]).out);
    });
}

#[test]
fn what_it_prints_can_be_read_back() {
    let folder = TempDir::new().unwrap();
    let set = [("REAPER_REGION", "eu-central-1"), ("REAPER_PROTECTED", "200000000000000101")];
    let shown = with(&set, &["config"]).out;
    std::fs::write(folder.path().join("reaper.toml"), &shown).unwrap();
    let again = finish(bare(folder.path()).args(["--config", "reaper.toml", "config"]));
    assert_eq!((again.code, again.out), (Some(0), shown));
}

#[test]
fn the_command_line_wins_over_variables_and_those_over_the_file() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("a.toml"), "region = \"from-file\"\n[store]\npath = \"from-file\"\n")
        .unwrap();
    let run = |args: &[&str]| {
        let mut command = bare(folder.path());
        finish(command.env("REAPER_CONFIG", "a.toml").env("REAPER_REGION", "from-variable").args(args)).out
    };
    assert!(run(&["config"]).contains("region = \"from-variable\""));
    assert!(run(&["config"]).contains("path = \"from-file\""));
    assert!(run(&["config", "--store", "from-option"]).contains("path = \"from-option\""));
}

#[test]
fn a_wrong_configuration_names_what_is_wrong_and_nothing_is_started() {
    let folder = TempDir::new().unwrap();
    let file = |text: &str| {
        std::fs::write(folder.path().join("a.toml"), text).unwrap();
        finish(bare(folder.path()).args(["--config", "a.toml", "status"]))
    };
    let cases = [
        (with(&[("REAPER_STOR_PATH", "x")], &["status"]), "did you mean REAPER_STORE_PATH?"),
        (with(&[("REAPER_SWEEP_EXPIRED", "maybe")], &["status"]), "REAPER_SWEEP_EXPIRED"),
        (with(&[("REAPER_GUARD_MAX_SHARE", "2")], &["status"]), "guard.max_share"),
        (with(&[("REAPER_PROTECTED", "alice")], &["status"]), "alice"),
        (alone(&["--config", "missing.toml", "status"]), "missing.toml"),
        (file("region = "), "a.toml"),
        (file("[sweep]\nexpird = true"), "expird"),
    ];
    for (ended, named) in cases {
        assert_eq!(ended.code, Some(2), "{named}: {}", ended.err);
        assert!(ended.err.contains(named), "{named}: {}", ended.err);
        assert!(ended.err.contains("not done: nothing was started"), "{}", ended.err);
    }
}

#[test]
fn a_token_is_shown_once_beside_its_entry() {
    let ended = alone(&["token", "chatops", "operator"]);
    assert_eq!(ended.code, Some(0));
    let line =
        |name: &str| ended.out.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let (token, entry) = (line("token:"), line("entry:"));
    assert_eq!(entry, format!("chatops:operator:{}", hex::encode(Sha256::digest(&token))));
    assert_ne!(alone(&["token", "chatops", "operator"]).out, ended.out);
    let shown = with(&[("REAPER_API_TOKENS", &entry)], &["config"]).out;
    assert!(shown.contains("chatops:operator:[redacted]"), "{shown}");
}

#[test]
fn a_token_in_place_of_its_entry_is_told_by_its_place_and_never_shown() {
    let ended = with(&[("REAPER_API_TOKENS", "hush")], &["config"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("entry 1") && !format!("{}{}", ended.out, ended.err).contains("hush"));
}

#[test]
fn a_token_needs_a_name_that_fits_an_entry_and_a_role() {
    assert_eq!(alone(&["token", "a:b", "viewer"]).code, Some(2));
    assert_eq!(alone(&["token", "a", "admin"]).code, Some(2));
}

#[test]
fn no_output_shows_a_secret() {
    let secrets = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIvisible"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hush-secret"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "hush-token"),
        ("REAPER_CLOUD_ENDPOINTS_STS", "http://127.0.0.1:1"),
    ];
    for args in [&["config"][..], &["sweep", "-vv"], &["revoke", "1", "--all", "--yes", "-vv"]] {
        let ended = with(&secrets, args);
        assert!(!format!("{}{}", ended.out, ended.err).contains("hush"), "{args:?}");
    }
}
