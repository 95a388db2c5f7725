//! Signing in at the issuer by a browser: there and back, and everything that does not lead in.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, Shown};
use crate::issuer::{CLIENT, Fields, Issuer, Signer, fields};
use crate::world::{PROD, World};

struct Stage {
    issuer: Issuer,
    signer: Signer,
    world: World,
}

impl Stage {
    async fn new() -> Self {
        let signer = Signer::ed_dsa();
        let issuer = Issuer::start(vec![signer.jwk("k1")]).await;
        let world = World::with_config(issuer.console_config()).await;
        world.look().await;
        Self { issuer, signer, world }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.world.router)
    }

    /// Follows the link of the page, and answers what the issuer is asked.
    async fn depart(&self, browser: &mut Browser, next: &str) -> Fields {
        let page = browser.get(&format!("/sign-in/issuer?next={next}")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
        let address = page.header("location").to_owned();
        let (place, question) = address.split_once('?').unwrap();
        assert_eq!(place, format!("{}/authorize", self.issuer.url));
        fields(question)
    }

    /// What the issuer says of somebody who has signed in to answer this question.
    fn claims(&self, question: &Fields, name: &str, groups: &[&str]) -> Value {
        let mut claims = self.issuer.claims(name, groups);
        (claims["aud"], claims["nonce"]) = (json!(CLIENT), json!(question["nonce"]));
        claims
    }

    /// The issuer sends the browser back.
    async fn arrive(&self, browser: &mut Browser, question: &Fields, claims: &Value) -> Shown {
        let code = self.issuer.sign_in(question.clone(), self.signer.token("k1", claims));
        browser.get(&format!("/sign-in/return?session_state=x&code={code}&state={}", question["state"])).await
    }

    async fn sign_in(&self, name: &str, groups: &[&str]) -> (Browser, Shown) {
        let mut browser = self.browser();
        let question = self.depart(&mut browser, "/held").await;
        let page = self.arrive(&mut browser, &question, &self.claims(&question, name, groups)).await;
        (browser, page)
    }
}

#[tokio::test]
async fn who_signs_in_at_the_issuer_gets_a_session_with_the_role_of_their_groups() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let form = browser.get(&format!("/clusters/{PROD}")).await;
    let link = format!(r#"href="/sign-in/issuer?next=%2Fclusters%2F{PROD}""#);
    assert!(form.status == StatusCode::UNAUTHORIZED && form.html.contains(&link), "{}", form.html);

    let question = stage.depart(&mut browser, &format!("/clusters/{PROD}")).await;
    for (name, value) in [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "https://reaper.example.com/sign-in/return"),
        ("scope", "openid profile email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(question[name], value);
    }
    let cookie = &browser.cookies["__Host-reaper-sign-in"];
    for secret in [&question["state"], &question["nonce"], &question["code_challenge"]] {
        assert!(secret.len() == 43 && !cookie.contains(secret.as_str()));
    }

    let claims = stage.claims(&question, "olga", &["others", "staff", "oncall"]);
    let page = stage.arrive(&mut browser, &question, &claims).await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::OK, "Signed in"), "{}", page.html);
    assert_eq!(page.header("refresh"), format!("0;url=/clusters/{PROD}"));
    assert!(page.html.contains("olga, operator"), "{}", page.html);
    assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["__Host-reaper"], "the attempt is over");
    let wanted = browser.get(&format!("/clusters/{PROD}")).await;
    assert!(wanted.status == StatusCode::OK && wanted.html.contains(r#"<span class="who">olga"#));
}

/// Each cookie is sent where it has to be and nowhere else.
#[tokio::test]
async fn only_the_way_there_is_remembered_across_sites() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let departure = browser.get("/sign-in/issuer").await;
    assert!(departure.header("set-cookie").ends_with("; HttpOnly; SameSite=Lax; Secure"));
    let question = fields(departure.header("location").split_once('?').unwrap().1);
    let claims = stage.claims(&question, "vera", &["staff"]);
    let arrival = stage.arrive(&mut browser, &question, &claims).await;
    assert!(arrival.header("set-cookie").ends_with("; HttpOnly; SameSite=Strict; Secure"));
    assert_eq!(arrival.header("refresh"), "0;url=/");
}

#[tokio::test]
async fn who_approves_on_a_page_is_the_person_who_signed_in() {
    let stage = Stage::new().await;
    assert_eq!(stage.world.revoke(crate::world::BOB, &[PROD]).await.outcomes(), ["held"]);
    let (mut browser, _) = stage.sign_in("anna", &["arn:team:security"]).await;
    let held = browser.get("/held").await;
    let (_, rest) = held.html.split_once(r#"action="/held/"#).unwrap();
    let path = format!("/held/{}", rest.split('"').next().unwrap());
    let (_, hold) = held.html.split_once(r#"name="hold" value=""#).unwrap();
    let hold = hold.split('"').next().unwrap().to_owned();
    let token = held.form_token();
    let done = browser.post(&path, &[("form_token", &token), ("hold", &hold), ("note", "")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.html);
    let approved = stage.world.get("/v1/events?q=type:RevocationApproved").await.body;
    let by = &approved["events"][0];
    assert_eq!((&by["actorhuman"], &by["actorprincipal"]), (&json!("anna"), &json!("oidc")), "{by}");
}

#[tokio::test]
async fn a_session_ends_with_the_role_of_its_group() {
    let stage = Stage::new().await;
    let mut config = stage.issuer.console_config();
    config.console.session_key = Some("0123456789abcdef0123456789abcdef".to_owned().try_into().unwrap());
    let serve = |config: &revocation::Config| {
        let archive = history::Archive::of(stage.world.reaper.history().clone());
        history::router(archive, http_api::Callers::of(config).unwrap(), &console::Console::new(config))
    };
    let mut browser = Browser::new(&serve(&config));
    let question = stage.depart(&mut browser, "/").await;
    stage.arrive(&mut browser, &question, &stage.claims(&question, "vera", &["staff"])).await;
    assert_eq!(browser.get("/held").await.status, StatusCode::OK);
    config.api.oidc.roles.retain(|entry| !entry.starts_with("staff:"));
    browser.router = serve(&config);
    assert_eq!(browser.get("/held").await.status, StatusCode::UNAUTHORIZED);
    config.api.oidc = Default::default();
    browser.router = serve(&config);
    let form = browser.get("/held").await;
    assert!(form.status == StatusCode::UNAUTHORIZED && !form.html.contains("/sign-in/issuer"));
    assert_eq!(browser.get("/sign-in/issuer").await.status, StatusCode::NOT_FOUND);
}

/// What the issuer says is good, and not what was asked for.
#[rstest]
#[case::another_sign_in("nonce", json!("other"))]
#[case::no_nonce("nonce", Value::Null)]
#[case::another_client("aud", json!("reaper"))]
#[case::several_and_nobody_in_particular("aud", json!([CLIENT, "other"]))]
#[case::another_party("azp", json!("other"))]
#[case::expired("exp", json!(1))]
#[tokio::test]
async fn a_token_that_is_not_for_this_sign_in_does_not_lead_in(#[case] claim: &str, #[case] value: Value) {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let question = stage.depart(&mut browser, "/held").await;
    let mut claims = stage.claims(&question, "olga", &["staff"]);
    claims[claim] = value;
    let page = stage.arrive(&mut browser, &question, &claims).await;
    assert_out(&mut browser, page).await;
}

async fn assert_out(browser: &mut Browser, page: Shown) {
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::UNAUTHORIZED, "Sign in"));
    assert!(page.html.contains("Nobody was signed in"), "{}", page.html);
    assert!(!browser.cookies.contains_key("__Host-reaper"));
    assert_eq!(browser.get("/held").await.status, StatusCode::UNAUTHORIZED);
}

/// Somebody else's answer, planted in a browser, or an answer that is used again.
#[tokio::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let stage = Stage::new().await;
    let (mut mine, mut other) = (stage.browser(), stage.browser());
    let question = stage.depart(&mut mine, "/held").await;
    let token = stage.signer.token("k1", &stage.claims(&question, "olga", &["staff"]));
    let code = stage.issuer.sign_in(question.clone(), token);
    let path = format!("/sign-in/return?code={code}&state={}", question["state"]);
    let strange = other.get(&path).await;
    assert_out(&mut other, strange).await;
    stage.depart(&mut other, "/held").await;
    let strange = other.get(&path).await;
    assert_out(&mut other, strange).await;
    let before = mine.cookies.clone();
    let refused = mine.clone().get(&format!("{path}&error=access_denied")).await;
    assert_out(&mut Browser { cookies: before.clone(), ..stage.browser() }, refused).await;
    let mixed_up = mine.clone().get(&format!("{path}&iss=https%3A%2F%2Fevil.example")).await;
    assert_out(&mut Browser { cookies: before.clone(), ..stage.browser() }, mixed_up).await;
    assert_eq!(mine.get(&path).await.heading(), "Signed in");
    let mut again = Browser { cookies: before, ..stage.browser() };
    let page = again.get(&path).await;
    assert_out(&mut again, page).await;
}

#[tokio::test]
async fn who_has_no_role_is_told_so() {
    let stage = Stage::new().await;
    let (mut browser, page) = stage.sign_in("nora", &["others"]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.html.contains("you have signed in, and have no role here"), "{}", page.html);
    assert_eq!(browser.get("/held").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn while_the_issuer_is_away_it_is_said_and_tokens_still_work() {
    let stage = Stage::new().await;
    stage.issuer.desk.is_down.store(true, std::sync::atomic::Ordering::SeqCst);
    let page = stage.browser().get("/sign-in/issuer").await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "30"));
    assert!(!page.html.contains("127.0.0.1"), "where the issuer is stands on the form alone: {}", page.html);
    let mut browser = Browser::of(&stage.world, crate::world::VERA).await;
    assert_eq!(browser.get("/held").await.status, StatusCode::OK);
}

/// Strangers cannot make us ask the issuer without end.
#[tokio::test]
async fn departures_are_counted() {
    let stage = Stage::new().await;
    let router = crate::limits::strict(&stage.world, stage.issuer.console_config());
    let mut browser = Browser::new(&router);
    let mut statuses = vec![];
    for _ in 0..4 {
        statuses.push(browser.get("/sign-in/issuer").await.status);
    }
    assert_eq!((statuses[0], statuses[3]), (StatusCode::SEE_OTHER, StatusCode::TOO_MANY_REQUESTS));
}
