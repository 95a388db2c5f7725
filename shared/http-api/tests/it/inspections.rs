//! Files that turned up where they should not: whose they are, and not a byte of what they prove it with.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::SignedDuration;
use revocation::Config;
use rstest::rstest;

use crate::world::{ALICE, Answer, BOB, OLGA, PROD, VERA, World, request};

impl World {
    /// A kubeconfig file as the emulated cloud issues it.
    fn issued(&self, validity: Option<SignedDuration>) -> String {
        let now = self.emulator.now();
        self.emulator.account(|account| account.kubeconfig_file(PROD, ALICE, validity, now)).unwrap().0
    }

    async fn inspect(&self, token: &str, file: impl Into<Body>) -> Answer {
        let request = Request::post("/v1/inspections").header("authorization", format!("Bearer {token}"));
        self.send(request.body(file.into()).unwrap()).await
    }
}

fn field<'a>(file: &'a str, name: &str) -> &'a str {
    file.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap().trim()
}

#[tokio::test]
async fn a_file_names_its_holder_and_what_ends_the_access_and_that_works() {
    let world = World::seen().await;
    let length = world.log_length().await;
    let answer = world.inspect(VERA, world.issued(None)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let holding = &answer.body["holdings"][0];
    assert_eq!((&holding["uid"], &holding["cluster"]), (&ALICE.into(), &PROD.into()));
    assert_eq!(
        (&holding["validity"], &holding["status"]),
        (&"valid".into(), &"Effective, account Active".into())
    );
    assert_eq!(holding["listed"], true, "the cloud still lists it");
    assert_eq!(holding["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(world.log_length().await, length, "nothing is stored");

    let revoked = world.post("/v1/revocations", OLGA, &holding["revocation"]).await;
    assert_eq!(revoked.outcomes(), ["confirmed"]);
}

#[tokio::test]
async fn one_that_was_revoked_is_not_listed_any_more() {
    let world = World::seen().await;
    let file = world.issued(None);
    world.revoke(ALICE, &[PROD]).await;
    let holding = &world.inspect(VERA, file).await.body["holdings"][0];
    assert_eq!((&holding["status"], &holding["listed"]), (&"Deleted, account Active".into(), &false.into()));
}

#[tokio::test]
async fn no_key_comes_back_whatever_is_asked() {
    let world = World::seen().await;
    let file = world.issued(None);
    let key = String::from_utf8(BASE64.decode(field(&file, "client-key-data:")).unwrap()).unwrap();
    let certificate = BASE64.decode(field(&file, "client-certificate-data:")).unwrap();
    let broken = file.replace("client-certificate-data: ", "client-certificate-data: ***");
    let both = [certificate.as_slice(), key.as_bytes()].concat();
    for input in [file.clone().into_bytes(), broken.into_bytes(), both, key.clone().into_bytes()] {
        let body = world.inspect(VERA, input).await.body.to_string();
        assert!(!body.contains("PRIVATE") && !body.contains(field(&file, "client-key-data:")), "{body}");
        for line in key.lines().filter(|line| !line.starts_with("-----")) {
            assert!(!body.contains(line), "{body}");
        }
    }
    let alone = world.inspect(VERA, certificate).await;
    assert_eq!(alone.body["holdings"][0]["uid"], ALICE);
    assert_eq!(alone.body["holdings"][0]["revocation"]["clusters"], "all", "nobody knows for which cluster");
}

#[tokio::test]
async fn an_expired_one_says_so() {
    let world = World::seen().await;
    let file = world.issued(Some(SignedDuration::from_hours(-1)));
    assert_eq!(world.inspect(VERA, file).await.body["holdings"][0]["validity"], "expired");
}

#[tokio::test]
async fn what_is_known_of_a_pair_is_shown_within_the_scope_only() {
    let mut config = Config::default();
    config.access.scopes.push(format!("vera:uid:{BOB}").parse().unwrap());
    let world = World::with_config(config).await;
    world.look().await;
    let file = world.issued(None);
    assert_eq!(
        world.inspect(OLGA, file.clone()).await.body["holdings"][0]["status"],
        "Effective, account Active"
    );
    let bounded = world.inspect(VERA, file).await.body;
    assert_eq!(bounded["holdings"][0]["uid"], ALICE, "what the file itself says");
    assert!(bounded["holdings"][0].get("status").is_none() && bounded["holdings"][0].get("listed").is_none());
}

#[rstest]
#[case::nothing("")]
#[case::no_yaml("hush: [")]
#[case::no_file("hush")]
#[case::no_certificate("-----BEGIN CERTIFICATE-----\nhush\n-----END CERTIFICATE-----\n")]
#[case::deep(&"[".repeat(100_000))]
#[case::aliases_without_end(&(0..30).fold("a: &a0 [x]\n".to_owned(), |text, n| {
    format!("{text}b{n}: &a{} [{}]\n", n + 1, format!("*a{n},").repeat(9))
}))]
#[tokio::test]
async fn what_is_neither_is_refused_and_not_quoted(#[case] input: &str) {
    let world = World::new().await;
    let answer = world.inspect(VERA, input.to_owned()).await;
    assert_eq!((answer.status.as_u16(), answer.problem()), (422, "invalid-body"), "{}", answer.body);
    assert!(!answer.body.to_string().contains("hush"));
    assert_eq!(world.log_length().await, 0);
}

#[tokio::test]
async fn a_megabyte_is_read_and_more_is_not() {
    let world = World::seen().await;
    let mut file = world.issued(None);
    file.push_str("# ");
    file.push_str(&"x".repeat((1 << 20) - file.len()));
    assert_eq!(world.inspect(VERA, file.clone()).await.body["holdings"][0]["uid"], ALICE);
    file.push('x');
    let answer = world.inspect(VERA, file).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"));
    let nobody = world.send(request(Method::POST, "/v1/inspections", None, None)).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}
