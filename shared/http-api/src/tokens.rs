//! Who may call: tokens of the configuration, of which only the SHA-256 is known here.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::auth::Principal;

/// The longest name of a principal, in bytes.
const NAME_MAX: usize = 64;

/// What is wrong with an entry of `api.tokens`. Entries are named by their place, counted from 1, and never shown: a
/// token may have been put there by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts.
    #[error("api.tokens: entry {0} is not of the form name:role:sha256")]
    Form(usize),
    /// A name that does not fit.
    #[error("api.tokens: entry {0} has no usable name: 1 to 64 letters, digits, `.`, `_`, `-` or `@`")]
    Name(usize),
    /// A role that does not exist.
    #[error("api.tokens: entry {0} names no role: viewer, operator or approver")]
    Role(usize),
    /// Not a digest.
    #[error("api.tokens: entry {0} does not end with the SHA-256 of a token: 64 hexadecimal digits")]
    Digest(usize),
    /// The digest of nothing.
    #[error("api.tokens: entry {0} has the SHA-256 of an empty token")]
    Empty(usize),
    /// One token under two entries.
    #[error("api.tokens: entry {1} has the same token as entry {0}")]
    SameToken(usize, usize),
    /// One name with two roles.
    #[error("api.tokens: entry {1} has the name of entry {0}, and another role")]
    TwoRoles(usize, usize),
}

/// The tokens. One name may have several, so that a token can be replaced without a gap.
#[derive(Clone, Default)]
pub struct Tokens(Vec<Entry>);

/// What a session keeps of the token that opened it: it finds the entry again for as long as the configuration has it,
/// and opens nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(entry: &Entry) -> Self {
        let known_as = Sha256::new().chain_update(b"reaper session\0").chain_update(entry.digest);
        Self(known_as.finalize().into())
    }
}

/// In hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ())?;
        Ok(Self(bytes))
    }
}

#[derive(Clone)]
struct Entry {
    principal: Principal,
    digest: [u8; 32],
}

impl Tokens {
    /// Reads entries of the form `name:role:sha256`.
    ///
    /// # Errors
    /// Names the first entry that does not fit by its place.
    pub fn parse<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Result<Self, TokenError> {
        let mut tokens: Vec<Entry> = vec![];
        for (index, text) in entries.into_iter().enumerate() {
            let place = index + 1;
            let entry = Entry::parse(text.as_ref(), place)?;
            for (other, known) in tokens.iter().enumerate() {
                if known.digest == entry.digest {
                    return Err(TokenError::SameToken(other + 1, place));
                }
                let same_name = known.principal.name() == entry.principal.name();
                if same_name && known.principal.role() != entry.principal.role() {
                    return Err(TokenError::TwoRoles(other + 1, place));
                }
            }
            tokens.push(entry);
        }
        Ok(Self(tokens))
    }

    /// Whether there is none, so that nobody may call.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose token this is.
    pub(crate) fn principal(&self, token: &str) -> Option<&Principal> {
        self.entry(token).map(|entry| &entry.principal)
    }

    /// Begins a session with a token.
    pub(crate) fn open_session(&self, token: &str) -> Option<(&Principal, Fingerprint)> {
        self.entry(token).map(|entry| (&entry.principal, Fingerprint::of(entry)))
    }

    /// Whose session it is.
    pub(crate) fn holder(&self, session: &Fingerprint) -> Option<&Principal> {
        self.0.iter().find(|entry| Fingerprint::of(entry) == *session).map(|entry| &entry.principal)
    }

    /// Every entry is compared in full, so that the time tells neither which one came near nor which one it was.
    fn entry(&self, token: &str) -> Option<&Entry> {
        let presented: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let none = u32::MAX;
        let found = (0_u32..).zip(&self.0).fold(none, |found, (index, entry)| {
            let same: Choice = entry.digest.ct_eq(&presented);
            u32::conditional_select(&found, &index, same)
        });
        self.0.get(usize::try_from(found).ok()?)
    }
}

impl Entry {
    fn parse(text: &str, place: usize) -> Result<Self, TokenError> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let [name, role, digest] = parts[..] else { return Err(TokenError::Form(place)) };
        if !is_name(name) {
            return Err(TokenError::Name(place));
        }
        let role = role.parse().map_err(|()| TokenError::Role(place))?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(digest, &mut bytes).map_err(|_| TokenError::Digest(place))?;
        if bytes == <[u8; 32]>::from(Sha256::digest(b"")) {
            return Err(TokenError::Empty(place));
        }
        Ok(Self { principal: Principal::new(name, role), digest: bytes })
    }
}

/// Whether a text can be the name of a principal: 1 to 64 letters, digits, `.`, `_`, `-` or `@`.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-@".contains(&b);
    (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(fits)
}

/// Names and roles only.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|entry| &entry.principal)).finish()
    }
}

#[cfg(test)]
mod tests {
    use chat::Role;

    use super::*;

    fn entry(name: &str, role: &str, token: &str) -> String {
        format!("{name}:{role}:{}", hex::encode(Sha256::digest(token)))
    }

    fn error(entries: &[String]) -> TokenError {
        Tokens::parse(entries).unwrap_err()
    }

    #[test]
    fn a_token_is_known_by_its_digest() {
        let tokens = Tokens::parse([entry("bot", "viewer", "one"), entry("ann", "approver", "two")]).unwrap();
        let who = |token| tokens.principal(token).map(|p| (p.name().to_owned(), p.role()));
        assert_eq!(who("one"), Some(("bot".to_owned(), Role::Viewer)));
        assert_eq!(who("two"), Some(("ann".to_owned(), Role::Approver)));
        for other in ["", "three", "One", "one ", &hex::encode(Sha256::digest("one"))] {
            assert_eq!(who(other), None, "{other}");
        }
    }

    #[test]
    fn a_session_lasts_no_longer_than_its_token_and_has_its_present_role() {
        let tokens = Tokens::parse([entry("bot", "approver", "one"), entry("ann", "viewer", "two")]).unwrap();
        let (principal, session) = tokens.open_session("one").unwrap();
        assert_eq!(principal.name(), "bot");
        assert!(tokens.open_session("three").is_none());
        let session: Fingerprint = session.to_string().parse().unwrap();
        let later = Tokens::parse([entry("bot", "viewer", "one")]).unwrap();
        assert_eq!(later.holder(&session).map(Principal::role), Some(Role::Viewer));
        let revoked = Tokens::parse([entry("bot", "approver", "three")]).unwrap();
        assert_eq!(revoked.holder(&session), None);
    }

    #[test]
    fn without_tokens_nobody_may_call() {
        assert!(Tokens::default().principal("").is_none());
        assert!(Tokens::default().principal("x").is_none());
    }

    #[test]
    fn upper_case_digits_and_spaces_around_the_parts_are_read() {
        let text = format!(" bot : viewer : {} ", hex::encode_upper(Sha256::digest("one")));
        assert!(Tokens::parse([text]).unwrap().principal("one").is_some());
    }

    #[test]
    fn a_token_can_be_replaced_without_a_gap() {
        let both = [entry("bot", "viewer", "old"), entry("bot", "viewer", "new")];
        let tokens = Tokens::parse(both).unwrap();
        assert_eq!(tokens.principal("old"), tokens.principal("new"));
    }

    #[test]
    fn an_error_names_the_place_and_never_shows_the_entry() {
        let good = entry("bot", "viewer", "one");
        let digest = hex::encode(Sha256::digest("two"));
        for (bad, expected) in [
            ("hunter2".to_owned(), TokenError::Form(2)),
            (format!("a:b:c:{digest}"), TokenError::Form(2)),
            (format!(":viewer:{digest}"), TokenError::Name(2)),
            (format!("hunter 2:viewer:{digest}"), TokenError::Name(2)),
            (format!("{}:viewer:{digest}", "x".repeat(65)), TokenError::Name(2)),
            (format!("hunter2:admin:{digest}"), TokenError::Role(2)),
            ("ann:viewer:hunter2".to_owned(), TokenError::Digest(2)),
            (format!("ann:viewer:{}", &digest[2..]), TokenError::Digest(2)),
            (entry("ann", "viewer", ""), TokenError::Empty(2)),
            (entry("ann", "viewer", "one"), TokenError::SameToken(1, 2)),
            (entry("bot", "approver", "two"), TokenError::TwoRoles(1, 2)),
        ] {
            let error = error(&[good.clone(), bad]);
            assert_eq!(error, expected);
            assert!(error.to_string().contains("entry 2"), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn digests_are_not_shown() {
        let tokens = Tokens::parse([entry("bot", "viewer", "one")]).unwrap();
        let shown = format!("{tokens:?}");
        assert!(shown.contains("bot") && !shown.contains(&hex::encode(Sha256::digest("one"))), "{shown}");
    }

    #[test]
    fn each_role_may_do_what_those_before_it_may() {
        assert!(Role::ALL.is_sorted());
        assert!(Role::ALL.iter().all(|role| role.as_str().parse() == Ok(*role)));
    }
}
