//! An issuer of sign-ins: real keys, and a real server that publishes them and gives tokens for codes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL};
use jiff::Timestamp;
use revocation::Config;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const AUDIENCE: &str = "reaper";

/// What the issuer calls the console.
pub(crate) const CLIENT: &str = "reaper:console";
pub(crate) const CLIENT_SECRET: &str = "a secret & more";

/// One key of the issuer.
pub(crate) enum Signer {
    Rs256(RsaKeyPair),
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn rs256() -> Self {
        Self::Rs256(RsaKeyPair::from_pkcs8(include_bytes!("issuer-rsa.der")).unwrap())
    }

    pub(crate) fn es256() -> Self {
        let (kind, random) = (&signature::ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let key = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::Es256(EcdsaKeyPair::from_pkcs8(kind, key.as_ref(), &random).unwrap())
    }

    pub(crate) fn ed_dsa() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::EdDsa(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap())
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Rs256(_) => "RS256",
            Self::Es256(_) => "ES256",
            Self::EdDsa(_) => "EdDSA",
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rs256(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Es256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::EdDsa(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    pub(crate) fn jwk(&self, id: &str) -> Value {
        match self {
            Self::Rs256(key) => {
                let parts = signature::RsaPublicKeyComponents::<Vec<u8>>::from(key.public());
                let (n, e) = (BASE64URL.encode(parts.n), BASE64URL.encode(parts.e));
                json!({ "kty": "RSA", "kid": id, "use": "sig", "alg": "RS256", "n": n, "e": e })
            }
            Self::Es256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                let (x, y) = (BASE64URL.encode(x), BASE64URL.encode(y));
                json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": x, "y": y })
            }
            Self::EdDsa(key) => {
                let x = BASE64URL.encode(key.public_key());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "use": "sig", "x": x })
            }
        }
    }

    /// A token of this key.
    pub(crate) fn token(&self, id: &str, claims: &Value) -> String {
        self.token_with(&json!({ "alg": self.name(), "kid": id, "typ": "JWT" }), claims)
    }

    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let signed = signed_part(header, claims);
        format!("{signed}.{}", BASE64URL.encode(self.sign(signed.as_bytes())))
    }
}

pub(crate) fn signed_part(header: &Value, claims: &Value) -> String {
    format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims.to_string()))
}

/// The fields of an address, or of a form.
pub(crate) type Fields = BTreeMap<String, String>;

pub(crate) fn fields(encoded: &str) -> Fields {
    form_urlencoded::parse(encoded.as_bytes()).into_owned().collect()
}

/// A server that publishes keys.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) desk: Arc<Desk>,
    server: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) url: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    fetched: AtomicUsize,
    pub(crate) is_down: AtomicBool,
    /// What it gives for a code, and how the code was asked for.
    codes: Mutex<BTreeMap<String, (Fields, String)>>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn publish(
    State(desk): State<Arc<Desk>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Result<String, StatusCode> {
    if desk.is_down.load(Ordering::SeqCst) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let url = desk.url.lock().unwrap().clone();
    match uri.path() {
        "/.well-known/openid-configuration" => Ok(json!({
            "issuer": url, "jwks_uri": format!("{url}/keys"), "ignored": true,
            "authorization_endpoint": format!("{url}/authorize?tenant=1"),
            "token_endpoint": format!("{url}/token"),
        })
        .to_string()),
        "/keys" => {
            desk.fetched.fetch_add(1, Ordering::SeqCst);
            Ok(json!({ "keys": *desk.keys.lock().unwrap() }).to_string())
        }
        "/token" => desk.token(&headers, &fields(&body)).ok_or(StatusCode::BAD_REQUEST),
        _ => Err(StatusCode::NOT_FOUND),
    }
}

impl Desk {
    /// Gives the token of a code once, to the client that asked for it and shows the verifier (RFC 7636, section 4.6).
    fn token(&self, headers: &HeaderMap, asked: &Fields) -> Option<String> {
        // RFC 6749, section 2.3.1.
        let basic = format!("Basic {}", BASE64.encode("reaper%3Aconsole:a+secret+%26+more"));
        let is_client = headers.get("authorization")? == basic.as_str();
        let (question, token) = self.codes.lock().unwrap().remove(asked.get("code")?)?;
        let challenge = BASE64URL.encode(Sha256::digest(asked.get("code_verifier")?));
        let fits = is_client
            && asked.get("grant_type")? == "authorization_code"
            && asked.get("redirect_uri") == question.get("redirect_uri")
            && question.get("code_challenge_method")? == "S256"
            && *question.get("code_challenge")? == challenge;
        fits.then(|| json!({ "id_token": token, "access_token": "x", "token_type": "Bearer" }).to_string())
    }
}

impl Issuer {
    pub(crate) async fn start(keys: Vec<Value>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let desk = Arc::new(Desk { keys: keys.into(), url: url.clone().into(), ..Desk::default() });
        let router = Router::new().fallback(publish).with_state(desk.clone());
        let server = tokio::spawn(crate::chat_systems::hyper_serve(listener, router));
        Self { url, desk, server }
    }

    pub(crate) fn config(&self) -> Config {
        let mut config = Config::default();
        config.api.oidc.issuer = Some(self.url.clone());
        config.api.oidc.audience = Some(AUDIENCE.into());
        config.api.oidc.roles =
            ["staff:viewer", "oncall:operator", "arn:team:security:approver"].map(str::to_owned).to_vec();
        config
    }

    /// Claims that are good for ten minutes.
    pub(crate) fn claims(&self, name: &str, groups: &[&str]) -> Value {
        let now = Timestamp::now().as_second();
        json!({
            "iss": self.url, "aud": AUDIENCE, "sub": name, "groups": groups,
            "iat": now, "nbf": now, "exp": now + 600,
        })
    }

    /// The same, with browsers sent to it.
    pub(crate) fn console_config(&self) -> Config {
        let mut config = self.config();
        config.api.oidc.client_id = Some(CLIENT.into());
        config.api.oidc.client_secret = Some(CLIENT_SECRET.to_owned().try_into().unwrap());
        config.console.origin = Some(format!("https://{}", crate::browser::HOST));
        config
    }

    /// Somebody has signed in there: the code that the browser takes along, good for a token.
    pub(crate) fn sign_in(&self, question: Fields, token: String) -> String {
        let mut codes = self.desk.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), (question, token));
        code
    }

    pub(crate) fn fetched(&self) -> usize {
        self.desk.fetched.load(Ordering::SeqCst)
    }
}
