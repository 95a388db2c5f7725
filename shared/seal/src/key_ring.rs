//! The keys of a log: one line a key, in a file, or in a text where a process has no file. Those that sign are secret, those
//! that have been replaced are kept in their public form, so that what they signed can still be checked.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use crate::file::{folder, replace};
use crate::key::{KeyError, SignerKey, VerifierKey};

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no file.
    #[error("there is no key file {}", .0.display())]
    Missing(PathBuf),
    /// There is one already.
    #[error("the key file {} is there already", .0.display())]
    Exists(PathBuf),
    /// Others can read it.
    #[error("others than its owner can read the key file {} (mode {mode:o})", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A line is no key.
    #[error("{place}, line {line}: {source}")]
    Key {
        /// Where the keys are.
        place: KeyPlace,
        /// From 1.
        line: usize,
        /// What is wrong.
        source: KeyError,
    },
    /// No key signs, more than two do, or they are of several logs.
    #[error("{place}: {problem}")]
    Keys {
        /// Where the keys are.
        place: KeyPlace,
        /// What is wrong.
        problem: &'static str,
    },
    /// Keys that stand in no file cannot be replaced there.
    #[error("the keys stand in no file, so that they cannot be replaced by this process")]
    NoFile,
    /// The name does not fit.
    #[error(transparent)]
    Name(#[from] KeyError),
    /// The file cannot be read or written.
    #[error("the key file {} cannot be read or written: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Where keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file.
    File(PathBuf),
    /// In a text that a process was given, e.g. by its environment.
    Text,
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the key file {}", path.display()),
            Self::Text => f.write_str("the text of the keys"),
        }
    }
}

/// The keys of one log.
#[derive(Debug, Clone)]
pub struct KeyRing {
    place: KeyPlace,
    /// The oldest first. One, and while it is being replaced two.
    signers: Vec<SignerKey>,
    /// The oldest first.
    retired: Vec<VerifierKey>,
}

impl KeyRing {
    /// Makes a key and a file for it, readable by its owner only.
    ///
    /// # Errors
    /// There is a file already, it cannot be written, or the name does not fit.
    pub fn generate(path: &Path, name: &str) -> Result<Self, KeyFileError> {
        let place = KeyPlace::File(path.to_owned());
        let ring = Self { place, signers: vec![SignerKey::generate(name)?], retired: vec![] };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = ring.text();
        let write = |mut file: File| {
            file.write_all(text.expose_secret().as_bytes())?;
            file.sync_all()?;
            File::open(folder(path))?.sync_all()
        };
        match options.open(path).and_then(write) {
            Ok(()) => Ok(ring),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(KeyFileError::Exists(path.to_owned()))
            }
            Err(source) => Err(KeyFileError::Io { path: path.to_owned(), source }),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// Says what is wrong with it; a file that others can read is refused.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let at = || path.to_owned();
        let io = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing(at()),
            _ => KeyFileError::Io { path: at(), source },
        };
        let text: SecretString = fs::read_to_string(path).map_err(io)?.into();
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).map_err(io)?.permissions());
            if mode & 0o077 != 0 {
                return Err(KeyFileError::Open { path: at(), mode: mode & 0o777 });
            }
        }
        Self::read(text.expose_secret().lines(), KeyPlace::File(at()))
    }

    /// Reads the lines of such a file out of a text, where they may also stand with commas between: environments of
    /// processes are edited by hand.
    ///
    /// # Errors
    /// Says what is wrong with them, without showing them.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        Self::read(text.split(['\n', ',']), KeyPlace::Text)
    }

    fn read<'a>(lines: impl Iterator<Item = &'a str>, place: KeyPlace) -> Result<Self, KeyFileError> {
        let mut ring = Self { place: place.clone(), signers: vec![], retired: vec![] };
        for (line, key) in (1..).zip(lines.map(str::trim)) {
            let wrong = |source| KeyFileError::Key { place: place.clone(), line, source };
            if key.starts_with("PRIVATE+") {
                ring.signers.push(key.parse().map_err(wrong)?);
            } else if !key.is_empty() && !key.starts_with('#') {
                ring.retired.push(key.parse().map_err(wrong)?);
            }
        }
        ring.checked()
    }

    fn checked(self) -> Result<Self, KeyFileError> {
        let problem = match self.signers.len() {
            0 => Some("no key in it signs"),
            1 | 2 if self.verifiers().iter().any(|key| key.name() != self.name()) => {
                Some("its keys have different names")
            }
            1 | 2 => None,
            _ => Some("more than two keys in it sign"),
        };
        match problem {
            Some(problem) => Err(KeyFileError::Keys { place: self.place, problem }),
            None => Ok(self),
        }
    }

    /// The name of the log.
    pub fn name(&self) -> &str {
        self.signers.last().map_or("", |key| key.verifier().name())
    }

    /// The keys that sign, the oldest first: one, and during a replacement the old one and the new one.
    pub fn signers(&self) -> &[SignerKey] {
        &self.signers
    }

    /// Every key that signs or signed, in its public form, the newest first.
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        let signers = self.signers.iter().map(SignerKey::verifier);
        self.retired.iter().chain(signers).rev().cloned().collect()
    }

    /// Begins to replace the key: from now on the old and a new one both sign. Where that has begun before, it goes on.
    ///
    /// # Errors
    /// The file cannot be written, or there is none.
    pub fn begin_rotation(&mut self) -> Result<(), KeyFileError> {
        if self.signers.len() == 1 {
            self.signers.push(SignerKey::generate(self.name())?);
            self.save()?;
        }
        Ok(())
    }

    /// Ends it, after a seal with both: the old key is forgotten but for its public form.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end_rotation(&mut self) -> Result<(), KeyFileError> {
        if self.signers.len() > 1 {
            self.retired.push(self.signers.remove(0).verifier().clone());
            self.save()?;
        }
        Ok(())
    }

    fn save(&self) -> Result<(), KeyFileError> {
        let KeyPlace::File(path) = &self.place else { return Err(KeyFileError::NoFile) };
        let io = |source| KeyFileError::Io { path: path.clone(), source };
        replace(path, 0o600, self.text().expose_secret().as_bytes()).map_err(io)
    }

    fn text(&self) -> SecretString {
        let mut text = String::with_capacity(4096);
        text.push_str("# Keys of a sealed event store. Lines with PRIVATE are secret.\n");
        for key in &self.retired {
            text.push_str(&format!("{key}\n"));
        }
        for key in &self.signers {
            text.push_str(key.to_secret().expose_secret());
            text.push('\n');
        }
        text.into()
    }
}
