//! Names and words that want more than to be read.

use axum::http::StatusCode;
use cloud_emulator::Scenario;
use serde_json::json;

use crate::browser::Browser;
use crate::world::{ALICE, ANNA, BOB, OLGA, PROD, World};

const MARKUP: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
const REVERSED: &str = "gnp.\u{202e}exe\u{2066}";

/// The same account, whose people and clusters have names like these.
async fn world() -> World {
    let mut scenario = Scenario::believable();
    scenario.clusters[0].name = format!("prod {MARKUP}");
    let long = "x".repeat(1000);
    for (identity, name) in scenario.identities.iter_mut().skip(1).zip([MARKUP, REVERSED, long.as_str()]) {
        for kubeconfig in scenario.kubeconfigs.iter_mut().filter(|k| k.identity == identity.name) {
            kubeconfig.identity = name.to_owned();
        }
        identity.name = name.to_owned();
    }
    for kubeconfig in scenario.kubeconfigs.iter_mut().filter(|kubeconfig| kubeconfig.cluster == "prod") {
        kubeconfig.cluster = format!("prod {MARKUP}");
    }
    World::of(scenario).await
}

fn paths() -> Vec<String> {
    let fixed = [
        "/",
        "/clusters",
        "/identities",
        "/leftovers",
        "/held",
        "/history",
        "/history?q=%3Cscript%3E%E2%80%AE",
    ];
    let pairs =
        [ALICE, BOB].map(|uid| [format!("/identities/{uid}"), format!("/clusters/{PROD}/identities/{uid}")]);
    fixed
        .map(str::to_owned)
        .into_iter()
        .chain([format!("/clusters/{PROD}")])
        .chain(pairs.into_iter().flatten())
        .collect()
}

#[tokio::test]
async fn names_and_words_of_others_are_text_on_every_page() {
    let world = world().await;
    let body = json!({ "uid": BOB, "clusters": [PROD], "reason": format!("{MARKUP} {REVERSED}") });
    assert_eq!(world.post("/v1/revocations", OLGA, &body).await.outcomes(), ["held"]);
    let mut browser = Browser::of(&world, ANNA).await;
    let mut shown = 0;
    for path in paths() {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.html.matches("<script").count(), 1, "{path}: only our own script");
        assert!(!page.html.contains("<img src=x") && !page.html.contains("\"'>"), "{path}");
        for odd in ['\u{202e}', '\u{2066}'] {
            let value = r#"value="&lt;script&gt;"#;
            assert!(
                !page.html.replace(&format!("{value}\u{202e}"), "").contains(odd),
                "{path} turns its text around"
            );
        }
        shown += page.html.matches("&lt;script&gt;alert(1)").count();
    }
    assert!(shown > 10, "they are shown: {shown}");
}

#[tokio::test]
async fn a_long_name_does_not_fill_a_table() {
    let world = world().await;
    let html = Browser::of(&world, ANNA).await.get(&format!("/clusters/{PROD}")).await.html;
    let long = "x".repeat(1000);
    assert!(html.contains(&format!(r#"<bdi title="{long}">"#)), "the whole name is in the title");
    assert!(!html.contains(&format!(">{long}")), "and not in the cell");
}
