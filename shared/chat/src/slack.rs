//! Slack: slash commands and buttons.

mod incoming;
mod render;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::secret::Secrets;
use crate::signature::{Unsigned, any, digits, header, mac, within};

pub use incoming::{action, command};
pub use render::{acknowledgement, answer, message};

/// How old, or how far ahead, a request may be (slack_sdk: five minutes either way).
const WINDOW: SignedDuration = SignedDuration::from_secs(300);

const TIMESTAMP: &str = "x-slack-request-timestamp";
const SIGNATURE: &str = "x-slack-signature";

/// Whether Slack has signed this body: `v0=` and the HMAC-SHA256 of `v0:{timestamp}:{body}` in hex.
///
/// # Errors
/// Why it is taken for nobody's.
pub fn verify(headers: &HeaderMap, body: &[u8], secrets: &Secrets, now: Timestamp) -> Result<(), Unsigned> {
    if secrets.is_empty() {
        return Err(Unsigned::NotConfigured);
    }
    let timestamp = header(headers, TIMESTAMP)?;
    let given = header(headers, SIGNATURE)?.strip_prefix("v0=").ok_or(Unsigned::Header(SIGNATURE))?;
    let given = hex::decode(given).map_err(|_| Unsigned::Header(SIGNATURE))?;
    let at =
        Timestamp::from_second(digits(timestamp, TIMESTAMP)?).map_err(|_| Unsigned::Header(TIMESTAMP))?;
    any(secrets, &given, |secret| mac(secret, &[b"v0:", timestamp.as_bytes(), b":", body]).to_vec())?;
    within(at, now, WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    /// Printed by `slack_sdk.signature.SignatureVerifier(SECRET).generate_signature(timestamp=…, body=…)`, slack_sdk 3.48.0.
    /// It is also the example of Slack's manual.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const AT: i64 = 1_531_420_618;
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const GOOD: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    /// The same for `token=x&team_id=T1&command=%2Freaper&text=status+alice&user_id=U123`.
    const OTHER: &str = "v0=1c8c7669972ac44b291a5d4b1d598e7637ef6325303a699859feed6f64c3ce5f";

    fn secrets(texts: &[&str]) -> Secrets {
        texts.iter().map(|text| Secret::try_from((*text).to_owned()).unwrap()).collect()
    }

    fn headers(timestamp: &str, signature: &str) -> HeaderMap {
        let pair = |name: &'static str, value: &str| (name.parse().unwrap(), value.parse().unwrap());
        HeaderMap::from_iter([pair(TIMESTAMP, timestamp), pair(SIGNATURE, signature)])
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(AT + seconds).unwrap()
    }

    fn check(headers: &HeaderMap, body: &str, late: i64) -> Result<(), Unsigned> {
        verify(headers, body.as_bytes(), &secrets(&[SECRET]), at(late))
    }

    #[test]
    fn what_slack_signs_is_taken() {
        let good = headers("1531420618", GOOD);
        assert_eq!(check(&good, BODY, 0), Ok(()));
        let other = "token=x&team_id=T1&command=%2Freaper&text=status+alice&user_id=U123";
        assert_eq!(check(&headers("1531420618", OTHER), other, 0), Ok(()));
        for rotating in [["another-secret", SECRET], [SECRET, "another-secret"]] {
            assert_eq!(verify(&good, BODY.as_bytes(), &secrets(&rotating), at(0)), Ok(()));
        }
    }

    #[test]
    fn the_window_is_five_minutes_both_ways() {
        let good = headers("1531420618", GOOD);
        for late in [-300, 0, 300] {
            assert_eq!(check(&good, BODY, late), Ok(()), "{late}");
        }
        for late in [-86_400, -301, 301, 86_400, 400_000_000] {
            assert_eq!(check(&good, BODY, late), Err(Unsigned::OutsideWindow), "{late}");
        }
    }

    #[test]
    fn another_body_time_signature_or_secret_is_nobodys() {
        let good = headers("1531420618", GOOD);
        for body in ["", &BODY[1..], &format!("{BODY}&x"), &BODY.replace("text=", "text=revoke")] {
            assert_eq!(check(&good, body, 0), Err(Unsigned::Wrong), "{body}");
        }
        assert_eq!(check(&headers("1531420619", GOOD), BODY, 0), Err(Unsigned::Wrong));
        assert_eq!(check(&headers("1531420618", OTHER), BODY, 0), Err(Unsigned::Wrong));
        assert_eq!(check(&headers("1531420618", &GOOD[..66]), BODY, 0), Err(Unsigned::Header(SIGNATURE)));
        assert_eq!(check(&headers("1531420618", "v0="), BODY, 0), Err(Unsigned::Wrong));
        assert_eq!(
            verify(&good, BODY.as_bytes(), &secrets(&["another-secret"]), at(0)),
            Err(Unsigned::Wrong)
        );
        assert_eq!(verify(&good, BODY.as_bytes(), &Secrets::default(), at(0)), Err(Unsigned::NotConfigured));
    }

    #[test]
    fn headers_that_are_missing_repeated_or_odd_are_nobodys() {
        let mut missing = headers("1531420618", GOOD);
        missing.remove(TIMESTAMP);
        let mut twice = headers("1531420618", GOOD);
        twice.append(SIGNATURE, GOOD.parse().unwrap());
        assert_eq!(check(&missing, BODY, 0), Err(Unsigned::Header(TIMESTAMP)));
        assert_eq!(check(&twice, BODY, 0), Err(Unsigned::Header(SIGNATURE)));
        for odd in ["", "-1", "+1531420618", "1531420618.0", "99999999999999999999", "999999999999999", " "] {
            assert_eq!(check(&headers(odd, GOOD), BODY, 0), Err(Unsigned::Header(TIMESTAMP)), "{odd:?}");
        }
        for odd in ["", "v0", "v1=00", &GOOD[3..], "v0=zz"] {
            assert_eq!(check(&headers("1531420618", odd), BODY, 0), Err(Unsigned::Header(SIGNATURE)));
        }
    }
}
