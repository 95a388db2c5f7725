//! Kubeconfig files: which contexts they hold, and what the user of each can prove itself with.
//!
//! Private keys, tokens and passwords are dropped while the file is parsed: no type here has a place for them, and no
//! error quotes the file.

mod document;

use crate::certificate::{CertificateError, ClientCertificate};

/// The longest file that is read, in bytes.
pub const MAX_INPUT: usize = 1 << 20;

/// One context of a kubeconfig file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContext {
    /// Its name.
    pub name: String,
    /// Whether it is the one that is used when none is named.
    pub current: bool,
    /// The name of its cluster in this file.
    pub cluster: String,
    /// The API server's address, without user name and password. None where the file does not say.
    pub server: Option<String>,
    /// The namespace that is used when none is named.
    pub namespace: Option<String>,
    /// The name of its user in this file.
    pub user: String,
    /// What the user holds.
    pub held: Held,
}

/// What a user can prove itself with. Of several, the first in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// A client certificate.
    Certificate(Box<ClientCertificate>),
    /// A token, in the file or in one that it names.
    Token,
    /// A program that is asked for a credential.
    ExecPlugin {
        /// The program, e.g. `ack-ram-tool`. Its arguments are not kept.
        command: String,
    },
    /// Something else, or nothing that can be read.
    Unreadable(Unreadable),
}

/// Why it is not known what a user holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The file has no such user.
    #[error("the file has no user of this name")]
    NoUser,
    /// The user holds nothing.
    #[error("the user holds no credential")]
    Nothing,
    /// The certificate is in another file.
    #[error("the certificate is in another file")]
    OtherFile,
    /// The certificate's text is not base64.
    #[error("the certificate is not base64")]
    Base64,
    /// The certificate cannot be read.
    #[error("the certificate cannot be read: {0}")]
    Certificate(CertificateError),
    /// A user name and a password, or a plugin of a cloud provider.
    #[error("a kind of credential that is not read")]
    OtherKind,
}

/// Why a file is not a kubeconfig file. Quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// More than [`MAX_INPUT`].
    #[error("longer than 1 MiB")]
    TooLong,
    /// Not UTF-8.
    #[error("not text")]
    NotText,
    /// Not YAML, or not in the form of a kubeconfig file.
    #[error("not a kubeconfig file{}", place(.line))]
    Form {
        /// The line that is wrong, where that is known.
        line: Option<usize>,
    },
    /// It has no context.
    #[error("it has no context")]
    Empty,
}

fn place(line: &Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line}"))
}

/// Reads every context of a kubeconfig file (YAML or JSON).
///
/// # Errors
/// When it is not a kubeconfig file. A user that cannot be read is no error, see [`Held::Unreadable`].
pub fn read(input: &[u8]) -> Result<Vec<FileContext>, FileError> {
    if input.len() > MAX_INPUT {
        return Err(FileError::TooLong);
    }
    let text = std::str::from_utf8(input).map_err(|_| FileError::NotText)?;
    let contexts = document::parse(text)?.into_contexts();
    if contexts.is_empty() { Err(FileError::Empty) } else { Ok(contexts) }
}

#[cfg(test)]
mod tests;
