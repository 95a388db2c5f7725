//! The console pages of two functions behind one address.

use cloud_emulator::Scenario;
use kubeconfig::Status;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;

use crate::world::{APPROVER, World};

const SESSION_KEY: (&str, &str) =
    ("REAPER_CONSOLE_SESSION_KEY", "a key of the tests that has 32 bytes or more");

/// What dave, who was deleted, has left in the cluster without an audit log.
const DAVE: &str = "200000000000000104";

/// `history` makes the session and shows the form, `revoke` takes the decision: two processes that know each other by the
/// key alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_on_a_page_goes_from_one_function_to_the_other() {
    let world = World::new(Scenario::believable(), &[SESSION_KEY]).await;
    world.sweep().await;
    let url = world.deployment.domain_url();
    let browser = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let send = |path: &str, fields: &[(&str, &str)]| {
        browser.post(format!("{url}{path}")).header(ORIGIN, &url).form(fields)
    };
    let signed_in = send("/sign-in", &[("token", APPROVER)]).send().await.unwrap();
    assert_eq!(signed_in.status(), 303);
    let cookie = signed_in.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();

    let page = browser.get(format!("{url}/held")).header(COOKIE, &cookie).send().await.unwrap();
    let page = page.text().await.unwrap();
    let (_, item) = page.split_once(&format!("/identities/{DAVE}\"")).expect("dave's is held");
    let between = |before: &str| item.split_once(before).unwrap().1.split('"').next().unwrap();
    let (path, token) = (between(r#"action=""#), between(r#"name="form_token" value=""#));
    let decided = send(path, &[("form_token", token), ("hold", "1"), ("note", "has left")]);
    let decided = decided.header(COOKIE, &cookie).send().await.unwrap();
    assert_eq!(decided.status(), 303);
    let place = decided.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(place.ends_with("?decided=confirmed"), "{place}");

    let page = browser.get(format!("{url}{place}")).header(COOKIE, &cookie).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("The access is gone"));
    let left =
        world.history().pairs(|pair| pair.uid == DAVE && pair.status != Status::Deleted).await.unwrap();
    assert_eq!(left, []);
    world.assert_no_panic();
}
