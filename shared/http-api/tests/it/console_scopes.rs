//! Pages for somebody who has bounds: what lies out of them does not exist there.

use axum::http::StatusCode;
use revocation::Config;
use rstest::rstest;
use sha2::{Digest, Sha256};

use crate::browser::{Browser, Shown};
use crate::world::{BATCH, BOB, DEV, PROD, World};

/// A role that was deleted, and left something in two clusters, of which prod is none.
const LEGACY_CI: &str = "300000000000000203";
const TOKEN: &str = "token-of-somebody-with-bounds";

/// Something that waits within the scope, and something that waits out of it. Answers the ids.
async fn world(scope: &str) -> (World, [String; 2]) {
    let mut config = Config::default();
    config.api.tokens.push(format!("bo:approver:{}", hex::encode(Sha256::digest(TOKEN))));
    config.access.scopes.push(format!("bo:{scope}").parse().unwrap());
    let world = World::with_config(config).await;
    world.look().await;
    let mut ids = vec![];
    for (uid, cluster) in [(BOB, PROD), (LEGACY_CI, DEV)] {
        let asked = world.revoke(uid, &[cluster]).await;
        assert_eq!(asked.outcomes(), ["held"]);
        ids.push(asked.body["outcomes"][0]["revocation"].as_str().unwrap().to_owned());
    }
    (world, ids.try_into().unwrap())
}

/// A page without what was asked for.
fn freed(page: &Shown, ids: &[&str]) -> String {
    let html = page.html.replace(page.header("x-request-id"), "…");
    let html = ids.iter().fold(html, |html, id| html.replace(id, "…"));
    format!("{} {html}", page.status)
}

#[rstest]
#[case::by_cluster(format!("cluster:{PROD}"))]
#[case::by_identity(format!("uid:{BOB}"))]
#[tokio::test]
async fn pages_tell_nothing_of_what_lies_out_of_the_scope(#[case] scope: String) {
    let (world, [held, _]) = world(&scope).await;
    let mut browser = Browser::of(&world, TOKEN).await;
    for path in ["/", "/clusters", "/identities", "/leftovers", "/held", "/history"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for outside in [LEGACY_CI, "legacy-ci"] {
            assert!(!page.html.contains(outside), "{path} tells of {outside}");
        }
        if scope.starts_with("cluster") {
            assert!(!page.html.contains(DEV) && !page.html.contains(BATCH), "{path}");
        }
    }
    assert!(browser.get("/held").await.html.contains(&held), "what lies within is there");
    let pair = browser.get(&format!("/clusters/{PROD}/identities/{BOB}")).await;
    assert_eq!(pair.status, StatusCode::OK);
}

#[rstest]
#[case::by_cluster(format!("cluster:{PROD}"))]
#[case::by_identity(format!("uid:{BOB}"))]
#[tokio::test]
async fn a_page_out_of_the_scope_is_the_one_of_nothing(#[case] scope: String) {
    let (world, [held, outside]) = world(&scope).await;
    let mut browser = Browser::of(&world, TOKEN).await;
    let nobody = ("c-nobody-knows", "299999999999999999", "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11");
    for path in ["/identities/{uid}", "/clusters/{cluster}/identities/{uid}"] {
        let mut told = vec![];
        for (cluster, uid, _) in [(DEV, LEGACY_CI, ""), nobody] {
            let path = path.replace("{cluster}", cluster).replace("{uid}", uid);
            told.push(freed(&browser.get(&path).await, &[cluster, uid]));
        }
        assert_eq!(told[0], told[1], "{path}");
    }
    for decision in ["approval", "rejection"] {
        let mut told = vec![];
        for id in [outside.as_str(), nobody.2] {
            let page = browser.submit("/held", &format!("/held/{id}/{decision}"), &[("hold", "1")]).await;
            told.push(freed(&page, &[id]));
        }
        assert_eq!(told[0], told[1]);
        assert!(told[0].starts_with("404"), "{}", told[0]);
    }
    assert_eq!(world.emulator.cleans(DEV, LEGACY_CI).received, 0);
    let within = browser.submit("/held", &format!("/held/{held}/rejection"), &[("hold", "1")]).await;
    assert_eq!(within.status, StatusCode::SEE_OTHER);
}
