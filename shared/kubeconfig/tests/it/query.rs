//! The language of searches: what reads as what, what is wrong and where, and which events a question finds.

use jiff::Timestamp;
use jiff::civil::Date;
use kubeconfig::access::Status;
use kubeconfig::cluster::ClusterEvent;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::policy::AccessCheck;
use kubeconfig::query::{Ago, Condition, KEYS, Kind, Point, Range, Term, Unit};
use kubeconfig::{
    Actor, Channel, Event, EventId, Projection, Query, Recorded, RevocationId, SourceEvent, StreamId,
};
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use crate::arbitrary;
use crate::properties::cases;
use crate::story::{alice, bob, day, recorded};
use crate::words::*;

fn query(text: &str) -> Query {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_query_has_one_text() {
    for (written, canonical) in [
        ("", ""),
        ("  \t\n ", ""),
        ("uid:201 cluster:prod", "cluster:prod uid:201"),
        ("CLUSTER:prod cluster:prod", "cluster:prod"),
        ("status:expired channel:SLACK kind:Run", "status:Expired channel:slack kind:run"),
        ("-type:KubeconfigObserved type:RevocationHeld", "type:RevocationHeld -type:KubeconfigObserved"),
        (r#"left "the company" "plain""#, r#"left plain "the company""#),
        (r#"actor:"a b" -"x:y" "-x""#, r#"actor:"a b" "-x" -"x:y""#),
        ("\u{201c}the company\u{201d} actor:\u{201c}a\u{201d}", r#"actor:a "the company""#),
        (r#""a\"b\\c\n\u{1b}""#, r#""a\"b\\c\n\u{1b}""#),
        (r"back\slash", r"back\slash"),
        ("since:7d until:2026-02-01", "since:7d until:2026-02-01"),
        ("since:2026-01-01T08:00:00+08:00", "since:2026-01-01T00:00:00Z"),
        ("recorded:..2026-02-01 recorded:2w..", "recorded:2w.. recorded:..2026-02-01"),
        ("occurred:2026-01-01..2026-02-01T00:00:00.5Z", "occurred:2026-01-01..2026-02-01T00:00:00.5Z"),
        ("source:acs.ram/a:b stream:identity/201", "stream:identity/201 source:acs.ram/a:b"),
        (
            "revocation:0190B5C4-7d3e-7a10-9c55-3f6f2b1f0a11",
            "revocation:0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11",
        ),
        ("überzählig actor:王", "actor:王 überzählig"),
    ] {
        assert_eq!(query(written).to_string(), canonical, "{written}");
        assert_eq!(query(canonical), query(written));
    }
}

#[test]
fn an_error_says_where_and_what_was_expected() {
    for (written, column, expected) in [
        ("colour:red", 1, "no key `colour`, expected one of cluster, uid, actor, type"),
        ("uid:201  -colour:red", 11, "expected one of"),
        ("uid:", 5, "`uid:` has no value, expected the id or name of a user or role"),
        ("uid: 201", 5, "has no value"),
        ("12:30", 1, "no key `12`"),
        ("status:Gone", 8, "`Gone` is no value for `status`, expected one of NotIssued, Effective"),
        ("kind:pod", 6, "expected one of kubeconfig, identity, cluster, intake, run"),
        ("channel:irc", 9, "expected one of eventbridge, timer"),
        ("type:Revocation*", 6, "expected the name of an event type"),
        ("revocation:1", 12, "expected the id of a revocation: a UUID"),
        ("stream:pod/x", 8, "expected a stream: kubeconfig/CLUSTER/UID"),
        (
            "since:yesterday",
            7,
            "expected a day (2026-01-31), an instant (2026-01-31T08:00:00Z) or how long ago",
        ),
        ("since:2026-01-01T00:00:00", 7, "expected a day"),
        ("since:2026-02-30", 7, "expected a day"),
        ("since:7x", 7, "expected a day"),
        ("since:1234567d", 7, "expected a day"),
        ("recorded:7d", 10, "expected a day (2026-01-31), or a range"),
        ("occurred:..", 10, "or a range"),
        ("kind:run recorded:2026-11-27..2026-11-26", 19, "a range that begins before it ends"),
        ("occurred:2026-11-26..2026-11-26T00:00:00Z", 10, "a range that begins before it ends"),
        ("recorded:1h..2h", 10, "a range that begins before it ends"),
        ("since:7d uid:1 since:8d", 16, "`since` stands here a second time"),
        ("-", 2, "`-` stands alone"),
        ("a - b", 4, "`-` stands alone"),
        (r#"a "b"#, 3, "do not end"),
        (r#"a "b"c"#, 6, "expected a space"),
        (r#"ab"c""#, 3, "a quote within a word"),
        (r#""""#, 1, "no text in the quotes"),
        (r#"actor:"""#, 7, "`actor:` has no value"),
        (r#""a\x""#, 3, "no such escape"),
        (r#""\u{110000}""#, 2, "no such escape"),
        (r#""\u{+41}""#, 2, "no such escape"),
        (r#""\"#, 2, "no such escape"),
        ("äöü a\u{1}b", 6, "a control character"),
        ("\"a\u{0}\"", 3, "a control character"),
    ] {
        let error = written.parse::<Query>().unwrap_err();
        assert_eq!(error.column(), column, "{written}: {error}");
        assert!(error.to_string().contains(expected), "{written}: {error}");
    }
}

#[test]
fn a_query_is_bounded() {
    let long = "x".repeat(4097);
    assert!(long.parse::<Query>().unwrap_err().to_string().contains("4097 bytes, expected at most 4096"));
    let many = |count: usize| (0..count).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(query(&many(64)).terms().len(), 64);
    let error = many(65).parse::<Query>().unwrap_err();
    assert_eq!(error.to_string(), "column 247: there are too many terms, expected at most 64");
}

// ---- Properties

fn point() -> impl Strategy<Value = Point> {
    let instant = (-60_000_000_000_i64..200_000_000_000, 0_i32..1_000_000_000)
        .prop_map(|(second, nano)| Point::At(Timestamp::new(second, nano).unwrap()));
    let unit = select(vec![Unit::Minute, Unit::Hour, Unit::Day, Unit::Week]);
    let ago = (0_u32..1_000_000, unit).prop_map(|(count, unit)| Point::Ago(Ago { count, unit }));
    prop_oneof![instant, date().prop_map(Point::Day), ago]
}

fn date() -> impl Strategy<Value = Date> {
    (1_i16..=9998, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn range() -> impl Strategy<Value = Range> {
    prop_oneof![
        date().prop_map(Range::Day),
        point().prop_map(Range::From),
        point().prop_map(Range::Before),
        (point(), point())
            .prop_map(|(from, until)| Range::Between(from, until))
            .prop_filter("nothing lies in it", |range| !range.is_empty()),
    ]
}

/// Everything that could be taken for syntax.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z:\"\\\\ \n\u{0}-]{1,12}",
        "\\PC{1,20}",
        select(vec!["-", ":", "\"", "\\", "\u{201c}", "uid:1", "-a", "\u{a0}", "\u{85}"])
            .prop_map(str::to_owned)
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let id = any::<u128>().prop_map(Uuid::from_u128);
    let channels = ["eventbridge", "timer", "http", "cli", "slack", "dingtalk", "feishu"];
    prop_oneof![
        word().prop_map(Condition::Text),
        word().prop_map(Condition::Cluster),
        word().prop_map(Condition::Uid),
        word().prop_map(Condition::Actor),
        word().prop_map(Condition::Principal),
        word().prop_map(Condition::Source),
        "[A-Za-z0-9]{1,20}".prop_map(Condition::Type),
        select(Status::ALL.to_vec()).prop_map(Condition::Status),
        select(channels.to_vec()).prop_map(|word| Condition::Channel(Channel::from(word))),
        select(Kind::ALL.to_vec()).prop_map(Condition::Kind),
        id.prop_map(|id| Condition::Revocation(RevocationId::new(id))),
        any::<u128>().prop_map(|id| Condition::Correlation(Uuid::from_u128(id))),
        any::<u128>().prop_map(|id| Condition::Causation(EventId::new(Uuid::from_u128(id)))),
        any::<u128>().prop_map(|id| Condition::Id(EventId::new(Uuid::from_u128(id)))),
        arbitrary::event().prop_map(|(stream, _)| Condition::Stream(stream)),
        range().prop_map(Condition::Recorded),
        range().prop_map(Condition::Occurred),
    ]
}

fn term() -> impl Strategy<Value = Term> {
    (any::<bool>(), condition()).prop_map(|(negated, condition)| Term { negated, condition })
}

fn any_query() -> impl Strategy<Value = Query> {
    let single = (prop::option::of(point()), prop::option::of(point())).prop_map(|(since, until)| {
        since.map(Condition::Since).into_iter().chain(until.map(Condition::Until)).map(Term::from).collect()
    });
    (prop::collection::vec(term(), 0..6), single)
        .prop_map(|(terms, single): (_, Vec<Term>)| Query::of(terms).and(single))
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_query_survives_its_text(query in any_query()) {
        let text = query.to_string();
        prop_assert_eq!(text.parse::<Query>(), Ok(query), "{}", text);
    }

    #[test]
    fn any_text_is_a_query_or_wrong_somewhere_in_it(text in "[a-z0-9:\"\\\\u{} .\u{201c}\u{201d}\u{1b}-]{0,40}|\\PC{0,40}") {
        match text.parse::<Query>() {
            Ok(query) => prop_assert_eq!(query.to_string().parse::<Query>(), Ok(query)),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.column()), "{}", error),
        }
    }

    #[test]
    fn a_known_key_never_fails_without_a_word(key in select(KEYS.to_vec()), value in "\\PC{0,20}") {
        if let Err(error) = format!("{}:{value}", key.name).parse::<Query>() {
            prop_assert!(error.expected().len() > 1, "{}", error);
        }
    }

    /// What a term finds and what its opposite finds is everything, once.
    #[test]
    fn a_negation_finds_the_rest(condition in condition(), fact in arbitrary::event(), actor in arbitrary::actor()) {
        let event = recorded(&fact.0, 1, fact.1, actor, day(3));
        let finds = |negated| {
            let query = Query::of([Term { negated, condition: condition.clone() }]);
            query.resolve(&Projection::default(), day(5)).ok().map(|search| search.passes(&event))
        };
        prop_assert_eq!(finds(false), finds(true).map(|found| !found));
    }

    /// Values of one key widen, everything else narrows.
    #[test]
    fn more_values_of_a_key_find_more_and_more_keys_find_less(
        terms in prop::collection::vec(condition(), 1..4),
        fact in arbitrary::event(),
        actor in arbitrary::actor(),
    ) {
        let event = recorded(&fact.0, 1, fact.1, actor, day(3));
        let finds = |conditions: &[Condition]| {
            let query = Query::of(conditions.iter().cloned().map(Term::from));
            Some(query.resolve(&Projection::default(), day(5)).ok()?.passes(&event))
        };
        let mut alone = vec![];
        for condition in &terms {
            match finds(std::slice::from_ref(condition)) {
                Some(found) => alone.push((condition.key(), found)),
                None => return Ok(()),
            }
        }
        let expected = alone.iter().all(|(key, found)| {
            *found || key.is_some() && alone.iter().any(|(other, found)| other == key && *found)
        });
        prop_assert_eq!(finds(&terms), Some(expected));
    }
}

// ---- What is found

/// Two clusters named `twin`, one `prod`; alice (201) was deleted, another alice (202) came.
fn log() -> Vec<Recorded> {
    let cluster = |id: &str, name: &str| -> (StreamId, Event) {
        let facts = kubeconfig::cluster::Cluster {
            name: name.into(),
            region: "cn-hangzhou".into(),
            state: "running".into(),
            profile: "Default".into(),
        };
        (format!("cluster/{id}").parse().unwrap(), ClusterEvent::ClusterObserved(facts).into())
    };
    let identity = |uid: &str, name: &str| -> (StreamId, Event) {
        let event = IdentityEvent::IdentityObserved {
            kind: "RamUser".into(),
            name: name.into(),
            state: "Active".into(),
            created_at: None,
        };
        (format!("identity/{uid}").parse().unwrap(), event.into())
    };
    let pair = |cluster: &str, uid: &str, event: Event| -> (StreamId, Event) {
        (format!("kubeconfig/{cluster}/{uid}").parse().unwrap(), event)
    };
    let facts = [
        (cluster("c1", "prod"), Actor::timer()),
        (cluster("c2", "twin"), Actor::timer()),
        (cluster("c3", "twin"), Actor::timer()),
        (identity("201", "alice"), Actor::timer()),
        (identity("202", "alice"), Actor::timer()),
        (identity("203", "bob smith"), Actor::timer()),
        (pair("c1", "203", observed(live()).event.into()), Actor::timer()),
        (pair("c1", "203", observed(expired()).event.into()), Actor::timer()),
        (pair("c1", "203", requested(kubeconfig::access::Trigger::Requested).event.into()), alice()),
        (pair("c1", "203", held_by_check(AccessCheck::NoRecords).event.into()), bob()),
        (pair("c2", "201", observed(live()).event.into()), Actor::event_bridge()),
    ];
    let mut versions = std::collections::BTreeMap::<StreamId, u64>::new();
    let mut log: Vec<_> = facts
        .into_iter()
        .zip(1_i64..)
        .map(|(((stream, event), actor), n)| {
            let version = versions.entry(stream.clone()).or_default();
            *version += 1;
            recorded(&stream, *version, event, actor, day(n))
        })
        .collect();
    let last = log.last_mut().unwrap();
    last.source = Some(SourceEvent { source: "acs.ram".into(), id: "E-1".into() });
    last.occurred_at = day(1);
    log
}

/// The numbers of the events found, from 1.
fn found(text: &str) -> Vec<usize> {
    let log = log();
    let search = query(text).resolve(&Projection::replay(&log), day(12)).unwrap_or_else(|e| panic!("{e}"));
    (1..).zip(&log).filter(|(_, event)| search.passes(event)).map(|(n, _)| n).collect()
}

#[test]
fn each_key_finds_what_it_says() {
    let all: Vec<usize> = (1..=11).collect();
    for (text, expected) in [
        ("", all),
        ("cluster:prod", vec![1, 7, 8, 9, 10]),
        ("cluster:c2", vec![2, 11]),
        ("cluster:prod cluster:c2", vec![1, 2, 7, 8, 9, 10, 11]),
        ("uid:203", vec![6, 7, 8, 9, 10]),
        (r#"uid:"bob smith""#, vec![6, 7, 8, 9, 10]),
        ("uid:201 cluster:c2", vec![11]),
        ("type:KubeconfigObserved", vec![7, 8, 11]),
        ("type:kubeconfigobserved", vec![7, 8, 11]),
        ("status:Expired", vec![8]),
        ("status:Effective", vec![7, 11]),
        ("kind:identity", vec![4, 5, 6]),
        ("channel:eventbridge", vec![11]),
        ("source:acs.ram", vec![11]),
        ("source:acs.ram/E-1", vec![11]),
        ("source:acs.ram/E-2", vec![]),
        ("stream:kubeconfig/c1/203", vec![7, 8, 9, 10]),
        ("recorded:5d..", vec![7, 8, 9, 10, 11]),
        ("occurred:..11d", vec![]),
        ("occurred:12d..", vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ("cluster:prod -type:KubeconfigObserved -kind:cluster", vec![9, 10]),
        ("smith", vec![6, 7, 8, 9, 10]),
        ("ALICE kind:identity", vec![4, 5]),
        ("hangzhou prod", vec![1]),
        ("RevocationHeld", vec![10]),
        ("e-1", vec![11]),
        ("EventBridge", vec![11]),
        ("kubeconfig/c2/201", vec![11]),
        ("cluster_state", vec![]),
        ("-201 -202 kind:identity", vec![6]),
        ("nowhere", vec![]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn by_actor_revocation_cause_and_id() {
    let log = log();
    let (requested, held) = (&log[8], &log[9]);
    assert_eq!(found(&format!("actor:{}", requested.actor.name())), [9]);
    assert_eq!(found(&format!("revocation:{}", requested.event.revocation().unwrap())), [9, 10]);
    assert_eq!(found(&format!("id:{}", held.id)), [10]);
    assert_eq!(found(&format!("correlation:{} id:{}", held.correlation, held.id)), [10]);
}

#[test]
fn when_it_was_stored_and_when_it_happened_are_two_questions() {
    let day_of = |n: i64| day(n).strftime("%Y-%m-%d").to_string();
    assert_eq!(found(&format!("recorded:{}", day_of(11))), [11]);
    assert_eq!(found(&format!("occurred:{}", day_of(1))), [1, 11]);
    assert_eq!(found(&format!("since:{} until:{}", day(3), day(5))), [3, 4]);
}

#[test]
fn a_name_that_may_mean_several_is_answered_with_all_of_them() {
    let projection = Projection::replay(&log());
    for (text, problem) in [
        (
            "cluster:twin",
            "`twin` may mean 2 clusters, name one by its id: c2 (twin, cn-hangzhou, running), c3 (",
        ),
        (
            "-uid:alice",
            "`alice` may mean 2 identities, name one by its id: 201 (alice, RamUser, Active), 202 (",
        ),
        ("uid:carol", "no identity is known by the name or id `carol`"),
        ("cluster:prd", "no cluster is known by the name or id `prd`: c1 (prod, cn-hangzhou, running), c2 ("),
    ] {
        let error = query(text).resolve(&projection, day(12)).unwrap_err().to_string();
        assert!(error.starts_with(problem), "{error}");
    }
}

#[test]
fn ids_of_the_cloud_need_no_history() {
    let text = "cluster:c0a1b2c3d4e5f60718293a4b5c6d7e8f9 uid:999 type:X since:7d";
    assert!(!query(text).has_names());
    assert!(query(text).resolve(&Projection::default(), day(1)).is_ok());
    for named in ["cluster:prod", "uid:alice", "-word"] {
        assert!(query(named).has_names(), "{named}");
    }
}

#[test]
fn a_type_that_this_version_does_not_know_is_told() {
    let asked = query("type:revocationheld type:RevocationHold -type:KubeconfigBlessed status:Expired");
    assert_eq!(asked.unknown_types(), ["RevocationHold", "KubeconfigBlessed"]);
}
