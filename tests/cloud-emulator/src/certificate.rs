//! Real X.509 client certificates and the kubeconfig files around them.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};

/// The certificate authority of one cluster.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority(..)")
    }
}

/// A client certificate and its private key, both PEM.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) certificate: String,
    pub(crate) private_key: String,
}

impl Authority {
    /// Makes an authority whose own certificate is valid for thirty years from `from`.
    pub(crate) fn new(cluster: &str, from: Timestamp) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name(cluster, "kubernetes");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let thirty_years = jiff::SignedDuration::from_hours(24 * 365 * 30);
        set_validity(&mut params, from, from.saturating_add(thirty_years).unwrap_or(from));
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)? })
    }

    /// Signs a client certificate. The organisation `system:users` is a guess: the real value is unconfirmed.
    pub(crate) fn sign(
        &self,
        common_name: &str,
        serial: u64,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Signed, rcgen::Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name = name("system:users", common_name);
        params.serial_number = Some(SerialNumber::from_slice(&serial.to_be_bytes()));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        set_validity(&mut params, from, until);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Signed { certificate: certificate.pem(), private_key: key.serialize_pem() })
    }

    /// The authority's own certificate, PEM.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }
}

fn name(organisation: &str, common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, organisation);
    name.push(DnType::CommonName, common_name);
    name
}

fn set_validity(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    // rcgen takes the type of a crate that is not used here otherwise; counting from the epoch avoids naming it.
    let since_epoch = |at: Timestamp| Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default());
    params.not_before = date_time_ymd(1970, 1, 1) + since_epoch(from);
    params.not_after = date_time_ymd(1970, 1, 1) + since_epoch(until);
}

/// The file that kubectl reads.
pub(crate) fn kubeconfig_file(
    cluster: &str,
    server: &str,
    authority: &str,
    user: &str,
    signed: &Signed,
) -> String {
    let (authority, certificate, key) = (
        STANDARD.encode(authority),
        STANDARD.encode(&signed.certificate),
        STANDARD.encode(&signed.private_key),
    );
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: kubernetes\n  cluster:\n    server: {server}\n    \
         certificate-authority-data: {authority}\ncontexts:\n- name: {user}-{cluster}\n  context:\n    \
         cluster: kubernetes\n    user: \"{user}\"\ncurrent-context: {user}-{cluster}\npreferences: {{}}\nusers:\n\
         - name: \"{user}\"\n  user:\n    client-certificate-data: {certificate}\n    client-key-data: {key}\n"
    )
}
