//! The path from an earlier form.

use kubeconfig::access::AccessEvent;
use kubeconfig::event::Stored;
use kubeconfig::reading::Reading;
use kubeconfig::{Event, Status};
use serde_json::{Value, json};

use super::read;
use crate::story::{day, given};
use crate::words::*;

pub(super) fn form_1(data: Value) -> Stored {
    Stored { type_name: "KubeconfigObserved".into(), schema: 1, data }
}

pub(super) fn one_certificate(cert_state: &str) -> Value {
    let account = json!({ "kind": "RamUser", "state": "Deleted" });
    json!({ "cluster_state": "running", "account": account, "cert_state": cert_state })
}

fn lifted(reading: Reading) -> Event {
    AccessEvent::KubeconfigObserved { reading }.into()
}

#[test]
fn the_one_certificate_of_form_1_becomes_the_only_one_of_several() {
    let mut data = one_certificate("Unexpired");
    assert_eq!(
        read(form_1(data.clone())),
        lifted(reading().certificate("Unexpired", None).permissions_not_read())
    );
    data["expires_at"] = json!(day(300));
    let event = read(form_1(data));
    assert_eq!(event, lifted(reading().certificate("Unexpired", Some(day(300))).permissions_not_read()));
    assert_eq!(event.to_stored().schema, 2);
}

#[test]
fn form_1_decides_the_status_as_form_2_does() {
    for (word, status) in [
        ("Unexpired", Status::Effective),
        ("Expired", Status::Expired),
        ("Unissued", Status::NotIssued),
        ("Removed", Status::Unknown),
        ("Whatever", Status::Unknown),
    ] {
        given([]).and_stored(read(form_1(one_certificate(word)))).then_status(status);
    }
}
