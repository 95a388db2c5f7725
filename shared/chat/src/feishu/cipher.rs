//! Encrypted bodies: `{"encrypt": base64}`, AES-256-CBC, the key is the SHA-256 of the encrypt key, the initialisation
//! vector stands before the text, padding by PKCS#7 (`core/utils/decryptor.py`).

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::secret::Secrets;
use crate::signature::Unsigned;

/// The bytes of a block and of the initialisation vector.
const BLOCK: usize = 16;

#[derive(Deserialize)]
struct Envelope {
    encrypt: String,
}

/// The JSON in a body. All failures are one: nobody learns how far a wrong text came.
pub(super) fn open(body: &[u8], keys: &Secrets) -> Result<Value, Unsigned> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| Unsigned::Undecipherable)?;
    let sealed = BASE64.decode(envelope.encrypt).map_err(|_| Unsigned::Undecipherable)?;
    keys.iter().find_map(|key| decrypt(&sealed, key.bytes())).ok_or(Unsigned::Undecipherable)
}

fn decrypt(sealed: &[u8], key: &[u8]) -> Option<Value> {
    let (iv, text) = sealed.split_at_checked(BLOCK)?;
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(&Sha256::digest(key), iv).ok()?;
    serde_json::from_slice(&cipher.decrypt_padded_vec::<Pkcs7>(text).ok()?).ok()
}
