//! The description agrees with the program's settings and with the limits of Function Compute, and what is made from it
//! is up to date.

use std::collections::BTreeSet;

use packaging::{generated, workspace};
use revocation::config::{Config, KEYS, Key};

use crate::description;

#[test]
fn every_file_that_is_made_from_the_description_is_up_to_date() {
    let stale = generated::stale(&workspace()).unwrap();
    let paths: Vec<_> = stale.iter().map(|file| file.path.display().to_string()).collect();
    assert!(paths.is_empty(), "`cargo run -p packaging -- generate` brings up to date: {paths:?}");
}

#[test]
fn every_setting_that_a_function_is_given_exists() {
    let mut known: BTreeSet<String> = KEYS.iter().map(Key::variable).collect();
    // Names the rest of them, and is none itself.
    known.insert("REAPER_CONFIG".to_owned());
    for setting in description().settings() {
        assert!(known.contains(setting), "there is no setting {setting}");
    }
}

#[test]
fn the_functions_are_those_of_the_workspace() {
    let mut packages: Vec<_> = std::fs::read_dir(workspace().join("functions")).unwrap().flatten().collect();
    packages.retain(|package| package.file_name() != "local");
    let packages: BTreeSet<String> =
        packages.into_iter().map(|package| package.file_name().into_string().unwrap()).collect();
    let described: BTreeSet<String> = description().functions.into_keys().collect();
    assert_eq!(described, packages);
}

#[test]
fn sizes_and_times_are_such_that_function_compute_takes_them() {
    // Limits: package alibabacloud-fc20230330 4.8.3, CreateFunctionInput.
    for (name, function) in &description().functions {
        let memory_gb = f64::from(function.memory_mb) / 1024.0;
        assert!((1.0..=4.0).contains(&(memory_gb / function.cpu)), "{name}: 1 to 4 GB to a vCPU");
        assert!(function.memory_mb.is_multiple_of(64) && function.memory_mb >= 128, "{name}: memory");
        let steps = function.cpu / 0.05;
        assert!((steps - steps.round()).abs() < 1e-9, "{name}: CPU in steps of 0.05");
        assert!((1..=86_400).contains(&function.timeout_seconds), "{name}: timeout");
        assert!((1..=200).contains(&function.instance_concurrency), "{name}: concurrency");
        assert!(function.async_retries <= 8, "{name}: repetitions");
    }
}

#[test]
fn a_sweep_ends_by_itself_before_it_is_ended() {
    let budget = Config::default().sweep.budget_seconds;
    let timeout = u64::from(description().functions["expiry-sweep"].timeout_seconds);
    assert!(budget + 30 <= timeout, "{budget} s of {timeout} s");
}

#[test]
fn the_sweep_is_hourly_people_are_told_between_and_a_timer_that_only_looks_is_there_and_off() {
    let timers = description().functions["expiry-sweep"].timers.clone();
    let told: Vec<_> =
        timers.iter().map(|t| (t.name.as_str(), t.cron.as_str(), t.payload.as_str(), t.enabled)).collect();
    let between = "0 5,10,15,20,25,35,40,45,50,55 * * * *";
    let expected = [
        ("sweep", "0 0 * * * *", "sweep", true),
        ("look", "0 30 * * * *", "look", false),
        ("notify", between, "notify", true),
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_domain_leads_to_functions_that_are_called_over_http_and_speaks_tls_alone() {
    let described = description();
    for (route, methods) in described.routes() {
        assert!(!methods.is_empty(), "{} is behind no HTTP trigger", route.function);
    }
    let domain = &described.domain;
    assert_eq!((&*domain.protocol, &*domain.min_tls), ("HTTPS", "TLSv1.2"));
}

#[test]
fn no_rule_asks_for_more_names_than_eventbridge_allows() {
    for rule in description().events.rules {
        assert!((1..=5).contains(&rule.len()), "{rule:?}");
    }
}
