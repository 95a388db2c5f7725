//! DingTalk: messages to a robot. Its signature does not cover the body; see [`verify`].

mod incoming;
mod render;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::secret::{Secret, Secrets};
use crate::signature::{Unsigned, any, digits, header, mac, within};

pub use incoming::message;
pub use render::{acknowledgement, answer};

/// How old, or how far ahead, a request may be (DingTalk's manual: one hour).
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

const TIMESTAMP: &str = "timestamp";
const SIGN: &str = "sign";

/// Whether DingTalk has signed this instant: the HMAC-SHA256 of `{timestamp}\n{secret}` in base64. Answers the
/// timestamp, in milliseconds.
///
/// The body is not signed: whoever has seen one such pair of headers could send another body with them for an hour. So
/// the callers take one body for each timestamp, only from conversations that are allowed, and only from people that
/// are known.
///
/// # Errors
/// Why it is taken for nobody's.
pub fn verify(headers: &HeaderMap, secrets: &Secrets, now: Timestamp) -> Result<i64, Unsigned> {
    if secrets.is_empty() {
        return Err(Unsigned::NotConfigured);
    }
    let timestamp = header(headers, TIMESTAMP)?;
    let given = BASE64.decode(header(headers, SIGN)?).map_err(|_| Unsigned::Header(SIGN))?;
    let milliseconds = digits(timestamp, TIMESTAMP)?;
    let at = Timestamp::from_millisecond(milliseconds).map_err(|_| Unsigned::Header(TIMESTAMP))?;
    any(secrets, &given, |secret| mac(secret, &[timestamp.as_bytes(), b"\n", secret]).to_vec())?;
    within(at, now, WINDOW)?;
    Ok(milliseconds)
}

/// What signs a message to a robot, as query parameters: the same signature the other way round.
pub fn sign(secret: &Secret, now: Timestamp) -> [(&'static str, String); 2] {
    let timestamp = now.as_millisecond().to_string();
    let mac = mac(secret.bytes(), &[timestamp.as_bytes(), b"\n", secret.bytes()]);
    [(TIMESTAMP, timestamp), (SIGN, BASE64.encode(mac))]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by the sample of DingTalk's manual (Python: `base64.b64encode(hmac.new(secret, f"{timestamp}\n{secret}",
    /// sha256).digest())`).
    const SECRET: &str = "this is a secret";
    const AT: i64 = 1_577_262_236_757;
    const GOOD: &str = "DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA=";

    fn secrets(texts: &[&str]) -> Secrets {
        texts.iter().map(|text| Secret::try_from((*text).to_owned()).unwrap()).collect()
    }

    fn check(timestamp: &str, sign: &str, late: i64) -> Result<i64, Unsigned> {
        let pair = |name: &'static str, value: &str| (name.parse().unwrap(), value.parse().unwrap());
        let headers = HeaderMap::from_iter([pair(TIMESTAMP, timestamp), pair(SIGN, sign)]);
        let now = Timestamp::from_millisecond(AT + late).unwrap();
        verify(&headers, &secrets(&["another-secret", SECRET]), now)
    }

    #[test]
    fn what_dingtalk_signs_is_taken_for_an_hour_both_ways() {
        for late in [-3_600_000, 0, 3_600_000] {
            assert_eq!(check("1577262236757", GOOD, late), Ok(AT), "{late}");
        }
        for late in [-3_600_001, 3_600_001, 86_400_000] {
            assert_eq!(check("1577262236757", GOOD, late), Err(Unsigned::OutsideWindow), "{late}");
        }
    }

    #[test]
    fn a_message_to_a_robot_is_signed_likewise() {
        let secret = Secret::try_from(SECRET.to_owned()).unwrap();
        let [(_, timestamp), (_, sign)] = sign(&secret, Timestamp::from_millisecond(AT).unwrap());
        assert_eq!((timestamp.as_str(), sign.as_str()), ("1577262236757", GOOD));
    }

    #[test]
    fn anything_else_is_nobodys() {
        assert_eq!(check("1577262236758", GOOD, 0), Err(Unsigned::Wrong));
        assert_eq!(check("1577262236757", "AAAA", 0), Err(Unsigned::Wrong));
        for odd in ["", "x", "-1", "9999999999999999"] {
            assert_eq!(check(odd, GOOD, 0), Err(Unsigned::Header(TIMESTAMP)), "{odd:?}");
        }
        assert_eq!(check("1577262236757", "no base64!", 0), Err(Unsigned::Header(SIGN)));
        let none = verify(&HeaderMap::new(), &Secrets::default(), Timestamp::UNIX_EPOCH);
        assert_eq!(none, Err(Unsigned::NotConfigured));
    }
}
