//! People who sign in at an issuer and bring its token along, and every token that is not good.

use std::sync::atomic::Ordering;

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use revocation::Config;
use rstest::rstest;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::issuer::{AUDIENCE, Issuer, Signer, signed_part};
use crate::limits::{assert_too_many, strict};
use crate::world::{ANNA, Answer, BOB, PROD, VERA, World, request, send};

async fn overview(world: &World, token: &str) -> Answer {
    world.send(request(Method::GET, "/v1/overview", Some(token), None)).await
}

#[rstest]
#[case::rs256(Signer::rs256())]
#[case::es256(Signer::es256())]
#[case::ed_dsa(Signer::ed_dsa())]
#[tokio::test]
async fn who_has_signed_in_may_do_what_their_groups_allow(#[case] signer: Signer) {
    let issuer = Issuer::start(vec![json!({ "kty": "oct", "kid": "x" }), signer.jwk("k1")]).await;
    let world = World::with_config(issuer.config()).await;
    world.look().await;
    let token = |groups: &[&str]| signer.token("k1", &issuer.claims("olga", groups));
    assert_eq!(overview(&world, &token(&["others", "staff"])).await.status, StatusCode::OK);
    let body = json!({ "uid": BOB, "clusters": [PROD] });
    let refused = world.post("/v1/revocations", &token(&["staff"]), &body).await;
    assert_eq!((refused.problem(), &refused.body["needs"]), ("forbidden", &"operator".into()));
    let held = world.post("/v1/revocations", &token(&["staff", "oncall"]), &body).await;
    assert_eq!(held.outcomes(), ["held"]);
    let open = &held.body["outcomes"][0]["open_revocation"];
    assert_eq!(open["requested_by"], "olga via oidc (http)", "the person and the way in are both kept");

    // The same person as in chats and tokens: nobody approves their own.
    let path = format!("/v1/revocations/{}/approval", open["id"].as_str().unwrap());
    let approver = token(&["arn:team:security"]);
    assert_eq!(world.post(&path, &approver, &json!({})).await.problem(), "self-approval");
    let anna = signer.token("k1", &issuer.claims("anna", &["arn:team:security"]));
    assert_eq!(world.post(&path, &anna, &json!({})).await.body["outcome"], "confirmed");
    assert_eq!(issuer.fetched(), 1, "keys are kept");
}

#[tokio::test]
async fn tokens_of_the_configuration_work_beside_it_and_need_no_issuer() {
    let issuer = Issuer::start(vec![]).await;
    issuer.desk.is_down.store(true, Ordering::SeqCst);
    let world = World::with_config(issuer.config()).await;
    assert_eq!(overview(&world, VERA).await.status, StatusCode::OK);
    assert_eq!(overview(&world, ANNA).await.status, StatusCode::OK);
    assert_eq!(overview(&world, "no-jwt").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_scope_goes_by_the_name_here_too() {
    let signer = Signer::ed_dsa();
    let issuer = Issuer::start(vec![signer.jwk("k1")]).await;
    let mut config = issuer.config();
    config.access.scopes.push(format!("olga:cluster:{PROD}").parse().unwrap());
    let world = World::with_config(config).await;
    world.look().await;
    let token = signer.token("k1", &issuer.claims("olga", &["staff"]));
    assert_eq!(overview(&world, &token).await.body["clusters"], 1);
    let other = signer.token("k1", &issuer.claims("anna", &["staff"]));
    assert_eq!(overview(&world, &other).await.body["clusters"], 3);
}

/// One person has one bucket, whichever way in; who is signed in and nobody here is a stranger.
#[tokio::test]
async fn calls_are_counted_by_the_name_here_too() {
    let signer = Signer::ed_dsa();
    let issuer = Issuer::start(vec![signer.jwk("k1")]).await;
    let world = World::with_config(issuer.config()).await;
    world.look().await;
    let router = strict(&world, issuer.config());
    let overview =
        async |token: &str| send(&router, request(Method::GET, "/v1/overview", Some(token), None)).await;
    let vera = signer.token("k1", &issuer.claims("vera", &["staff"]));
    assert_eq!(overview(&vera).await.status, StatusCode::OK);
    assert_eq!(overview(VERA).await.status, StatusCode::OK);
    assert_too_many(&overview(&vera).await);
    assert_too_many(&overview(VERA).await);
    let nobody = signer.token("k1", &issuer.claims("nora", &["others"]));
    assert_eq!(overview(&nobody).await.status, StatusCode::FORBIDDEN);
    assert_eq!(overview("no-jwt").await.status, StatusCode::UNAUTHORIZED);
    assert_too_many(&overview(&nobody).await);
    let olga = signer.token("k1", &issuer.claims("olga", &["staff"]));
    assert_eq!(overview(&olga).await.status, StatusCode::OK);
}

/// Every one of them gets the same answer, whatever is wrong.
#[tokio::test]
async fn what_is_not_good_is_refused_in_one_way() {
    let (rsa, ed, stranger) = (Signer::rs256(), Signer::ed_dsa(), Signer::ed_dsa());
    let issuer = Issuer::start(vec![rsa.jwk("rsa"), ed.jwk("ed")]).await;
    let world = World::with_config(issuer.config()).await;
    let good = issuer.claims("olga", &["staff"]);
    let changed = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        ed.token("ed", &claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        ed.token("ed", &claims)
    };
    let headed = |header: Value| ed.token_with(&header, &good);
    let now = Timestamp::now().as_second();
    let token = ed.token("ed", &good);
    let parts: Vec<&str> = token.split('.').collect();
    let other_claims = BASE64URL.encode(issuer.claims("anna", &["oncall"]).to_string());
    let none = format!("{}.", signed_part(&json!({ "alg": "none", "kid": "ed" }), &good));
    // The public key of RS256 as the secret of HS256.
    let confused = |secret: &[u8]| {
        let signed = signed_part(&json!({ "alg": "HS256", "kid": "rsa" }), &good);
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64URL.encode(mac.finalize().into_bytes()))
    };
    let jwk = rsa.jwk("rsa");
    let bad = [
        ("not signed", none),
        ("none in capitals", format!("{}.", signed_part(&json!({ "alg": "NONE", "kid": "ed" }), &good))),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("HS256 with the key as it is published", confused(jwk.to_string().as_bytes())),
        ("HS256 with the modulus", confused(&BASE64URL.decode(jwk["n"].as_str().unwrap()).unwrap())),
        ("another algorithm than the key's", headed(json!({ "alg": "RS256", "kid": "ed" }))),
        ("another key's id", ed.token("rsa", &good)),
        ("an id that nobody has", ed.token("nobody", &good)),
        ("no id", headed(json!({ "alg": "EdDSA" }))),
        (
            "a key that it brings along",
            stranger.token_with(&json!({ "alg": "EdDSA", "kid": "ed", "jwk": stranger.jwk("ed") }), &good),
        ),
        ("an extension", headed(json!({ "alg": "EdDSA", "kid": "ed", "crit": ["exp"] }))),
        ("a stranger's signature", stranger.token("ed", &good)),
        ("other claims under the signature", format!("{}.{other_claims}.{}", parts[0], parts[2])),
        ("a shorter signature", token[..token.len() - 4].to_owned()),
        ("padding", format!("{token}=")),
        ("four parts", format!("{token}.{}", parts[2])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("claims that are a list", ed.token("ed", &json!([]))),
        ("expired", changed("exp", json!(now - 61))),
        ("an expiry that is no number", changed("exp", json!("never"))),
        ("no expiry", without("exp")),
        ("not valid yet", changed("nbf", json!(now + 120))),
        ("from the future", changed("iat", json!(now + 120))),
        ("another issuer", changed("iss", json!(format!("{}/", issuer.url)))),
        ("no issuer", without("iss")),
        ("another audience", changed("aud", json!("reaper2"))),
        ("other audiences", changed("aud", json!(["a", "b"]))),
        ("no audience", without("aud")),
        ("too long", changed("padding", json!("x".repeat(20_000)))),
    ];
    let answers = futures_of(&world, bad.iter().map(|(what, token)| (*what, token.as_str()))).await;
    for (what, answer) in &answers {
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::UNAUTHORIZED, "unauthenticated"),
            "{what}"
        );
        assert!(answer.header("www-authenticate").contains("invalid_token"), "{what}");
        let without_id = |answer: &Answer| {
            let mut body = answer.body.clone();
            body.as_object_mut().unwrap().remove("instance");
            body
        };
        assert_eq!(without_id(answer), without_id(&answers[0].1), "{what}");
    }
    assert_eq!(overview(&world, &token).await.status, StatusCode::OK, "and this one is good");
    // Clocks differ a little.
    for (name, at) in [("exp", now - 30), ("nbf", now + 30), ("iat", now + 30)] {
        assert_eq!(overview(&world, &changed(name, json!(at))).await.status, StatusCode::OK, "{name}");
    }
    assert_eq!(overview(&world, &changed("aud", json!(["other", AUDIENCE]))).await.status, StatusCode::OK);
    assert_eq!(world.log_length().await, 0);
}

async fn futures_of<'a>(
    world: &World,
    tokens: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<(&'a str, Answer)> {
    let mut answers = vec![];
    for (what, token) in tokens {
        answers.push((what, overview(world, token).await));
    }
    answers
}

#[rstest]
#[case::no_group_with_a_role("olga", json!(["others"]))]
#[case::no_groups("olga", json!([]))]
#[case::groups_of_another_type("olga", json!({ "staff": true }))]
#[case::no_name("", json!(["staff"]))]
#[case::a_name_that_cannot_be_one("olga via anna (http)", json!(["staff"]))]
#[case::a_name_that_is_too_long(&"x".repeat(65), json!(["staff"]))]
#[tokio::test]
async fn who_has_no_role_or_no_name_may_not_call(#[case] name: &str, #[case] groups: Value) {
    let signer = Signer::es256();
    let issuer = Issuer::start(vec![signer.jwk("k1")]).await;
    let world = World::with_config(issuer.config()).await;
    let mut claims = issuer.claims(name, &[]);
    claims["groups"] = groups;
    let answer = overview(&world, &signer.token("k1", &claims)).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::FORBIDDEN, "forbidden"));
}

#[tokio::test]
async fn a_new_key_is_fetched_when_it_is_first_used_and_an_unknown_one_not_again_and_again() {
    let (old, new) = (Signer::ed_dsa(), Signer::ed_dsa());
    let issuer = Issuer::start(vec![old.jwk("old"), new.jwk("new")]).await;
    let world = World::with_config(issuer.config()).await;
    let claims = issuer.claims("olga", &["staff"]);
    assert_eq!(
        overview(&world, &new.token("new", &claims)).await.status,
        StatusCode::OK,
        "an unknown key is asked for"
    );
    for number in 0..20 {
        let answer = overview(&world, &old.token(&format!("made-up-{number}"), &claims)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(issuer.fetched(), 1, "whoever makes up ids does not make us ask");
    assert_eq!(overview(&world, &old.token("old", &claims)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn where_the_issuer_does_not_answer_a_token_is_neither_good_nor_bad() {
    let signer = Signer::ed_dsa();
    let issuer = Issuer::start(vec![signer.jwk("k1")]).await;
    issuer.desk.is_down.store(true, Ordering::SeqCst);
    let world = World::with_config(issuer.config()).await;
    let token = signer.token("k1", &issuer.claims("olga", &["staff"]));
    for _ in 0..2 {
        let answer = overview(&world, &token).await;
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::SERVICE_UNAVAILABLE, "sign-in-unavailable")
        );
        assert_eq!(answer.header("retry-after"), "30");
        assert!(!answer.body.to_string().contains("127.0.0.1"), "where the issuer is, is nobody's business");
    }
    assert_eq!(overview(&world, "a.b.c").await.status, StatusCode::UNAUTHORIZED, "no token at all");
}

#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_is_not_believed() {
    let signer = Signer::ed_dsa();
    let issuer = Issuer::start(vec![signer.jwk("k1")]).await;
    let world = World::with_config(issuer.config()).await;
    *issuer.desk.url.lock().unwrap() = "https://issuer.example".into();
    let token = signer.token("k1", &issuer.claims("olga", &["staff"]));
    assert_eq!(overview(&world, &token).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(issuer.fetched(), 0);
}

#[rstest]
#[case::no_audience(|config: &mut Config| config.api.oidc.audience = None, "audience or client_id")]
#[case::no_roles(|config: &mut Config| config.api.oidc.roles.clear(), "without roles")]
#[case::another_role(|config: &mut Config| config.api.oidc.roles.push("staff:admin".into()), "entry 4")]
#[case::no_group(|config: &mut Config| config.api.oidc.roles.push(":viewer".into()), "entry 4")]
#[case::no_tls(|config: &mut Config| config.api.oidc.issuer = Some("http://issuer.example".into()), "https://")]
#[case::no_address(|config: &mut Config| config.api.oidc.issuer = Some("issuer".into()), "https://")]
#[case::keys_without_tls(|config: &mut Config| config.api.oidc.jwks_url = Some("http://10.0.0.1/".into()), "https://")]
#[case::credentials(|config: &mut Config| config.api.oidc.jwks_url = Some("https://a:b@issuer.example".into()), "https://")]
#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_refused(#[case] change: fn(&mut Config), #[case] says: &str) {
    let mut config = Issuer::start(vec![]).await.config();
    change(&mut config);
    let error = http_api::Callers::of(&config).unwrap_err().to_string();
    assert!(error.contains("api.oidc") && error.contains(says), "{error}");
}
