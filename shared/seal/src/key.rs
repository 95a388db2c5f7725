//! Keys, in the text forms of golang.org/x/mod/sumdb/note: `name+id+data` for checking, `PRIVATE+KEY+name+id+data` for
//! signing. The data is base64 of a byte 1, for Ed25519, and 32 bytes of key.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rand::Rng as _;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Ed25519 (c2sp.org/signed-note, "Signature types").
const ED25519: u8 = 1;

/// Before the name of a key that signs.
const PRIVATE: &str = "PRIVATE+KEY+";

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not of the form.
    #[error("not a key: expected name+id+data")]
    Malformed,
    /// The name is empty, or has a space or a plus in it.
    #[error("the name of a key is not empty and has no space and no plus in it")]
    Name,
    /// Not Ed25519.
    #[error("the key is not for Ed25519")]
    Algorithm,
    /// The id is not that of the key: part of the text was changed.
    #[error("the id is not that of the key: part of it was changed")]
    Id,
}

/// A key that checks signatures. It is public.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let digest = Sha256::new().chain_update(name).chain_update(b"\n").chain_update([ED25519]);
        let digest = digest.chain_update(key.as_bytes()).finalize();
        let id = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        Ok(Self { name: name.to_owned(), id, key })
    }

    /// Whose key it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256 of name and key: which of several keys of that name.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// Whether the signature of the text is by this key.
    pub(crate) fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text, &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut data = vec![ED25519];
        data.extend(self.key.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, self.id, STANDARD.encode(data))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, data) = parts(text)?;
        let key = VerifyingKey::from_bytes(&data).map_err(|_| KeyError::Malformed)?;
        let key = Self::new(name, key)?;
        if key.id == id { Ok(key) } else { Err(KeyError::Id) }
    }
}

/// A key that signs. Wiped from memory when it is dropped.
#[derive(Clone)]
pub struct SignerKey {
    verifier: VerifierKey,
    key: SigningKey,
}

impl SignerKey {
    /// A new one.
    ///
    /// # Errors
    /// The name does not fit.
    pub fn generate(name: &str) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        rand::rng().fill_bytes(seed.as_mut());
        Self::new(name, &seed)
    }

    fn new(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let key = SigningKey::from_bytes(seed);
        Ok(Self { verifier: VerifierKey::new(name, key.verifying_key())?, key })
    }

    /// The public half.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Its text form, a secret.
    pub fn to_secret(&self) -> SecretString {
        let mut data = Zeroizing::new(vec![ED25519]);
        data.extend(Zeroizing::new(self.key.to_bytes()).iter());
        let data = Zeroizing::new(STANDARD.encode(&*data));
        format!("{PRIVATE}{}+{:08x}+{}", self.verifier.name, self.verifier.id, &*data).into()
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.key.sign(text).to_bytes()
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.verifier)
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, seed) = parts(text.strip_prefix(PRIVATE).ok_or(KeyError::Malformed)?)?;
        let key = Self::new(name, &seed)?;
        if key.verifier.id == id { Ok(key) } else { Err(KeyError::Id) }
    }
}

/// Whether it can be the name of a key (c2sp.org/signed-note, "Format").
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

fn parts(text: &str) -> Result<(&str, u32, Zeroizing<[u8; 32]>), KeyError> {
    let (name, rest) = text.split_once('+').ok_or(KeyError::Malformed)?;
    let (id, data) = rest.split_once('+').ok_or(KeyError::Malformed)?;
    if id.len() != 8 {
        return Err(KeyError::Malformed);
    }
    let id = u32::from_str_radix(id, 16).map_err(|_| KeyError::Malformed)?;
    let data = Zeroizing::new(STANDARD.decode(data).map_err(|_| KeyError::Malformed)?);
    match data.split_first() {
        Some((&ED25519, key)) => {
            let key: [u8; 32] = key.try_into().map_err(|_| KeyError::Malformed)?;
            Ok((name, id, Zeroizing::new(key)))
        }
        Some(_) => Err(KeyError::Algorithm),
        None => Err(KeyError::Malformed),
    }
}
