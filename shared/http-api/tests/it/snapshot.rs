//! Whole answers, with what differs from run to run taken out.

use serde_json::{Value, json};

use crate::world::Answer;

/// Compares status, the headers that say something, and the body.
#[track_caller]
pub(crate) fn assert_answer(name: &str, answer: &Answer) {
    let told = ["allow", "content-type", "retry-after", "www-authenticate"];
    let headers: Value = told
        .iter()
        .filter(|name| answer.headers.contains_key(**name))
        .map(|name| ((*name).to_owned(), Value::from(answer.header(name))))
        .collect();
    let whole = json!({ "status": answer.status.as_u16(), "headers": headers, "body": answer.body });
    insta::with_settings!({
        filters => vec![
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[id]"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[time]"),
        ],
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_json_snapshot!(name, whole);
    });
}
