//! Whose a kubeconfig file or certificate is, and what is known of it. Nothing of what it proves itself with is kept.

pub(crate) mod pasted;

use alibaba_cloud::certificate::{CertificateError, ClientCertificate};
use alibaba_cloud::kubeconfig_file::{self, FileContext, FileError, Held};
use jiff::Timestamp;
use kubeconfig::reading::CertificateState;
use kubeconfig::{ClusterId, KubeconfigKey, Uid};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;
use crate::history::History;

/// The longest input that is read, in bytes.
pub const MAX_INPUT: usize = kubeconfig_file::MAX_INPUT;

/// One context of a kubeconfig file, or a certificate by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Holding {
    /// Name of the context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Whether it is the current one.
    pub current: bool,
    /// The API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Id of the cluster, where the file names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// What it holds, or why nothing can be read.
    pub holds: String,
    /// The certificate's common name: the user name in Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_name: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Groups in Kubernetes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub groups: Vec<String>,
    /// Start of validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_before: Option<Timestamp>,
    /// End of validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub not_after: Option<Timestamp>,
    /// Whether it is valid by the clock of this machine: `notYetValid`, `valid` or `expired`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub validity: Option<Validity>,
    /// SHA-256 of the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What the history knows of the pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether the cloud lists a certificate of the pair that ends at the same second, as of the latest reading. One that
    /// it does not list any more proves a name that nothing is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
}

/// Validity by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Validity {
    /// Its time has not begun.
    NotYetValid,
    /// Now.
    Valid,
    /// Its time is over.
    Expired,
}

/// It is neither a kubeconfig file nor a certificate. Quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no kubeconfig file ({file}) and no certificate ({certificate})")]
pub struct NotUnderstood {
    file: FileError,
    certificate: CertificateError,
}

/// Reads a kubeconfig file, or else a certificate in PEM or DER.
///
/// # Errors
/// It is neither.
pub fn understand(input: &[u8], now: Timestamp) -> Result<Vec<Holding>, NotUnderstood> {
    let file = match kubeconfig_file::read(input) {
        Ok(contexts) => return Ok(contexts.into_iter().map(|context| of_context(context, now)).collect()),
        Err(error) => error,
    };
    let certificate =
        ClientCertificate::read(input).map_err(|certificate| NotUnderstood { file, certificate })?;
    let mut holding = Holding::default();
    holding.fill(&certificate, now);
    Ok(vec![holding])
}

fn of_context(context: FileContext, now: Timestamp) -> Holding {
    let FileContext { name, current, cluster, server, held, .. } = context;
    let texts = [Some(name.as_str()), Some(cluster.as_str()), server.as_deref()];
    let id = texts.into_iter().flatten().find_map(cluster_id_in);
    let mut holding = Holding { context: Some(name), current, server, cluster: id, ..Holding::default() };
    match held {
        Held::Certificate(certificate) => holding.fill(&certificate, now),
        Held::Token => holding.holds = "a token".to_owned(),
        Held::ExecPlugin { command } => holding.holds = format!("asks {command}"),
        Held::Unreadable(why) => holding.holds = why.to_string(),
    }
    holding
}

impl Holding {
    fn fill(&mut self, certificate: &ClientCertificate, now: Timestamp) {
        self.uid = certificate.holder.as_ref().map(|holder| holder.uid.to_string());
        self.holds = certificate_word(self.uid.is_some()).to_owned();
        self.common_name = Some(certificate.common_name.clone());
        self.groups.clone_from(&certificate.organizations);
        self.not_before = Some(certificate.not_before);
        self.not_after = Some(certificate.not_after);
        self.sha256 = Some(certificate.sha256.clone());
        self.validity = Some(Validity::at(now, certificate.not_before, certificate.not_after));
    }

    /// The pair, where the file names both.
    fn key(&self) -> Option<KubeconfigKey> {
        let cluster: ClusterId = self.cluster.as_ref()?.parse().ok()?;
        let uid: Uid = self.uid.as_ref()?.parse().ok()?;
        Some(KubeconfigKey { cluster, uid })
    }
}

const fn certificate_word(is_ours: bool) -> &'static str {
    if is_ours { "a certificate" } else { "a certificate of another issuer" }
}

impl Validity {
    fn at(now: Timestamp, not_before: Timestamp, not_after: Timestamp) -> Self {
        match now {
            now if now < not_before => Self::NotYetValid,
            now if now > not_after => Self::Expired,
            _ => Self::Valid,
        }
    }
}

/// A kubeconfig has no field for the id of its cluster; the names that Container Service gives its contexts carry it:
/// `c` and 32 hexadecimal digits.
fn cluster_id_in(text: &str) -> Option<String> {
    cluster_ids_in(text).next().map(str::to_owned)
}

fn cluster_ids_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| {
        word.len() == 33 && word.starts_with('c') && word[1..].bytes().all(|b| b.is_ascii_hexdigit())
    })
}

impl History {
    /// Adds what is known of each pair.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn look_up(&self, holdings: &mut [Holding]) -> Result<(), Error> {
        let projection = self.projection().await?;
        for holding in holdings {
            let Some(key) = holding.key() else { continue };
            let Some(access) = projection.accesses.get(&key) else { continue };
            let pair = crate::views::PairView::new(&key, access, &projection, Timestamp::now());
            holding.listed = holding.not_after.map(|end| {
                let ends_then =
                    |at: Option<Timestamp>| at.is_some_and(|at| at.as_second() == end.as_second());
                let issued = pair.certificates.iter().filter(|c| c.state != CertificateState::Unissued);
                issued.filter(|c| c.state != CertificateState::Removed).any(|c| ends_then(c.expires_at))
            });
            holding.status = Some(match pair.account_state {
                Some(state) => format!("{}, account {state}", pair.status),
                None => pair.status.to_string(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_id_of_a_cluster_is_found_in_names() {
        let id = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        assert_eq!(cluster_id_in(&format!("200000000000000101-{id}")).as_deref(), Some(id));
        assert_eq!(cluster_id_in(&format!("https://{id}.cn-hangzhou.example.com:6443")).as_deref(), Some(id));
        assert_eq!(cluster_id_in("kubernetes"), None);
        assert_eq!(cluster_id_in(&format!("{id}0")), None);
    }

    /// A file with everything that must not be shown, and two places where anything may stand.
    fn file_with(first: &str, second: &str) -> String {
        format!(
            "kind: Config\ncurrent-context: a\n{first}\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: 'https://root:hunter2@example.com/'}}}}]\nusers:\n- name: u\n  \
             user:\n    token: hunter2\n    client-key-data: hunter2\n    password: hunter2\n{second}\n"
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = understand(&bytes, Timestamp::UNIX_EPOCH);
            let pem = [&b"-----BEGIN CERTIFICATE-----\n"[..], &bytes, b"\n-----END CERTIFICATE-----\n"].concat();
            let _ = understand(&pem, Timestamp::UNIX_EPOCH);
        }

        #[test]
        fn no_file_makes_it_show_a_secret(first in "(?s).{0,60}", second in "[ \\-a-z:{}\\[\\]&*!|>'\"#,\n]{0,120}") {
            let shown = match understand(file_with(&first, &second).as_bytes(), Timestamp::UNIX_EPOCH) {
                Ok(holdings) => format!("{holdings:?} {}", serde_json::to_string(&holdings).unwrap()),
                Err(error) => format!("{error} {error:?}"),
            };
            prop_assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
