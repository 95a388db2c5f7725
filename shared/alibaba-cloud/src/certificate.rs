//! Client certificates: who holds one, and how long it is valid.
//!
//! The common name is `{uid}-{suffix}`, where the uid is that of a RAM user or role and the suffix changes with every
//! revocation (page "Use the kubeconfig recycle bin"; ack-ram-tool). Old clusters use the bare uid.

use std::fmt;

use jiff::Timestamp;
use kubeconfig::Uid;
use sha2::{Digest, Sha256};
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

/// The longest input that is read, in bytes. A client certificate has about 1 KiB, a chain a few.
pub const MAX_INPUT: usize = 64 << 10;

/// The longest text that is kept of a certificate, in characters.
const MAX_TEXT: usize = 256;

/// What a client certificate says. Its signature is not checked: only the cluster can do that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The common name: the user name in Kubernetes.
    pub common_name: String,
    /// Whose it is; none where the common name is not in the form that Container Service gives it.
    pub holder: Option<Holder>,
    /// Organisations: the groups in Kubernetes.
    pub organizations: Vec<String>,
    /// Start of validity, UTC.
    pub not_before: Timestamp,
    /// End of validity, UTC, inclusive.
    pub not_after: Timestamp,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate (DER), hexadecimal.
    pub sha256: String,
}

/// Whose certificate it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The user or role.
    pub uid: Uid,
    /// What tells this certificate's name from those before.
    pub suffix: Option<String>,
}

impl Holder {
    /// Reads `{uid}-{suffix}` or `{uid}`; the suffix has no `-`.
    pub fn of_common_name(name: &str) -> Option<Self> {
        let (uid, suffix) = match name.split_once('-') {
            Some((uid, suffix)) if !suffix.is_empty() && !suffix.contains('-') => {
                (uid, Some(suffix.to_owned()))
            }
            Some(_) => return None,
            None => (name, None),
        };
        Some(Self { uid: uid.parse().ok()?, suffix })
    }
}

impl ClientCertificate {
    /// Whether it is expired at this time.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now > self.not_after
    }

    /// Reads a certificate in PEM or DER. Of several PEM blocks, the first certificate: a chain starts with the leaf.
    /// Other blocks, such as a private key, are passed over.
    ///
    /// # Errors
    /// Why it is not a certificate, without quoting it.
    pub fn read(input: &[u8]) -> Result<Self, CertificateError> {
        if input.len() > MAX_INPUT {
            return Err(CertificateError::TooLong);
        }
        if !input.windows(11).any(|part| part == b"-----BEGIN ") {
            return Self::read_der(input);
        }
        for block in Pem::iter_from_buffer(input) {
            let block = block.map_err(|_| CertificateError::Pem)?;
            if block.label == "CERTIFICATE" {
                return Self::read_der(&block.contents);
            }
        }
        Err(CertificateError::Pem)
    }

    fn read_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| CertificateError::Der)?;
        if !rest.is_empty() {
            return Err(CertificateError::Der);
        }
        let common_name = common_name(certificate.subject())?;
        let organizations = certificate.subject().iter_organization();
        let validity = certificate.validity();
        Ok(Self {
            holder: Holder::of_common_name(&common_name),
            common_name,
            organizations: organizations.filter_map(|name| name.as_str().ok()).map(bounded).collect(),
            not_before: time(&validity.not_before)?,
            not_after: time(&validity.not_after)?,
            serial: hex::encode(certificate.raw_serial()),
            sha256: hex::encode(Sha256::digest(der)),
        })
    }
}

/// The one common name. With several, nobody could say which of them the API server takes.
fn common_name(subject: &X509Name<'_>) -> Result<String, CertificateError> {
    let mut names = subject.iter_common_name();
    match (names.next(), names.next()) {
        (Some(name), None) => name.as_str().map(bounded).map_err(|_| CertificateError::CommonName),
        _ => Err(CertificateError::CommonName),
    }
}

fn time(time: &ASN1Time) -> Result<Timestamp, CertificateError> {
    Timestamp::from_second(time.timestamp()).map_err(|_| CertificateError::Time)
}

/// Text from outside, cut and without control characters.
fn bounded(text: &str) -> String {
    text.chars().take(MAX_TEXT).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.suffix {
            Some(suffix) => write!(f, "{}-{suffix}", self.uid),
            None => self.uid.fmt(f),
        }
    }
}

/// Why a certificate cannot be read. Quotes nothing of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// More than [`MAX_INPUT`].
    #[error("longer than 64 KiB")]
    TooLong,
    /// No certificate in it, or a broken block.
    #[error("no certificate in PEM")]
    Pem,
    /// Not the binary form of a certificate.
    #[error("not an X.509 certificate")]
    Der,
    /// None, several, or not text.
    #[error("no readable common name, or more than one")]
    CommonName,
    /// A time out of range.
    #[error("its validity is out of range")]
    Time,
}

#[cfg(test)]
pub(crate) mod tests {
    use rcgen::{CertificateParams, DnType, DnValue, KeyPair, SerialNumber, date_time_ymd};

    use super::*;

    /// A certificate (PEM and DER) and its private key, valid from 2025-01-02 until 2028-01-02.
    pub(crate) fn issue(common_name: &str) -> (String, Vec<u8>, String) {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(2025, 1, 2);
        params.not_after = date_time_ymd(2028, 1, 2);
        params.serial_number = Some(SerialNumber::from(vec![1, 35]));
        params.distinguished_name.push(DnType::OrganizationName, "system:users");
        params.distinguished_name.push(DnType::CommonName, DnValue::Utf8String(common_name.to_owned()));
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), certificate.der().to_vec(), key.serialize_pem())
    }

    #[test]
    fn pem_and_der_say_the_same() {
        let (pem, der, _) = issue("200000000000000001-1700000000");
        let read = ClientCertificate::read(pem.as_bytes()).unwrap();
        assert_eq!(read, ClientCertificate::read(&der).unwrap());
        assert_eq!(read.common_name, "200000000000000001-1700000000");
        let holder = read.holder.clone().unwrap();
        assert_eq!(holder.uid.as_str(), "200000000000000001");
        assert_eq!(holder.suffix.as_deref(), Some("1700000000"));
        assert_eq!(read.organizations, ["system:users"]);
        assert_eq!(read.not_before.to_string(), "2025-01-02T00:00:00Z");
        assert_eq!(read.not_after.to_string(), "2028-01-02T00:00:00Z");
        assert_eq!(read.serial, "0123");
        assert_eq!(read.sha256, hex::encode(Sha256::digest(&der)));
    }

    #[test]
    fn a_certificate_is_expired_after_its_last_moment() {
        let read = ClientCertificate::read(&issue("200000000000000001").1).unwrap();
        assert!(!read.is_expired("2028-01-02T00:00:00Z".parse().unwrap()));
        assert!(read.is_expired("2028-01-02T00:00:01Z".parse().unwrap()));
    }

    #[test]
    fn the_common_name_says_whose_it_is_or_nothing() {
        let uid = |name: &str| Holder::of_common_name(name).map(|holder| holder.to_string());
        for name in ["200000000000000001", "200000000000000001-17", "300000000000000001-aB3"] {
            assert_eq!(uid(name).as_deref(), Some(name));
        }
        for name in ["kubernetes-admin", "alice", "", "2-", "-2", "2-a-b", "200000000000000000001-1", "２-1"]
        {
            assert_eq!(uid(name), None, "{name}");
        }
        let foreign = ClientCertificate::read(&issue("kubernetes-admin").1).unwrap();
        assert_eq!((foreign.holder, foreign.common_name.as_str()), (None, "kubernetes-admin"));
    }

    #[test]
    fn a_private_key_before_the_certificate_is_passed_over() {
        let (pem, _, key) = issue("200000000000000001-1");
        let read = ClientCertificate::read(format!("{key}{pem}").as_bytes()).unwrap();
        assert_eq!(read.common_name, "200000000000000001-1");
        assert_eq!(ClientCertificate::read(key.as_bytes()), Err(CertificateError::Pem));
    }

    #[test]
    fn no_damage_makes_the_reader_fail_badly() {
        let (_, der, _) = issue("200000000000000001-1");
        for place in 0..der.len() {
            assert!(ClientCertificate::read(&der[..place]).is_err());
            for flipped in [0x00, 0x30, 0x7f, 0xff] {
                let mut damaged = der.clone();
                damaged[place] = flipped;
                // Damage in the key or the signature goes unnoticed; all that counts is that there is an answer.
                let _ = ClientCertificate::read(&damaged);
            }
        }
    }

    #[test]
    fn what_is_no_certificate_is_an_error() {
        let (pem, der, _) = issue("200000000000000001-1");
        let mut longer = der.clone();
        longer.push(0);
        for (input, error) in [
            (b"".as_slice(), CertificateError::Der),
            (b"hello", CertificateError::Der),
            (&der[..der.len() / 2], CertificateError::Der),
            (&longer, CertificateError::Der),
            (&pem.as_bytes()[..pem.len() / 2], CertificateError::Pem),
            (b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", CertificateError::Pem),
            (b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", CertificateError::Der),
            (&vec![b'a'; MAX_INPUT + 1], CertificateError::TooLong),
        ] {
            assert_eq!(ClientCertificate::read(input), Err(error));
        }
    }
}
