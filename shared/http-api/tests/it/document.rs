//! The document: golden, and good enough to write a client from.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::Method;
use cloud_emulator::deployment::ROUTES;
use revocation::Config;
use serde_json::{Map, Value};

use crate::schema::Schema;
use crate::world::{World, console, request};

async fn document() -> Value {
    World::new().await.send(request(Method::GET, "/openapi.json", None, None)).await.body
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

/// `UPDATE_GOLDEN=1` writes it anew.
#[tokio::test]
async fn the_document_is_the_one_that_is_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let document = document().await;
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("{document:#}\n")).unwrap();
    }
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    assert!(
        golden == document,
        "the interface has changed: write docs/openapi.json with UPDATE_GOLDEN=1 and look at it"
    );
}

#[tokio::test]
async fn each_function_serves_its_own_part() {
    let world = World::new().await;
    let paths = |api: http_api::Api| {
        let document = api.document();
        document["paths"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>()
    };
    let revoke = paths(revoke::api(world.reaper.clone(), &console(&Config::default())));
    let history = paths(history::api(
        history::Archive::of(world.reaper.history().clone()),
        &console(&Config::default()),
    ));
    let shared: Vec<&str> = revoke.intersection(&history).map(String::as_str).collect();
    assert_eq!(shared, ["/healthz", "/openapi.json", "/v1/events"]);
    let all = document().await["paths"].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(&revoke | &history, all);
}

/// The function that the custom domain leads a path to: the longest rule that matches, and one without `*` first.
fn behind_the_domain(path: &str) -> &'static str {
    let matches = |rule: &str| match rule.strip_suffix('*') {
        Some(below) => path.starts_with(below).then_some(below.len()),
        None => (path == rule).then_some(usize::MAX),
    };
    let longest = ROUTES.iter().filter_map(|(rule, function)| Some((matches(rule)?, function))).max();
    longest.unwrap_or_else(|| panic!("no rule matches {path}")).1
}

#[tokio::test]
async fn the_domain_leads_to_the_function_that_serves_it() {
    let world = World::new().await;
    let console = console(&Config::default());
    let archive = history::Archive::of(world.reaper.history().clone());
    let apis = [
        ("revoke", revoke::api(world.reaper.clone(), &console)),
        ("history", history::api(archive, &console)),
    ];
    let mut elsewhere = vec![];
    for (function, api) in apis {
        let (document, pages) = (api.document(), api.pages_document());
        for (operation, _) in operations(&document).chain(operations(&pages)) {
            let path = operation.split(' ').nth(1).unwrap();
            if behind_the_domain(path) != function {
                elsewhere.push(format!("{function}: {operation}"));
            }
        }
    }
    // Both functions have the first ones. Messages have the path of a search, and go to the address of `revoke`.
    assert_eq!(elsewhere, ["revoke: get /healthz", "revoke: get /openapi.json", "revoke: post /v1/events"]);
}

#[tokio::test]
async fn every_operation_can_be_understood() {
    let document = document().await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty() && ids.insert(id.to_owned()), "{name}: operationId");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!((5..60).contains(&summary.len()) && !summary.ends_with('.'), "{name}: summary {summary:?}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let told = parameter["description"].as_str().is_some_and(|text| text.len() > 5);
            assert!(told && !parameter["example"].is_null(), "{name}: {parameter}");
        }
        let public = ["/healthz", "/openapi.json"].iter().any(|path| name.ends_with(path));
        assert_eq!(operation.get("security").is_none(), public, "{name}: security");
        for status in ["401", "503"] {
            assert_eq!(operation["responses"].get(status).is_none(), public, "{name}: {status}");
        }
        let by_token = operation.pointer("/security/0/bearer").is_some();
        assert_eq!(operation["responses"].get("403").is_some(), by_token, "{name}: 403");
        assert!(operation["responses"].get("500").is_some(), "{name}: 500");
    }
}

#[tokio::test]
async fn every_schema_and_each_of_its_members_is_described() {
    let document = document().await;
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let parts = schema["allOf"].as_array().into_iter().flatten().chain([schema]);
        let members = parts.filter_map(|part| part["properties"].as_object()).flatten();
        for (member, schema) in members {
            // What stands behind a reference is described there.
            let described = schema.get("description").is_some() || schema.to_string().contains("\"$ref\"");
            assert!(described, "{name}.{member}");
        }
    }
}

/// Otherwise nobody notices when an example grows old.
#[tokio::test]
async fn examples_have_the_shape_that_they_are_examples_of() {
    let document = document().await;
    let schema = Schema::new(document.clone());
    let mut seen = 0;
    for (name, operation) in operations(&document) {
        let responses = operation["responses"].as_object().into_iter().flat_map(Map::values);
        for content in responses.chain([&operation["requestBody"]]).filter_map(|r| r["content"].as_object()) {
            for media in content.values() {
                assert!(!media["example"].is_null(), "{name}: no example: {media}");
                schema.fits(&media["example"], &media["schema"], &name).unwrap();
                seen += 1;
            }
        }
    }
    assert!(seen > 15);
    for (status, response) in document["components"]["responses"].as_object().unwrap() {
        let media = &response["content"]["application/problem+json"];
        for example in media["examples"].as_object().unwrap().values() {
            schema.fits(&example["value"], &media["schema"], status).unwrap();
        }
    }
}

#[tokio::test]
async fn nothing_is_referred_to_that_is_not_there_and_nothing_is_there_for_nobody() {
    let document = document().await;
    let mut referred = BTreeSet::new();
    collect(&document, &mut referred);
    for reference in &referred {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(referred.contains(&format!("#/components/schemas/{name}")), "{name} is used by nobody");
    }
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                into.insert(reference.to_owned());
            }
            map.values().for_each(|value| collect(value, into));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, into)),
        _ => {}
    }
}
