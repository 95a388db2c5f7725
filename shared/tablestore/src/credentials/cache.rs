//! Keeps credentials whose end is known, and asks for new ones in time.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::{Credentials, CredentialsError, ProvideCredentials};

/// New credentials are asked for this long before the old ones end.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

/// A source, and what it gave last where that can be kept.
#[derive(Debug)]
pub(crate) struct Cache {
    source: Arc<dyn ProvideCredentials>,
    kept: Mutex<Option<Credentials>>,
}

impl Cache {
    pub(crate) fn new(source: Arc<dyn ProvideCredentials>) -> Self {
        Self { source, kept: Mutex::new(None) }
    }

    /// Credentials that are valid now. Only one caller asks the source; the others wait for what it gets.
    pub(crate) async fn get(&self, now: Timestamp) -> Result<Credentials, CredentialsError> {
        let mut kept = self.kept.lock().await;
        if let Some(credentials) = kept.as_ref().filter(|kept| left(kept, now) > EARLY) {
            return Ok(credentials.clone());
        }
        match self.source.provide_credentials().await.and_then(|new| new.usable(now)) {
            Ok(new) => {
                *kept = Some(new.clone()).filter(|new| new.expires.is_some());
                Ok(new)
            }
            // The old ones are still good for a while, so one failure of the source harms nobody.
            Err(error) => kept.clone().filter(|kept| left(kept, now) > SignedDuration::ZERO).ok_or(error),
        }
    }
}

fn left(credentials: &Credentials, now: Timestamp) -> SignedDuration {
    credentials.expires.map_or(SignedDuration::ZERO, |expires| expires.duration_since(now))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::credentials::provide_credentials_fn;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    /// The nth answer is called `n` and is good for 30 minutes from minute 0; from the third on there is none.
    fn cache() -> Cache {
        let asked = AtomicUsize::new(0);
        Cache::new(Arc::new(provide_credentials_fn(move || {
            let n = asked.fetch_add(1, Ordering::SeqCst);
            async move {
                if n > 1 {
                    return Err(CredentialsError::new("STS is down"));
                }
                Ok(Credentials::new(n.to_string(), "s").with_expiry(at(30 * (n as i64 + 1))))
            }
        })))
    }

    #[tokio::test]
    async fn credentials_are_kept_until_five_minutes_before_their_end() {
        let cache = cache();
        for (minute, id) in [(0, "0"), (24, "0"), (25, "1"), (54, "1")] {
            assert_eq!(cache.get(at(minute)).await.unwrap().access_key_id(), id, "minute {minute}");
        }
    }

    #[tokio::test]
    async fn when_the_source_fails_the_old_ones_serve_to_their_end() {
        let cache = cache();
        for minute in [0, 25, 56, 59] {
            cache.get(at(minute)).await.unwrap();
        }
        assert_eq!(cache.get(at(60)).await.unwrap_err(), CredentialsError::new("STS is down"));
    }

    #[tokio::test]
    async fn without_an_end_the_source_is_asked_every_time() {
        let asked = AtomicUsize::new(0);
        let cache = Cache::new(Arc::new(provide_credentials_fn(move || {
            let n = asked.fetch_add(1, Ordering::SeqCst);
            async move { Ok(Credentials::new(n.to_string(), "s")) }
        })));
        assert_eq!(cache.get(at(0)).await.unwrap().access_key_id(), "0");
        assert_eq!(cache.get(at(0)).await.unwrap().access_key_id(), "1");
    }

    #[tokio::test]
    async fn what_cannot_sign_is_refused_and_not_quoted() {
        for (credentials, why) in [
            (Credentials::new("ak", ""), "empty"),
            (Credentials::new("a:k", "s3cret"), "cannot be sent"),
            (Credentials::new("ak", "s3cret").with_security_token("t0ken\r\nx: y"), "cannot be sent"),
            (Credentials::new("ak", "s3cret").with_expiry(at(0)), "expired at 1970-01-01T00:00:00Z"),
        ] {
            let error = Cache::new(Arc::new(credentials)).get(at(0)).await.unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
            assert!(!error.contains("s3cret") && !error.contains("t0ken"), "{error}");
        }
    }
}
