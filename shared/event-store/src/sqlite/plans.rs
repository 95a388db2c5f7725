//! How SQLite answers each read: by a walk along one index, never over a whole table, never sorting.

use rusqlite::{Connection, ToSql, params_from_iter};

use super::*;
use crate::contract::sample;
use crate::sqlite::{Options, append, connection};

/// The steps of the plan, joined.
fn plan(conn: &Connection, sql: &str, values: &[&dyn ToSql]) -> String {
    let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = explain.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    steps.join("; ")
}

fn store() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let conn = connection::open(&folder.path().join("events.db"), &Options::default()).unwrap();
    (folder, conn)
}

fn of_filter(conn: &Connection, filter: &Filter, order: Order) -> String {
    let (sql, values) = select(filter, order, &Bounds { above: 0, below: i64::MAX }, 10);
    let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
    plan(conn, &sql, &values)
}

#[test]
fn each_condition_has_its_index() {
    let (_folder, conn) = store();
    let all = Filter::default;
    let cluster = || vec!["c1".parse().unwrap()];
    let uid = || vec!["2".parse().unwrap()];
    let range = "rowid>? AND rowid<?";
    for (filter, expected) in [
        (all(), format!("SEARCH events USING INTEGER PRIMARY KEY ({range})")),
        (
            Filter { clusters: cluster(), ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_cluster (cluster=? AND {range})"),
        ),
        (
            Filter { uids: uid(), ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_uid (uid=? AND {range})"),
        ),
        (
            Filter { clusters: cluster(), uids: uid(), ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_pair (cluster=? AND uid=? AND {range})"),
        ),
        (
            Filter { actors: vec!["alice".to_owned()], ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_actor (actor=? AND {range})"),
        ),
        (
            Filter { channels: vec!["slack".to_owned()], ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_channel (channel=? AND {range})"),
        ),
        (
            Filter { types: vec!["A".to_owned()], ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_type (type=? AND {range})"),
        ),
        (
            Filter { kinds: vec!["run".to_owned()], ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_kind (kind=? AND {range})"),
        ),
        (
            Filter { revocations: vec![sample::revocation(1)], ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_revocation (revocation=? AND {range})"),
        ),
        (
            Filter { correlations: vec![sample::cause(1)], ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_correlation (correlation=? AND {range})"),
        ),
        (
            Filter { ids: vec![kubeconfig::EventId::derived("1")], ..all() },
            format!("SEARCH events USING COVERING INDEX events_by_id (id=? AND {range})"),
        ),
    ] {
        for order in [Order::Oldest, Order::Newest] {
            assert_eq!(of_filter(&conn, &filter, order), expected);
        }
    }
}

#[test]
fn several_types_are_merged_not_sorted() {
    let (_folder, conn) = store();
    let filter = Filter { types: ["A", "B", "C"].map(ToOwned::to_owned).to_vec(), ..Filter::default() };
    for order in [Order::Oldest, Order::Newest] {
        let plan = of_filter(&conn, &filter, order);
        assert!(plan.starts_with("MERGE (UNION ALL)"), "{plan}");
        assert_eq!(
            plan.matches("SEARCH events USING COVERING INDEX events_by_type (type=?").count(),
            3,
            "{plan}"
        );
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[test]
fn several_values_of_the_leading_condition_are_merged_too() {
    let (_folder, conn) = store();
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let clusters = || vec!["c1".parse().unwrap(), "c2".parse().unwrap()];
    let uids = |count: u32| (1..=count).map(|uid| uid.to_string().parse().unwrap()).collect();
    let all = Filter::default;
    for (filter, index, walks) in [
        (Filter { actors: names(&["alice", "bob"]), ..all() }, "events_by_actor (actor=?", 2),
        (Filter { clusters: clusters(), ..all() }, "events_by_cluster (cluster=?", 2),
        (Filter { clusters: clusters(), uids: uids(3), ..all() }, "events_by_pair (cluster=? AND uid=?", 6),
        // Too many pairs: the identities lead.
        (Filter { clusters: clusters(), uids: uids(33), ..all() }, "events_by_uid (uid=?", 33),
        (Filter { kinds: names(&["run", "intake"]), ..all() }, "events_by_kind (kind=?", 2),
    ] {
        for order in [Order::Oldest, Order::Newest] {
            let plan = of_filter(&conn, &filter, order);
            assert_eq!(plan.matches(&format!("INDEX {index}")).count(), walks, "{plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}

#[test]
fn of_two_conditions_the_more_telling_one_leads() {
    let (_folder, conn) = store();
    let leads = |actor: &str, index: &str| {
        let (actors, types) = (vec![actor.to_owned()], vec!["A".to_owned()]);
        let plan = of_filter(&conn, &Filter { actors, types, ..Filter::default() }, Order::Newest);
        assert!(plan.starts_with(&format!("SEARCH events USING INDEX {index}")), "{plan}");
    };
    leads("alice", "events_by_actor");
    leads("timer", "events_by_type");
    let leads = |channel: &str, index: &str| {
        let (channels, types) = (vec![channel.to_owned()], vec!["A".to_owned()]);
        let plan = of_filter(&conn, &Filter { channels, types, ..Filter::default() }, Order::Newest);
        assert!(plan.starts_with(&format!("SEARCH events USING INDEX {index}")), "{plan}");
    };
    leads("slack", "events_by_channel");
    leads("timer", "events_by_type");
}

#[test]
fn every_combination_walks_along_one_index() {
    let (_folder, conn) = store();
    for set in 0..1_u32 << 8 {
        let on = |bit: u32| set & (1 << bit) != 0;
        let filter = Filter {
            clusters: on(0).then(|| "c1".parse().unwrap()).into_iter().collect(),
            uids: on(1).then(|| "2".parse().unwrap()).into_iter().collect(),
            actors: on(2).then(|| "alice".to_owned()).into_iter().collect(),
            types: if on(3) { vec!["A".to_owned(), "B".to_owned()] } else { Vec::new() },
            kinds: on(4).then(|| "kubeconfig".to_owned()).into_iter().collect(),
            revocations: on(5).then(|| sample::revocation(0)).into_iter().collect(),
            correlations: on(6).then(|| sample::cause(0)).into_iter().collect(),
            channels: on(7).then(|| "slack".to_owned()).into_iter().collect(),
            ..Filter::default()
        };
        for order in [Order::Oldest, Order::Newest] {
            let plan = of_filter(&conn, &filter, order);
            assert!(plan.contains("SEARCH events USING"), "{filter:?}: {plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }
}

#[test]
fn all_other_reads_search_too() {
    let (_folder, conn) = store();
    for (sql, values, expected) in [
        (
            READ_STREAM,
            [&"s" as &dyn ToSql, &1].as_slice(),
            "SEARCH commits USING INDEX commits_by_stream (stream=? AND version>?)",
        ),
        (FROM_TIME, &[&1], "SEARCH commits USING COVERING INDEX commits_by_time (recorded_at>?)"),
        (BODY, &[&1], "SEARCH commits USING INTEGER PRIMARY KEY (rowid=?)"),
        // The last row: one step from the end.
        (LAST, &[], "SEARCH events"),
        (append::BY_ID, &[&1], "SEARCH events USING COVERING INDEX events_by_id (id=?)"),
        (append::VERSION, &[&1], "SEARCH commits USING COVERING INDEX commits_by_stream (stream=?)"),
        (
            append::END,
            &[],
            "SEARCH commits USING INTEGER PRIMARY KEY (rowid=?); SCALAR SUBQUERY 1; SEARCH commits",
        ),
    ] {
        assert_eq!(plan(&conn, sql, values), expected);
    }
}
