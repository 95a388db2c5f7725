//! Identifiers and stream names against hostile text.

use kubeconfig::{ClusterId, EventId, IdError, RevocationId, RunId, StreamId, Uid};

const HOSTILE: [&str; 14] = [
    "",
    " ",
    "../../etc/passwd",
    "a/b",
    "a.b",
    "c1\n",
    "c1\0",
    "c1?x=1",
    "c1#x",
    "c1%2f",
    "ｃ１",
    "c1 ",
    "'; --",
    "\u{202e}1c",
];

#[test]
fn a_uid_is_one_to_twenty_ascii_digits() {
    for good in ["1", "1234567890123456", "20000000000000000001"] {
        assert_eq!(good.parse::<Uid>().unwrap().as_str(), good);
    }
    let bad = ["alice", "200000000000000000001", "-1", "+1", "1e5", "٣٤٥", "１２", "0x10", "0", "01"];
    for bad in bad.iter().chain(&HOSTILE) {
        assert!(matches!(bad.parse::<Uid>(), Err(IdError::Uid(_))), "{bad:?}");
    }
}

#[test]
fn a_cluster_id_stays_within_one_path_segment() {
    for good in ["c1", "c0123456789abcdef0123456789abcde", "A-b_9"] {
        assert_eq!(good.parse::<ClusterId>().unwrap().as_str(), good);
    }
    for bad in HOSTILE {
        assert!(matches!(bad.parse::<ClusterId>(), Err(IdError::ClusterId(_))), "{bad:?}");
    }
    assert!("c".repeat(128).parse::<ClusterId>().is_ok());
    assert!("c".repeat(129).parse::<ClusterId>().is_err());
}

#[test]
fn ids_in_documents_are_checked_as_those_in_paths() {
    assert!(serde_json::from_str::<Uid>("\"alice\"").is_err());
    assert!(serde_json::from_str::<Uid>("200").is_err());
    assert!(serde_json::from_str::<ClusterId>("\"../x\"").is_err());
    assert!(serde_json::from_str::<StreamId>("\"kubeconfig/c1/alice\"").is_err());
}

#[test]
fn a_stream_has_exactly_its_segments() {
    let bad = [
        "kubeconfig/c1/200/x",
        "kubeconfig/c1//200",
        "/kubeconfig/c1/200",
        "kubeconfig//200",
        "Kubeconfig/c1/200",
        "identity/200/",
        "cluster/",
        "cluster/c1/200",
        "intake/1",
        "run/",
        "run",
        "kubeconfig /c1/200",
    ];
    for bad in bad.iter().chain(&HOSTILE) {
        assert!(bad.parse::<StreamId>().is_err(), "{bad:?}");
    }
}

#[test]
fn one_stream_has_one_name_however_it_is_written() {
    let plain = "run/0190b5c4-0000-7000-8000-000000000001";
    for spelling in [
        plain,
        "run/0190B5C4-0000-7000-8000-000000000001",
        "run/{0190b5c4-0000-7000-8000-000000000001}",
        "run/0190b5c4000070008000000000000001",
    ] {
        let stream: StreamId = spelling.parse().unwrap();
        assert_eq!(stream.to_string(), plain);
    }
}

#[test]
fn an_error_quotes_neither_much_nor_control_characters() {
    let long = format!("x\u{1b}[31m\r\n{}", "x".repeat(1_000_000));
    let errors = [
        long.parse::<Uid>().unwrap_err(),
        long.parse::<ClusterId>().unwrap_err(),
        long.parse::<StreamId>().unwrap_err(),
        format!("pod/{long}").parse::<StreamId>().unwrap_err(),
        format!("run/{long}").parse::<StreamId>().unwrap_err(),
        long.parse::<RunId>().unwrap_err(),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(text.len() < 300 && !text.chars().any(char::is_control), "{text:?}");
    }
}

#[test]
fn what_a_stream_is_about() {
    let pair: StreamId = "kubeconfig/c1/200".parse().unwrap();
    assert_eq!(pair.cluster().unwrap().as_str(), "c1");
    assert_eq!(pair.uid().unwrap().as_str(), "200");
    let run: StreamId = "run/0190b5c4-0000-7000-8000-000000000001".parse().unwrap();
    assert_eq!((run.cluster(), run.uid()), (None, None));
    assert_eq!(pair.kind(), "kubeconfig");
}

/// Written down, because a change would let one cause be handled twice.
#[test]
fn derived_ids_stay_what_they_are() {
    assert_eq!(EventId::derived("a").to_string(), "657f6a58-0993-588c-8ba2-f3150dbc8506");
    assert_eq!(RevocationId::derived("a").to_string(), "34bd0956-9a61-5929-bcfc-f93f69952b9d");
}

#[test]
fn ids_of_two_kinds_derived_from_one_name_differ() {
    assert_ne!(EventId::derived("a").as_uuid(), RevocationId::derived("a").as_uuid());
}
