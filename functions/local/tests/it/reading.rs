//! `status` and `history`: every format, every condition, and what is not found.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use serde_json::Value;

use crate::world::{ALICE, BATCH, BOB, DAVE, DEV, PROD, Process, World, finish, same_everywhere};

#[test]
fn status_shows_how_things_stand_and_every_kubeconfig() {
    let world = World::observed();
    same_everywhere(|| {
        insta::assert_snapshot!("status", world.run(&["status"]).out);
        insta::assert_snapshot!("status_cluster", world.run(&["status", "--cluster", "dev"]).out);
        insta::assert_snapshot!("status_uid", world.run(&["status", "--uid", BOB]).out);
        insta::assert_snapshot!("status_leftovers", world.run(&["status", "--leftovers"]).out);
    });
}

#[test]
fn status_comes_in_every_format() {
    let world = World::observed();
    let residual = |format| world.run(&["status", "--residual", "-o", format]).out;
    same_everywhere(|| {
        for format in ["table", "wide", "json", "yaml", "ndjson", "name", "csv"] {
            insta::assert_snapshot!(format!("status_residual_{format}"), residual(format));
        }
    });
}

#[test]
fn an_identity_has_a_line_for_every_cluster_also_where_nothing_was_issued() {
    let world = World::observed();
    let panel = world.json(&["status", "--uid", BOB]);
    let status = |cluster: &str| {
        let pairs = panel["kubeconfigs"].as_array().unwrap();
        pairs.iter().find(|pair| pair["cluster"] == cluster).unwrap()["status"].clone()
    };
    assert_eq!([status(PROD), status(BATCH), status(DEV)], ["Effective", "Deleted", "NotIssued"]);
}

#[test]
fn conditions_narrow_each_other() {
    let world = World::observed();
    let names = |args: &[&str]| {
        let ended = world.run(&[&["status", "-o", "name"], args].concat());
        ended.out.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        names(&["--cluster", PROD, "--status", "expired"]),
        [format!("kubeconfig/{PROD}/200000000000000103")]
    );
    assert_eq!(names(&["--uid", ALICE, "--cluster", "batch"]), [format!("kubeconfig/{BATCH}/{ALICE}")]);
    assert_eq!(names(&["--leftovers", "--residual"]), [format!("kubeconfig/{BATCH}/300000000000000203")]);
    assert_eq!(names(&["--leftovers", "--uid", ALICE]), Vec::<String>::new());
}

#[test]
fn headers_can_be_left_out() {
    let world = World::observed();
    let table = world.run(&["status", "--residual", "--no-headers"]).out;
    assert!(table.starts_with("batch") && table.lines().count() == 1, "{table}");
    let csv = world.run(&["status", "--residual", "--no-headers", "-o", "csv"]).out;
    assert!(csv.starts_with("batch,"), "{csv}");
}

#[test]
fn what_is_not_known_is_not_found() {
    let world = World::observed();
    for args in [
        ["status", "--cluster", "prd"],
        ["status", "--uid", "200000000000000999"],
        ["history", "--cluster", "prd"],
    ] {
        let ended = world.run(&args);
        assert_eq!(ended.code, Some(5), "{}", ended.err);
        assert!(ended.out.is_empty());
    }
    let ended = world.run(&["status", "--cluster", "prd"]);
    assert!(ended.err.contains(&format!("prod ({PROD})")), "{}", ended.err);
}

#[test]
fn a_name_is_never_taken_for_an_identity_to_change_but_earns_a_hint() {
    let world = World::observed();
    let ended = world.run(&["revoke", "alice", "--all", "--reason", "left", "--yes"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains(&format!("borne by {ALICE} (RamUser, Active)")), "{}", ended.err);
}

#[test]
fn without_a_store_it_says_how_to_get_one() {
    let ended = World::new().run(&["status"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("reaper store init") && ended.err.contains("--store"), "{}", ended.err);
}

#[test]
fn history_tells_what_happened_in_either_order() {
    let world = World::swept();
    let about = &["history", "--cluster", "batch", "--uid", "300000000000000203"];
    same_everywhere(|| {
        insta::assert_snapshot!("history", world.run(about).out);
        insta::assert_snapshot!(
            "history_csv",
            world.run(&[&about[..], &["-o", "csv", "--oldest"]].concat()).out
        );
        insta::assert_snapshot!(
            "history_json",
            world.run(&[&about[..], &["-o", "json", "--limit", "1"]].concat()).out
        );
        insta::assert_snapshot!(
            "history_yaml",
            world.run(&[&about[..], &["-o", "yaml", "--limit", "1"]].concat()).out
        );
    });
    let lines = |order| {
        let ended = world.run(&["history", order, "-o", "name", "--limit", "0"]);
        ended.out.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut newest = lines("--newest");
    newest.reverse();
    assert!(newest.len() > 20);
    assert_eq!(newest, lines("--oldest"));
}

#[test]
fn events_are_found_by_type_actor_revocation_and_time() {
    let world = World::swept();
    let events = |args: &[&str]| {
        let events = world.json(&[&["history", "--limit", "0"], args].concat());
        events.as_array().unwrap().clone()
    };
    let confirmed = events(&["--type", "RevocationConfirmed"]);
    assert_eq!(confirmed.len(), 3);
    assert!(confirmed.iter().all(|event| event["type"] == "RevocationConfirmed"));
    let both = events(&["--type", "RevocationConfirmed", "--type", "RevocationHeld"]);
    assert_eq!(both.len(), 5);
    let revocation = confirmed[0]["data"]["revocation"].as_str().unwrap();
    let story = events(&["--revocation", revocation, "--oldest"]);
    let types: Vec<_> = story.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let steps = [
        "RevocationRequested",
        "AccessChecked",
        "PermissionsBackedUp",
        "RevocationSubmitted",
        "RevocationConfirmed",
    ];
    assert_eq!(types, steps);
    let actor = confirmed[0]["actorhuman"].as_str().unwrap();
    assert_eq!(events(&["--actor", actor]).len(), events(&[]).len());
    assert_eq!(events(&["--actor", "nobody"]), Vec::<Value>::new());
    assert_eq!(events(&["--since", "1h"]).len(), events(&[]).len());
    assert_eq!(events(&["--until", "1h"]), Vec::<Value>::new());
}

#[test]
fn a_query_finds_the_same_as_its_options_and_more() {
    let world = World::swept();
    let names = |args: &[&str]| {
        let ended = world.run(&[&["history", "--limit", "0", "-o", "name"], args].concat());
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.out
    };
    let by_options =
        names(&["--cluster", "batch", "--uid", "300000000000000203", "--type", "RevocationConfirmed"]);
    assert_eq!(by_options.lines().count(), 1);
    assert_eq!(by_options, names(&["cluster:batch uid:legacy-ci type:RevocationConfirmed"]));
    assert_eq!(by_options, names(&["cluster:batch", "uid:legacy-ci", "status:Deleted"]));
    assert_eq!(
        by_options,
        names(&["cluster:batch legacy-ci", "--type", "RevocationConfirmed", "--since", "1h"])
    );
    let all = names(&[]).lines().count();
    assert_eq!(names(&["--", "-kind:run"]).lines().count() + names(&["kind:run"]).lines().count(), all);
    let counted = world.run(&["history", "--count", "--", "-kind:run"]);
    assert_eq!(counted.out.trim().parse(), Ok(names(&["--", "-kind:run"]).lines().count()));
}

#[test]
fn an_export_is_what_the_history_shows_and_goes_on_behind_an_event() {
    let world = World::swept();
    let ask = ["cluster:batch uid:legacy-ci"];
    let shown = world.run(&[&["history", "--limit", "0", "--oldest", "-o", "ndjson"], &ask[..]].concat()).out;
    let exported = world.run(&[&["export"], &ask[..]].concat());
    assert_eq!((exported.code, exported.out.as_str()), (Some(0), shown.as_str()), "{}", exported.err);
    let count = shown.lines().count();
    assert!(exported.err.contains(&format!("{count} events exported")), "{}", exported.err);
    for (format, torn) in [("ndjson", 3), ("ndjson", 0), ("csv", 5), ("csv", 0), ("ocsf", 7)] {
        let asked = [&["export", "--format", format], &ask[..]].concat();
        let whole = world.run(&asked).out;
        let path = world.path(&format!("part-{torn}.{format}"));
        // Three lines, and the beginning of a fourth.
        let head: String = whole.split_inclusive('\n').take(3).collect();
        std::fs::write(&path, &whole.as_bytes()[..head.len() + torn]).unwrap();
        let file = path.to_str().unwrap();
        let resumed = world.run(&[&asked[..], &["--resume", "--file", file]].concat());
        assert_eq!(resumed.code, Some(0), "{}", resumed.err);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole, "{format}, {torn}");
        let again = world.run(&[&asked[..], &["--file", file]].concat());
        assert_eq!(again.code, Some(1), "an existing file is left as it is");
        let other = if format == "csv" { "ndjson" } else { "csv" };
        let mixed =
            world.run(&[&["export", "--format", other, "--resume", "--file", file], &ask[..]].concat());
        assert_eq!(mixed.code, Some(1), "{}", mixed.err);
        assert!(mixed.err.contains(&format!("has no whole record of the format {other}")), "{}", mixed.err);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    }
    let file = world.path("new.ndjson");
    assert_eq!(world.run(&[&["export", "--file", file.to_str().unwrap()], &ask[..]].concat()).code, Some(0));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let taken = world.run(&["history", "type:ExportTaken", "-o", "csv", "--no-headers"]).out;
    assert_eq!(taken.lines().count(), 12, "{taken}");
    assert!(taken.contains("events as ndjson, of `cluster:batch uid:legacy-ci`"), "{taken}");
}

#[test]
fn who_searches_is_stored_where_that_is_wanted() {
    let world = World::swept();
    let search = || world.command(&["history", "type:SweepStarted", "--actor", "timer"]);
    let queried = || world.run(&["history", "type:HistoryQueried", "-o", "csv", "--no-headers"]).out;
    assert_eq!(finish(&mut search()).code, Some(0));
    assert_eq!(queried(), "");
    assert_eq!(finish(search().env("REAPER_HISTORY_RECORD_SEARCHES", "true")).code, Some(0));
    let told = queried();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.contains("`actor:timer type:SweepStarted`"), "{told}");
}

#[test]
fn the_status_of_the_past_and_why_it_is_what_it_is() {
    let world = World::swept();
    let of_past = |args: &[&str]| {
        let ended = world.run(&[&["status", "--cluster", "prod", "-o", "name"], args].concat());
        (ended.code, ended.out.lines().count())
    };
    assert_eq!(
        of_past(&["--status", "Deleted", "--as-of", "1h"]).0,
        Some(5),
        "nothing was known of the cluster"
    );
    assert_eq!(of_past(&["--status", "Deleted"]), (Some(0), 2));
    assert_eq!(
        of_past(&["--status", "Effective", "--as-of", "2100-01-01", "--by", "occurred"]),
        (Some(0), 0)
    );
    let why = world.run(&["status", "--cluster", "prod", "--uid", DAVE, "--why"]);
    assert!(
        why.out.starts_with("Deleted: kubeconfig and permissions were read back as gone\n"),
        "{}",
        why.out
    );
    assert!(why.out.contains("RevocationSubmitted: call 1"), "{}", why.out);
    let alone = crate::world::alone(&["status", "--why"]);
    assert_eq!(alone.code, Some(2));
    let took = world.run(&["status", "--time-to-revoke", "--no-headers"]).out;
    assert_eq!(took.lines().count(), 2, "{took}");
    assert!(took.contains("identityDeleted") && took.contains("expired"), "{took}");
}

#[test]
fn a_wrong_query_says_where_and_what_was_expected() {
    let ended = crate::world::alone(&["history", "uid:1", "colour:red"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
    assert!(
        ended.err.contains("column 7: there is no key `colour`, expected one of cluster,"),
        "{}",
        ended.err
    );
}

#[test]
fn every_event_of_a_long_history_comes_once_and_json_stays_one_document() {
    let world = World::swept();
    let ndjson = world.run(&["history", "--limit", "0", "-o", "ndjson"]).out;
    let json = world.run(&["history", "--limit", "0", "-o", "json"]).out;
    let from_lines: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(serde_json::from_str::<Vec<Value>>(&json).unwrap(), from_lines);
    let none = world.run(&["history", "--type", "StoreSealed", "-o", "json"]);
    assert_eq!((none.out.as_str(), none.err.as_str()), ("[]\n", "no event passes\n"));
}

#[test]
fn a_limit_says_that_there_is_more() {
    let ended = World::swept().run(&["history", "--limit", "2", "-o", "name"]);
    assert_eq!(ended.out.lines().count(), 2);
    assert!(ended.err.contains("--limit 0"), "{}", ended.err);
}

#[test]
fn a_time_that_is_none_is_a_usage_error() {
    let ended = crate::world::alone(&["history", "--since", "yesterday"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("90m, 36h, 7d"), "{}", ended.err);
}

#[test]
fn following_the_history_shows_the_latest_events_and_then_each_new_one() {
    let world = World::swept();
    let args = [
        "history",
        "--follow",
        "--interval",
        "0.01",
        "--limit",
        "1",
        "-o",
        "ndjson",
        "--type",
        "RevocationConfirmed",
    ];
    let mut follower = Process(world.command(&args).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(follower.0.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["type"], "RevocationConfirmed");
    assert_eq!(world.run(&["revoke", ALICE, PROD, "--yes"]).code, Some(0));
    assert_eq!(next()["subject"], format!("kubeconfig/{PROD}/{ALICE}"));
}

#[test]
fn watching_the_status_shows_each_kubeconfig_that_changes() {
    let world = World::observed();
    let args = ["status", "--cluster", "prod", "--watch", "--interval", "0.01", "-o", "name"];
    let mut watcher = Process(world.command(&args).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(watcher.0.stdout.take().unwrap()).lines();
    for _ in 0..7 {
        assert!(lines.next().unwrap().unwrap().starts_with(&format!("kubeconfig/{PROD}/")));
    }
    assert_eq!(world.run(&["revoke", ALICE, PROD, BATCH, "--yes"]).code, Some(0));
    assert_eq!(lines.next().unwrap().unwrap(), format!("kubeconfig/{PROD}/{ALICE}"));
}
