//! The function's call to itself, by which it goes on with a command after it has answered: signed with a secret that
//! both ends have, and worth nothing to others: all it can do is what the next sweep would do anyway.

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::secret::Secrets;
use crate::signature::{Unsigned, any, digits, header, mac, within};

/// What separates this use of a secret from all others.
const PURPOSE: &[u8] = b"reaper/continuation/1";

/// How old, or how far ahead, a call may be: Function Compute may let an asynchronous one wait.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// The header with the seconds since 1970.
pub const TIMESTAMP: &str = "x-reaper-timestamp";

/// The header with the signature, in hex.
pub const SIGNATURE: &str = "x-reaper-signature";

/// Timestamp and signature of a call; `None` without a secret.
pub fn sign(body: &[u8], secrets: &Secrets, now: Timestamp) -> Option<(String, String)> {
    let timestamp = now.as_second().to_string();
    let signature = hex::encode(signature(secrets.first()?.bytes(), &timestamp, body));
    Some((timestamp, signature))
}

/// Whether one of us has signed this body.
///
/// # Errors
/// Why it is taken for nobody's.
pub fn verify(headers: &HeaderMap, body: &[u8], secrets: &Secrets, now: Timestamp) -> Result<(), Unsigned> {
    if secrets.is_empty() {
        return Err(Unsigned::NotConfigured);
    }
    let timestamp = header(headers, TIMESTAMP)?;
    let given = hex::decode(header(headers, SIGNATURE)?).map_err(|_| Unsigned::Header(SIGNATURE))?;
    let at =
        Timestamp::from_second(digits(timestamp, TIMESTAMP)?).map_err(|_| Unsigned::Header(TIMESTAMP))?;
    any(secrets, &given, |secret| signature(secret, timestamp, body).to_vec())?;
    within(at, now, WINDOW)
}

fn signature(secret: &[u8], timestamp: &str, body: &[u8]) -> [u8; 32] {
    mac(&mac(secret, &[PURPOSE]), &[timestamp.as_bytes(), b"\n", body])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    #[test]
    fn what_is_signed_is_taken_and_nothing_else() {
        let secrets =
            |text: &str| -> Secrets { [Secret::try_from(text.to_owned()).unwrap()].into_iter().collect() };
        let (own, now) = (secrets("secret-one"), Timestamp::UNIX_EPOCH);
        let (timestamp, signature) = sign(b"body", &own, now).unwrap();
        let pair = |name: &'static str, value: &str| (name.parse().unwrap(), value.parse().unwrap());
        let headers = HeaderMap::from_iter([pair(TIMESTAMP, &timestamp), pair(SIGNATURE, &signature)]);
        assert_eq!(verify(&headers, b"body", &own, now), Ok(()));
        assert_eq!(verify(&headers, b"other", &own, now), Err(Unsigned::Wrong));
        assert_eq!(verify(&headers, b"body", &secrets("secret-two"), now), Err(Unsigned::Wrong));
        let late = now + SignedDuration::from_secs(3601);
        assert_eq!(verify(&headers, b"body", &own, late), Err(Unsigned::OutsideWindow));
        assert_eq!(verify(&HeaderMap::new(), b"body", &own, now), Err(Unsigned::Header(TIMESTAMP)));
    }
}
