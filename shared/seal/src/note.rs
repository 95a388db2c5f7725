//! Signed notes (c2sp.org/signed-note): a text, an empty line, and a line for each signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::key::{SignerKey, VerifierKey, is_name};

/// The most bytes of a note that is read.
const MAX_BYTES: usize = 1_000_000;

/// The most signatures of a note that is read. Readers have to take 16.
const MAX_SIGNATURES: usize = 100;

/// Before each signature: an em dash and a space.
const DASH: &str = "— ";

/// Why a note is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not of the form.
    #[error("not a signed note")]
    Malformed,
    /// By a known key, and wrong: the text or the signature was changed.
    #[error("the signature of {name} (key {id:08x}) is wrong: the text or the signature was changed")]
    Invalid {
        /// The name of the key.
        name: String,
        /// Its id.
        id: u32,
    },
    /// By no known key.
    #[error("no known key signed it; it names {}", if .0.is_empty() { "none" } else { .0 })]
    Unknown(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

/// A text and its signatures, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// Signs a text.
    ///
    /// # Errors
    /// The text does not end with a new line, or has other control characters in it.
    pub fn sign(text: &str, keys: &[SignerKey]) -> Result<Self, NoteError> {
        if !is_clean(text) || !text.ends_with('\n') {
            return Err(NoteError::Malformed);
        }
        let signatures = keys.iter().map(|key| {
            let verifier = key.verifier();
            let bytes = key.sign(text.as_bytes()).to_vec();
            Signature { name: verifier.name().to_owned(), id: verifier.id(), bytes }
        });
        Ok(Self { text: text.to_owned(), signatures: signatures.collect() })
    }

    /// Reads a note.
    ///
    /// # Errors
    /// It is not of the form. No signature is checked yet.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_BYTES || !is_clean(note) {
            return Err(NoteError::Malformed);
        }
        // The text may have empty lines: the last one ends it.
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteError::Malformed)?;
        let lines: Vec<_> = signatures.strip_suffix('\n').ok_or(NoteError::Malformed)?.split('\n').collect();
        if lines.len() > MAX_SIGNATURES {
            return Err(NoteError::Malformed);
        }
        let signatures =
            lines.into_iter().map(signature).collect::<Option<_>>().ok_or(NoteError::Malformed)?;
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The text, with its last new line. Not to be believed before it was [verified](Self::verify).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which of the keys signed it, each once. Signatures of other keys are passed over; a wrong one of a known key
    /// spoils the note.
    ///
    /// # Errors
    /// A signature is wrong, or no known key signed.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut signers: Vec<&VerifierKey> = Vec::new();
        for Signature { name, id, bytes } in &self.signatures {
            let Some(key) = keys.iter().find(|key| key.name() == name && key.id() == *id) else { continue };
            if !key.verify(self.text.as_bytes(), bytes) {
                return Err(NoteError::Invalid { name: name.clone(), id: *id });
            }
            if !signers.contains(&key) {
                signers.push(key);
            }
        }
        if !signers.is_empty() {
            return Ok(signers);
        }
        let named: Vec<_> =
            self.signatures.iter().map(|s| format!("{} (key {:08x})", s.name, s.id)).collect();
        Err(NoteError::Unknown(named.join(", ")))
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Signature { name, id, bytes } in &self.signatures {
            let signature = [&id.to_be_bytes(), bytes.as_slice()].concat();
            writeln!(f, "{DASH}{name} {}", STANDARD.encode(signature))?;
        }
        Ok(())
    }
}

/// No control character below U+0020 but the new line.
fn is_clean(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20 || byte == b'\n')
}

fn signature(line: &str) -> Option<Signature> {
    let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = STANDARD.decode(signature).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    let fits = is_name(name) && !bytes.is_empty();
    fits.then(|| Signature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
}
