//! What the three ways of signing have in common.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use crate::secret::Secrets;

/// Why a request is taken for nobody's. For the log: who sent it learns no more than that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// There is no secret to check it with.
    #[error("no secret is configured")]
    NotConfigured,
    /// A header is missing, there more than once, or not of the form that it has.
    #[error("the header {0} is missing, repeated or malformed")]
    Header(&'static str),
    /// Signed too long ago, or too far ahead.
    #[error("it was signed outside the time window")]
    OutsideWindow,
    /// Another secret, or another body.
    #[error("the signature is wrong")]
    Wrong,
    /// What was signed cannot be decrypted.
    #[error("it cannot be decrypted")]
    Undecipherable,
    /// The verification token in the body is another one.
    #[error("the verification token is wrong")]
    WrongToken,
    /// Signed well, but not from where this may come from.
    #[error("the conversation is not among those allowed")]
    NotAllowed,
}

/// The one value of a header.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Unsigned> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(Unsigned::Header(name)) };
    value.to_str().map_err(|_| Unsigned::Header(name))
}

/// The instant that a header of digits names: at most 15 of them, so that no arithmetic overflows.
pub(crate) fn digits(text: &str, name: &'static str) -> Result<i64, Unsigned> {
    let fits = (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| fits).ok_or(Unsigned::Header(name))
}

/// Whether an instant lies within the window, into the past and into the future alike.
pub(crate) fn within(at: Timestamp, now: Timestamp, window: SignedDuration) -> Result<(), Unsigned> {
    if now.duration_since(at).abs() <= window { Ok(()) } else { Err(Unsigned::OutsideWindow) }
}

/// HMAC-SHA256 over parts in a row.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// Whether the signature is that of one of the secrets. All are compared in full, so that the time tells neither how
/// near it came nor which secret it was.
pub(crate) fn any(secrets: &Secrets, given: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>) -> Result<(), Unsigned> {
    if secrets.is_empty() {
        return Err(Unsigned::NotConfigured);
    }
    let same = secrets
        .iter()
        .fold(Choice::from(0), |same, secret| same | sign(secret.bytes()).as_slice().ct_eq(given));
    if bool::from(same) { Ok(()) } else { Err(Unsigned::Wrong) }
}
