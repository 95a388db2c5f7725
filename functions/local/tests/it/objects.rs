//! Objects of OSS in the place of files: the configuration, and the checkpoint.

use alibaba_cloud::{Client, Config, Credentials, Endpoints, Service};
use serde_json::Value;

use crate::world::{Ended, World, finish};

const BUCKET: &str = "oss://reaper-example";

/// What is named, variables, what is said, and what to do.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);

/// Puts an object, as an operator would with another program.
fn put(world: &World, address: &str, text: &str) {
    let keys = world.description["access_keys"].as_array().unwrap();
    let of_root = keys.iter().find(|key| key["owner"] == "root").unwrap();
    let field = |name: &str| of_root[name].as_str().unwrap();
    let mut config = Config::new("cn-hangzhou");
    let url = world.description["endpoints"]["oss"].as_str().unwrap();
    config.endpoints = Endpoints::default().with(Service::Oss, url.parse().unwrap());
    let client =
        Client::new(config, Credentials::new(field("access_key_id"), field("access_key_secret"))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.oss().put_text(&address.parse().unwrap(), text)).unwrap();
}

fn config(world: &World, place: &str, variables: &[(&str, &str)]) -> Ended {
    let mut command = world.command(&["config"]);
    finish(command.env("REAPER_CONFIG", place).envs(variables.iter().copied()))
}

#[test]
fn a_configuration_in_an_object_is_read_and_variables_win() {
    let world = World::new();
    let place = &format!("{BUCKET}/settings/reaper.toml");
    put(
        &world,
        place,
        "protected = [\"200000000000000199\"]\n[guard]\nmax_identities = 7\nmax_share = 0.5\n",
    );
    let shown = config(&world, place, &[("REAPER_GUARD_MAX_SHARE", "0.25")]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    for line in ["protected = [\"200000000000000199\"]", "max_identities = 7", "max_share = 0.25"] {
        assert!(shown.out.contains(line), "{line}: {}", shown.out);
    }
    let as_option = world.run(&["--config", place, "config"]);
    assert!(as_option.out.contains("max_share = 0.5"), "{}{}", as_option.out, as_option.err);
}

#[test]
fn an_object_that_cannot_be_used_says_why_and_what_to_do_and_shows_nothing_of_it() {
    const SECRET: &str = "whsec_hush";
    let world = World::new();
    let at = |name: &str| format!("{BUCKET}/{name}");
    put(&world, &at("broken.toml"), &format!("[console]\nsession_key = \"{SECRET}\nregion = 1\n"));
    put(&world, &at("long.toml"), &"#".repeat((256 << 10) + 1));
    let no_key = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "");
    let wrong_key = ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong");
    let cases: [Case<'_>; 7] = [
        (&at("missing.toml"), &[], "there is no such object", "put the file there"),
        (
            "oss://nowhere-bucket/reaper.toml",
            &[],
            "NoSuchBucket",
            "REAPER_REGION to its region, now cn-hangzhou",
        ),
        ("oss://Nowhere/reaper.toml", &[], "not the name of a bucket", "3 to 63"),
        (&at("broken.toml"), &[], "line 2 is not TOML", "broken.toml"),
        (&at("long.toml"), &[], "longer than 262144 bytes", "at most 256 KiB"),
        (&at("broken.toml"), &[wrong_key], "SignatureDoesNotMatch", "oss:GetObject"),
        (&at("broken.toml"), &[no_key], "no credentials", "give this process credentials"),
    ];
    for (place, variables, what, next) in cases {
        let ended = config(&world, place, variables);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{place}");
        assert!(
            ended.err.contains(place) && ended.err.contains("not done: nothing was started"),
            "{}",
            ended.err
        );
        assert!(ended.err.contains(what) && ended.err.contains(next), "{place}: {}", ended.err);
        assert!(!ended.err.contains(SECRET), "{}", ended.err);
    }
}

#[test]
fn a_sweep_keeps_its_checkpoint_in_an_object_that_verify_and_doctor_read() {
    let world = World::new();
    let place = &format!("{BUCKET}/seals/reaper.checkpoint");
    let run = |args: &[&str]| finish(world.command(args).env("REAPER_SEAL_CHECKPOINT_PATH", place));
    let doctor = || {
        let findings: Value = serde_json::from_str(&run(&["doctor", "-o", "json"]).out).unwrap();
        let all = findings.as_array().unwrap().clone();
        let found = all.into_iter().find(|finding| finding["check"] == "checkpoint").unwrap();
        assert_eq!(found["about"], place.as_str());
        found["result"].as_str().unwrap().to_owned()
    };
    assert_eq!(doctor(), "warn", "there is none yet");
    assert_eq!(run(&["key", "generate", "example.com/reaper"]).code, Some(0));
    assert_eq!(run(&["sweep"]).code, Some(0));
    assert_eq!(doctor(), "ok");
    assert_eq!(run(&["verify"]).code, Some(0));
    // Without the setting, by name alone.
    let since = world.run(&["verify", "--since", place]);
    assert_eq!(since.code, Some(0), "{}", since.err);
    let missing = world.run(&["verify", "--since", &format!("{BUCKET}/none")]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("it is not there"), "{}", missing.err);
    put(&world, place, "nonsense");
    assert_eq!(doctor(), "fail");
    assert_eq!(run(&["sweep"]).code, Some(1), "what cannot be sealed is an error of the sweep");
}
