//! Feishu and Lark: messages to a bot and buttons of its cards, encrypted.

mod cipher;
mod incoming;
mod render;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::incoming::Malformed;
use crate::secret::Secrets;
use crate::signature::{Unsigned, any, digits, header, within};

pub use incoming::{Event, card, event};
pub use render::{acknowledgement, card_text, reply_body, robot_message};

const TIMESTAMP: &str = "x-lark-request-timestamp";
const NONCE: &str = "x-lark-request-nonce";
const SIGNATURE: &str = "x-lark-signature";

/// What an app has to check requests with.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// Encrypt keys.
    pub encrypt: &'a Secrets,
    /// Verification tokens.
    pub tokens: &'a Secrets,
    /// How old, or how far ahead, a request may be. The official packages have no such bound.
    pub window: SignedDuration,
}

/// What a request turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Verified {
    /// The system asks whether the address is ours: answer `{"challenge": …}`.
    Challenge(String),
    /// Something happened.
    Plain(Value),
}

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody's.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// Signed well, and yet not what such a request looks like.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Checks and decrypts an event: SHA-256 over timestamp, nonce, encrypt key and body.
///
/// # Errors
/// Why it is not taken. Without an encrypt key nothing is: the signature would mean nothing.
pub fn verify_event(
    headers: &HeaderMap,
    body: &[u8],
    keys: Keys<'_>,
    now: Timestamp,
) -> Result<Verified, Refused> {
    verify(headers, body, keys, now, keys.encrypt, |salt, secret| {
        Sha256::new().chain_update(salt).chain_update(secret).chain_update(body).finalize().to_vec()
    })
}

/// The same for a button of an old card: SHA-1 over timestamp, nonce, verification token and body.
///
/// # Errors
/// Why it is not taken.
pub fn verify_card(
    headers: &HeaderMap,
    body: &[u8],
    keys: Keys<'_>,
    now: Timestamp,
) -> Result<Verified, Refused> {
    verify(headers, body, keys, now, keys.tokens, |salt, secret| {
        Sha1::new().chain_update(salt).chain_update(secret).chain_update(body).finalize().to_vec()
    })
}

fn verify(
    headers: &HeaderMap,
    body: &[u8],
    keys: Keys<'_>,
    now: Timestamp,
    secrets: &Secrets,
    hash: impl Fn(&[u8], &[u8]) -> Vec<u8>,
) -> Result<Verified, Refused> {
    if keys.encrypt.is_empty() || keys.tokens.is_empty() {
        return Err(Unsigned::NotConfigured.into());
    }
    // The check of the address is not signed (dispatcher_handler.py answers it before it looks at the signature): that
    // it can be decrypted and has the token is all there is, and all that it is answered with is what it brought.
    if !headers.contains_key(SIGNATURE) {
        return match challenge(&decrypted(body, keys)?) {
            Some(challenge) => Ok(Verified::Challenge(challenge)),
            None => Err(Unsigned::Header(SIGNATURE).into()),
        };
    }
    let timestamp = header(headers, TIMESTAMP)?;
    let nonce = header(headers, NONCE)?;
    let given = hex::decode(header(headers, SIGNATURE)?).map_err(|_| Unsigned::Header(SIGNATURE))?;
    let at =
        Timestamp::from_second(digits(timestamp, TIMESTAMP)?).map_err(|_| Unsigned::Header(TIMESTAMP))?;
    let salt = [timestamp.as_bytes(), nonce.as_bytes()].concat();
    any(secrets, &given, |secret| hash(&salt, secret))?;
    within(at, now, keys.window)?;
    let plain = decrypted(body, keys)?;
    Ok(challenge(&plain).map_or(Verified::Plain(plain), Verified::Challenge))
}

/// The body in the clear, if it brings the verification token.
fn decrypted(body: &[u8], keys: Keys<'_>) -> Result<Value, Unsigned> {
    let plain = cipher::open(body, keys.encrypt)?;
    // `header.token` in events of the second kind, `token` in the check of the address and in the first kind. A button
    // of an old card has in `token` another thing, and the verification token in its signature.
    let token = plain.pointer("/header/token").or_else(|| plain.get("token")).and_then(Value::as_str);
    let is_old_card = plain.get("open_message_id").is_some() && plain.get("header").is_none();
    let token = token.unwrap_or_default().as_bytes();
    let same = keys.tokens.iter().fold(Choice::from(0), |same, known| same | known.bytes().ct_eq(token));
    if bool::from(same) || is_old_card { Ok(plain) } else { Err(Unsigned::WrongToken) }
}

fn challenge(plain: &Value) -> Option<String> {
    let is_check = plain.get("type").and_then(Value::as_str) == Some("url_verification");
    plain
        .get("challenge")
        .and_then(Value::as_str)
        .filter(|text| is_check && text.len() <= 1024)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
