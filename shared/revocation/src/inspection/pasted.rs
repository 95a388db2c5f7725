//! A file pasted into a chat: reduced to what may be stored.

use std::collections::BTreeSet;

use ::chat::Pasted;
use alibaba_cloud::certificate::ClientCertificate;
use alibaba_cloud::fragments::{self, Fragments};
use alibaba_cloud::kubeconfig_file::{self, FileContext, Held};
use jiff::Timestamp;
use kubeconfig::chat::{Inspection, PastedCertificate};

use super::{Holding, Validity, certificate_word, cluster_id_in, cluster_ids_in};

/// The most contexts that are told of one file.
const CONTEXTS_MAX: usize = 20;

/// Whether words have in them what must not be stored.
pub(crate) fn has_secret(words: &str) -> bool {
    let found = fragments::read(&::chat::pasted::unescaped(words));
    found.private_key || found.signed_token
}

/// Reads a file in whatever form the chat has left it. Of its text nothing is kept: neither the names of contexts nor
/// addresses, where a secret may have slipped into.
pub(crate) fn reduce(pasted: &Pasted) -> Inspection {
    let text = pasted.unescaped();
    let text = fragments::unwrapped(&text).unwrap_or(text);
    let fragments = fragments::read(&text);
    let mut inspection = Inspection {
        private_key: fragments.private_key,
        credential: fragments.credential || fragments.signed_token,
        ..Inspection::default()
    };
    if let Ok(contexts) = kubeconfig_file::read(text.as_bytes()) {
        contexts.iter().take(CONTEXTS_MAX).for_each(|context| add_context(&mut inspection, context));
    }
    if inspection.certificates.is_empty() {
        add_fragments(&mut inspection, &fragments, &text);
    }
    inspection
}

fn add_context(inspection: &mut Inspection, context: &FileContext) {
    let FileContext { name, cluster, server, held, .. } = context;
    match held {
        Held::Certificate(certificate) => {
            let texts = [Some(name.as_str()), Some(cluster.as_str()), server.as_deref()];
            let cluster = texts.into_iter().flatten().find_map(cluster_id_in);
            let certificate = kept(certificate, cluster);
            if !inspection.certificates.contains(&certificate) {
                inspection.certificates.push(certificate);
            }
        }
        Held::Token => {
            inspection.credential = true;
            inspection.others.push("a token".to_owned());
        }
        // The name of the program is text of the file.
        Held::ExecPlugin { .. } => inspection.others.push("asks a program".to_owned()),
        Held::Unreadable(why) => inspection.others.push(why.to_string()),
    }
}

/// Where the form is lost, so is what belongs together: a cluster is that of the certificate if no other is named.
fn add_fragments(inspection: &mut Inspection, fragments: &Fragments, text: &str) {
    let named: BTreeSet<&str> = cluster_ids_in(text).collect();
    let cluster = named.first().filter(|_| named.len() == 1).map(|id| (*id).to_owned());
    let certificates = fragments.certificates.iter().map(|found| kept(found, cluster.clone()));
    inspection.certificates.extend(certificates);
}

fn kept(certificate: &ClientCertificate, cluster: Option<String>) -> PastedCertificate {
    PastedCertificate {
        common_name: certificate.common_name.clone(),
        uid: certificate.holder.as_ref().map(|holder| holder.uid.clone()),
        groups: certificate.organizations.clone(),
        cluster: cluster.and_then(|id| id.parse().ok()),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        sha256: certificate.sha256.clone(),
    }
}

/// The same as what a file that was read directly holds.
pub(crate) fn holdings(inspection: &Inspection, now: Timestamp) -> Vec<Holding> {
    let certificates = inspection.certificates.iter().map(|found| Holding {
        cluster: found.cluster.as_ref().map(ToString::to_string),
        holds: certificate_word(found.uid.is_some()).to_owned(),
        common_name: Some(found.common_name.clone()),
        uid: found.uid.as_ref().map(ToString::to_string),
        groups: found.groups.clone(),
        not_before: Some(found.not_before),
        not_after: Some(found.not_after),
        validity: Some(Validity::at(now, found.not_before, found.not_after)),
        sha256: Some(found.sha256.clone()),
        ..Holding::default()
    });
    let others = inspection.others.iter().map(|held| Holding { holds: held.clone(), ..Holding::default() });
    certificates.chain(others).collect()
}
