//! The issuer's keys: fetched, kept, and fetched again when one is missing.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::issuer::{Issuer, safe, unavailable};
use super::jwk::{Jwk, Key};
use super::{OidcError, Refused};

/// How long keys are used before they are asked for again.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// How long keys are used if they cannot be asked for again.
const USABLE: SignedDuration = SignedDuration::from_hours(24);

/// From one attempt to the next, so that nobody makes us ask by inventing key ids.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// The keys of one issuer.
pub(super) struct IssuerKeys {
    issuer: Arc<Issuer>,
    jwks_url: Option<Url>,
    kept: RwLock<Kept>,
    /// One attempt at a time, and what became of the latest.
    latest: Mutex<Option<Attempt>>,
}

struct Attempt {
    at: Timestamp,
    /// Why it failed.
    failure: Option<String>,
}

#[derive(Clone, Default)]
struct Kept {
    keys: Arc<Vec<Key>>,
    fetched_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

impl IssuerKeys {
    /// # Errors
    /// An address is none, or is neither `https://` nor on this machine.
    pub(super) fn new(issuer: Arc<Issuer>, jwks_url: Option<&str>) -> Result<Self, OidcError> {
        let wrong = OidcError::Incomplete("jwks_url has to be an https:// address");
        let jwks_url = jwks_url.map(|url| safe(url).ok_or(wrong)).transpose()?;
        Ok(Self { issuer, jwks_url, kept: RwLock::default(), latest: Mutex::default() })
    }

    /// The key of an id.
    pub(super) async fn find(&self, id: &str, now: Timestamp) -> Result<Key, Refused> {
        if let Some(key) = self.kept().fresh(id, now) {
            return Ok(key);
        }
        let failure = self.fetch_unless_just_done(id, now).await;
        let kept = self.kept();
        match (kept.usable(id, now), failure) {
            (Some(key), _) => Ok(key),
            (None, Some(why)) => Err(Refused::Unavailable(why)),
            (None, None) => Err(Refused::Invalid("signed with a key that the issuer does not have".into())),
        }
    }

    /// Asks the issuer, unless that was done within [`PAUSE`]. Answers why the latest attempt failed, if it did.
    async fn fetch_unless_just_done(&self, id: &str, now: Timestamp) -> Option<String> {
        let mut latest = self.latest.lock().await;
        // Somebody else may have fetched it while this one waited.
        if self.kept().fresh(id, now).is_some() {
            return None;
        }
        if let Some(attempt) = latest.as_ref().filter(|attempt| now.duration_since(attempt.at) < PAUSE) {
            return attempt.failure.clone();
        }
        let failure = match self.fetch(now).await {
            Ok(keys) => {
                let kept = Kept { keys: Arc::new(keys), fetched_at: Some(now) };
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = kept;
                None
            }
            Err(Refused::Invalid(why) | Refused::Nobody(why) | Refused::Unavailable(why)) => {
                tracing::warn!(why, "the keys of the sign-in's issuer could not be fetched");
                Some(why)
            }
        };
        *latest = Some(Attempt { at: now, failure: failure.clone() });
        failure
    }

    async fn fetch(&self, now: Timestamp) -> Result<Vec<Key>, Refused> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => safe(&self.issuer.discovery(now).await?.jwks_uri)
                .ok_or_else(|| unavailable("the issuer's keys are at no https:// address"))?,
        };
        let set: KeySet = self.issuer.get(url).await?;
        // A key that is not understood is no reason to do without the others.
        let keys = set.keys.into_iter().filter_map(|jwk| Key::read(serde_json::from_value::<Jwk>(jwk).ok()?));
        Ok(keys.collect())
    }

    fn kept(&self) -> Kept {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Kept {
    fn within(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.fetched_at.is_some_and(|at| now.duration_since(at) < age)
    }

    fn fresh(&self, id: &str, now: Timestamp) -> Option<Key> {
        if self.within(FRESH, now) { self.key(id) } else { None }
    }

    fn usable(&self, id: &str, now: Timestamp) -> Option<Key> {
        if self.within(USABLE, now) { self.key(id) } else { None }
    }

    fn key(&self, id: &str) -> Option<Key> {
        self.keys.iter().find(|key| key.id == id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::extract::State;
    use axum::http::StatusCode;
    use axum::routing::get;
    use serde_json::json;

    use super::*;

    /// How often the keys were asked for, and how many there are; 0 while it is down.
    #[derive(Default)]
    struct Desk {
        asked: AtomicUsize,
        keys: AtomicUsize,
    }

    async fn publish(State(desk): State<Arc<Desk>>) -> Result<String, StatusCode> {
        desk.asked.fetch_add(1, Ordering::SeqCst);
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let key = |number| json!({ "kty": "OKP", "crv": "Ed25519", "kid": format!("k{number}"), "x": x });
        match desk.keys.load(Ordering::SeqCst) {
            0 => Err(StatusCode::BAD_GATEWAY),
            keys => Ok(json!({ "keys": (1..=keys).map(key).collect::<Vec<_>>() }).to_string()),
        }
    }

    #[tokio::test]
    async fn keys_are_kept_replaced_and_used_for_a_while_without_their_issuer() {
        let desk = Arc::new(Desk { keys: 1.into(), ..Desk::default() });
        let router = axum::Router::new().route("/keys", get(publish)).with_state(desk.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let outside = fc_runtime::Environment::from_lookup(|_| None).unwrap();
        let server = fc_runtime::Runtime::new().http(router).platform_lines(false).environment(outside);
        let server = tokio::spawn(server.serve(listener, std::future::pending()));
        let keys =
            IssuerKeys::new(Arc::new(Issuer::new("https://issuer.example").unwrap()), Some(&url)).unwrap();
        let start = Timestamp::now();
        let find = async |id: &str, seconds: i64| {
            let found = keys.find(id, start + SignedDuration::from_secs(seconds)).await;
            (found.map(|key| key.id), desk.asked.load(Ordering::SeqCst))
        };
        let found = |id: &str, asked| (Ok(id.to_owned()), asked);
        assert_eq!(find("k1", 0).await, found("k1", 1));
        assert_eq!(find("k1", 3599).await, found("k1", 1), "kept for an hour");
        let (unknown, asked) = find("k2", 10).await;
        assert!(matches!(unknown, Err(Refused::Invalid(_))) && asked == 1, "asked for not again so soon");
        desk.keys.store(2, Ordering::SeqCst);
        assert_eq!(find("k2", 30).await, found("k2", 2), "a new key");
        desk.keys.store(0, Ordering::SeqCst);
        assert_eq!(find("k2", 2 * 3600).await, found("k2", 3), "the issuer is away for a while");
        let (too_long, _) = find("k2", 25 * 3600).await;
        assert!(matches!(too_long, Err(Refused::Unavailable(_))), "{too_long:?}");
        server.abort();
    }
}
