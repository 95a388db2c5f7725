//! Where an answer goes, as the history keeps it: sealed, because whoever has the address may write into the
//! conversation until it expires.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::secret::{Secret, Secrets};
use crate::signature::mac;

/// What separates this use of a secret from all others.
const PURPOSE: &[u8] = b"reaper/answer-address/1";

/// An address, readable only with a secret of the app that it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Seals an address for one command; `None` if the machine has no randomness or there is no secret.
    pub fn seal(url: &Secret, secrets: &Secrets, command: &str) -> Option<Self> {
        let key = key(secrets.first()?)?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut text = url.bytes().to_vec();
        let aad = Aad::from(command.as_bytes());
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text).ok()?;
        Some(Self(BASE64.encode([&nonce[..], &text].concat())))
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Opens what was stored for this command; `None` if it is another's, damaged, or its secret is gone.
    pub fn open(stored: &str, secrets: &Secrets, command: &str) -> Option<Secret> {
        let sealed = BASE64.decode(stored).ok()?;
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        secrets.iter().find_map(|secret| {
            let mut text = text.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let opened = key(secret)?.open_in_place(nonce, Aad::from(command.as_bytes()), &mut text).ok()?;
            String::from_utf8(opened.to_vec()).ok()?.try_into().ok()
        })
    }
}

fn key(secret: &Secret) -> Option<LessSafeKey> {
    let key = mac(secret.bytes(), &[PURPOSE]);
    UnboundKey::new(&CHACHA20_POLY1305, &key).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        text.to_owned().try_into().unwrap()
    }

    fn secrets(texts: &[&str]) -> Secrets {
        texts.iter().map(|text| secret(text)).collect()
    }

    #[test]
    fn an_address_is_opened_by_the_app_that_sealed_it_also_after_its_secret_was_replaced() {
        let url = secret("https://hooks.slack.com/commands/T1/2/3");
        let sealed = Address::seal(&url, &secrets(&["secret-one"]), "c1").unwrap();
        assert!(!sealed.as_str().contains("slack"));
        assert_eq!(
            Address::open(sealed.as_str(), &secrets(&["secret-two", "secret-one"]), "c1"),
            Some(url.clone())
        );
        assert_ne!(Address::seal(&url, &secrets(&["secret-one"]), "c1").unwrap(), sealed, "a nonce each");
    }

    #[test]
    fn nobody_else_opens_it_and_no_other_command_uses_it() {
        let url = secret("https://hooks.slack.com/commands/T1/2/3");
        let own = secrets(&["secret-one"]);
        let sealed = Address::seal(&url, &own, "c1").unwrap();
        assert_eq!(Address::open(sealed.as_str(), &secrets(&["secret-two"]), "c1"), None);
        assert_eq!(Address::open(sealed.as_str(), &own, "c2"), None);
        for damaged in ["", "AAAA", "!", &sealed.as_str()[1..]] {
            assert_eq!(Address::open(damaged, &own, "c1"), None, "{damaged}");
        }
        assert_eq!(Address::seal(&url, &Secrets::default(), "c1"), None);
    }
}
