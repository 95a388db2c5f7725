//! Kubeconfigs: issuing, listing, cleaning, restoring.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::cluster::FROZEN;
use super::{Account, Kind, Permission, Refusal};
use crate::certificate::{Signed, kubeconfig_file};
use crate::moment::days;

/// How long a deleted kubeconfig can be restored (ACK documentation, "Use the kubeconfig recycle bin").
pub const RECYCLED_FOR: SignedDuration = days(30);

/// Validity of a kubeconfig that is not temporary, unless told otherwise (ACK documentation).
pub(crate) const LIFE: SignedDuration = days(3 * 365);

/// What was issued for one pair of identity and cluster, now and before.
#[derive(Debug)]
pub struct Kubeconfig {
    /// Id of the cluster.
    pub cluster: String,
    /// Id of the identity.
    pub uid: String,
    /// Follows the uid in certificate names; renewed on every cleaning and revocation.
    pub suffix: String,
    /// Certificates in force or expired, long-term ones first.
    pub certificates: Vec<IssuedCertificate>,
    /// A word that the lists show instead of the computed state, e.g. `Unknown`.
    pub reported: Option<String>,
    pub(crate) deleted: Vec<Deleted>,
}

/// A client certificate.
#[derive(Clone)]
pub struct IssuedCertificate {
    /// `{uid}-{suffix}`: the Kubernetes user name.
    pub common_name: String,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// Issued with `TemporaryDurationMinutes`.
    pub temporary: bool,
    pub(crate) signed: Signed,
}

impl IssuedCertificate {
    /// The certificate, PEM.
    pub fn pem(&self) -> &str {
        &self.signed.certificate
    }
}

impl fmt::Debug for IssuedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedCertificate")
            .field("common_name", &self.common_name)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

/// A kubeconfig in the recycle bin.
#[derive(Debug)]
pub(crate) struct Deleted {
    pub(crate) at: Timestamp,
    suffix: String,
    certificates: Vec<IssuedCertificate>,
    permissions: Vec<Permission>,
}

/// How often a pair was to be cleaned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Cleans {
    /// Calls, also the refused ones. A task counts each of its clusters.
    pub received: u64,
    /// Those that removed a certificate or a permission.
    pub effective: u64,
}

/// What the lists show of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRow {
    /// `Unissued | Unexpired | Expired | Removed | Unknown` or what the scenario says.
    pub state: String,
    /// End of validity, where there is one.
    pub expires: Option<Timestamp>,
}

impl Account {
    /// Every pair that a kubeconfig was issued for, by cluster and uid.
    pub fn kubeconfigs(&self) -> impl Iterator<Item = &Kubeconfig> {
        self.kubeconfigs.values()
    }

    /// What was issued to an identity for a cluster.
    pub fn kubeconfig(&self, cluster: &str, uid: &str) -> Option<&Kubeconfig> {
        self.kubeconfigs.get(&(cluster.to_owned(), uid.to_owned()))
    }

    /// The Kubernetes user name that the pair's permissions are bound to.
    pub fn common_name(&self, cluster: &str, uid: &str) -> Option<String> {
        self.kubeconfig(cluster, uid).map(|k| format!("{uid}-{}", k.suffix))
    }

    /// Whether the API server would let this certificate do anything: it is not expired and its name is still bound.
    pub fn admits(&self, cluster: &str, certificate: &IssuedCertificate, now: Timestamp) -> bool {
        let (uid, _) = certificate.common_name.split_once('-').unwrap_or((&certificate.common_name, ""));
        let bound = self.common_name(cluster, uid).is_some_and(|name| name == certificate.common_name);
        let permitted = self.permissions(uid).any(|p| p.scope.cluster().is_none_or(|c| c == cluster));
        certificate.not_after > now && bound && permitted
    }

    /// What the lists show of a pair: one row, or one for each certificate.
    pub fn rows(&self, cluster: &str, uid: &str, temporary_too: bool, now: Timestamp) -> Vec<CertificateRow> {
        let row = |state: &str, expires| CertificateRow { state: state.to_owned(), expires };
        let Some(kubeconfig) = self.kubeconfig(cluster, uid) else { return vec![row("Unissued", None)] };
        if let Some(word) = &kubeconfig.reported {
            return vec![row(word, kubeconfig.certificates.first().map(|c| c.not_after))];
        }
        let listed = kubeconfig.certificates.iter().filter(|c| temporary_too || !c.temporary);
        let rows: Vec<_> = listed
            .map(|c| row(if c.not_after > now { "Unexpired" } else { "Expired" }, Some(c.not_after)))
            .collect();
        if rows.is_empty() { vec![row("Removed", None)] } else { rows }
    }

    /// Gives the kubeconfig file of a pair with its end of validity. Issues a certificate if none is in force, or if
    /// a temporary one is asked for.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCluster`], [`Refusal::NoSuchIdentity`], [`Refusal::ClusterState`], [`Refusal::Issuing`].
    pub fn kubeconfig_file(
        &mut self,
        cluster: &str,
        uid: &str,
        temporary: Option<SignedDuration>,
        now: Timestamp,
    ) -> Result<(String, Timestamp), Refusal> {
        self.refuse_frozen(cluster)?;
        if self.identity(uid).is_none_or(|i| i.deleted.is_some()) {
            return Err(Refusal::NoSuchIdentity { kind: Kind::User, name: uid.to_owned() });
        }
        let in_force = |c: &&IssuedCertificate| !c.temporary && c.not_after > now;
        let found = self.kubeconfig(cluster, uid).and_then(|k| k.certificates.iter().find(in_force));
        if temporary.is_some() || found.is_none() {
            let life = temporary.unwrap_or(LIFE);
            let until = now.saturating_add(life).unwrap_or(now);
            self.issue(cluster, uid, now, until, temporary.is_some())?;
        }
        let issued = self.kubeconfig(cluster, uid).map(|k| k.certificates.as_slice()).unwrap_or_default();
        let wanted = if temporary.is_some() { issued.last() } else { issued.iter().find(in_force) };
        let certificate = wanted.ok_or_else(|| Refusal::Issuing("no certificate".to_owned()))?;
        let cluster = self.cluster(cluster)?;
        let server = format!("https://{}.{}.emulated.test:6443", cluster.id, self.region);
        let authority = cluster.authority.pem();
        let user = uid.to_owned();
        Ok((
            kubeconfig_file(&cluster.id, &server, &authority, &user, &certificate.signed),
            certificate.not_after,
        ))
    }

    /// Signs a certificate. A long-term one takes the place of the long-term ones before it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCluster`], [`Refusal::Issuing`].
    pub fn issue(
        &mut self,
        cluster: &str,
        uid: &str,
        from: Timestamp,
        until: Timestamp,
        temporary: bool,
    ) -> Result<(), Refusal> {
        let cluster = self.cluster(cluster)?.id.clone();
        let serial = self.next_number();
        let suffix = self.kubeconfig_mut(&cluster, uid).suffix.clone();
        let common_name = format!("{uid}-{suffix}");
        let authority = &self.cluster(&cluster)?.authority;
        let signed = authority.sign(&common_name, serial, from, until);
        let signed = signed.map_err(|e| Refusal::Issuing(e.to_string()))?;
        let certificate =
            IssuedCertificate { common_name, not_before: from, not_after: until, temporary, signed };
        let kubeconfig = self.kubeconfig_mut(&cluster, uid);
        kubeconfig.reported = None;
        if temporary {
            kubeconfig.certificates.push(certificate);
        } else {
            kubeconfig.certificates.retain(|c| c.temporary);
            kubeconfig.certificates.insert(0, certificate);
        }
        Ok(())
    }

    /// Makes every certificate of a pair worthless and issues a new one under a new name. Permissions stay.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCluster`], [`Refusal::ClusterState`], [`Refusal::Issuing`].
    pub(crate) fn renew(
        &mut self,
        cluster: &str,
        uid: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.refuse_frozen(cluster)?;
        let suffix = self.fresh_suffix();
        let kubeconfig = self.kubeconfig_mut(cluster, uid);
        kubeconfig.suffix = suffix;
        kubeconfig.certificates.clear();
        self.issue(cluster, uid, now, until, false)
    }

    /// Refuses what no cleaning may touch (alibabacloud-cs20151215 7.2.3, cleanuserpermissions).
    pub(crate) fn refuse_cleaning(&self, uid: &str, caller: &str) -> Result<(), Refusal> {
        let identity = self.identity(uid);
        let identity =
            identity.ok_or_else(|| Refusal::NoSuchIdentity { kind: Kind::User, name: uid.to_owned() })?;
        if identity.kind == Kind::Root {
            return Err(Refusal::RootAccount);
        }
        if uid == caller { Err(Refusal::CallerItself) } else { Ok(()) }
    }

    /// Removes an identity's certificates and permissions from a cluster, into the recycle bin.
    ///
    /// # Errors
    /// Every refusal of the interface notes: root account, caller, cluster state, and without `force` recent or
    /// unknown use.
    pub fn clean(
        &mut self,
        cluster: &str,
        uid: &str,
        caller: &str,
        force: bool,
        again_succeeds: bool,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let pair = (cluster.to_owned(), uid.to_owned());
        self.cleans.entry(pair.clone()).or_default().received += 1;
        self.cluster(cluster)?;
        self.refuse_cleaning(uid, caller)?;
        self.refuse_frozen(cluster)?;
        if !force {
            self.refuse_if_in_use(cluster, uid, now)?;
        }
        let certificates = self.kubeconfig(cluster, uid).is_some_and(|k| !k.certificates.is_empty());
        if !certificates && !self.has_permissions(cluster, uid) {
            let (cluster, uid) = pair;
            return if again_succeeds { Ok(()) } else { Err(Refusal::NothingToClean { cluster, uid }) };
        }
        let permissions = self.take_permissions(cluster, uid);
        let suffix = self.fresh_suffix();
        let kubeconfig = self.kubeconfig_mut(cluster, uid);
        kubeconfig.reported = None;
        let certificates = std::mem::take(&mut kubeconfig.certificates);
        let suffix = std::mem::replace(&mut kubeconfig.suffix, suffix);
        kubeconfig.deleted.push(Deleted { at: now, suffix, certificates, permissions });
        self.cleans.entry(pair).or_default().effective += 1;
        Ok(())
    }

    /// Takes the kubeconfig that was deleted last out of the recycle bin, with its permissions. The real cloud offers
    /// this in the console only.
    ///
    /// # Errors
    /// [`Refusal::NoDeletedKubeconfig`], [`Refusal::NewerKubeconfig`], [`Refusal::ClusterState`].
    pub fn restore_kubeconfig(&mut self, cluster: &str, uid: &str, now: Timestamp) -> Result<(), Refusal> {
        let cluster = self.cluster(cluster)?.id.clone();
        self.refuse_frozen(&cluster)?;
        let nothing = || Refusal::NoDeletedKubeconfig { cluster: cluster.clone(), uid: uid.to_owned() };
        let found = self.kubeconfigs.get_mut(&(cluster.clone(), uid.to_owned()));
        let kubeconfig = found.ok_or_else(nothing)?;
        kubeconfig.deleted.retain(|d| now.duration_since(d.at) < RECYCLED_FOR);
        if !kubeconfig.certificates.is_empty() {
            return Err(Refusal::NewerKubeconfig);
        }
        let deleted = kubeconfig.deleted.pop().ok_or_else(nothing)?;
        kubeconfig.suffix = deleted.suffix;
        kubeconfig.certificates = deleted.certificates;
        self.grant(deleted.permissions);
        Ok(())
    }

    /// How often a pair was to be cleaned.
    pub fn cleans(&self, cluster: &str, uid: &str) -> Cleans {
        self.cleans.get(&(cluster.to_owned(), uid.to_owned())).copied().unwrap_or_default()
    }

    fn refuse_frozen(&self, cluster: &str) -> Result<(), Refusal> {
        let cluster = self.cluster(cluster)?;
        if FROZEN.contains(&cluster.state.as_str()) {
            return Err(Refusal::ClusterState { cluster: cluster.id.clone(), state: cluster.state.clone() });
        }
        Ok(())
    }

    /// Digits, as ack-ram-tool expects them.
    fn fresh_suffix(&mut self) -> String {
        format!("17{:08}", self.next_number())
    }

    pub(crate) fn kubeconfig_mut(&mut self, cluster: &str, uid: &str) -> &mut Kubeconfig {
        let pair = (cluster.to_owned(), uid.to_owned());
        let suffix = if self.kubeconfigs.contains_key(&pair) { String::new() } else { self.fresh_suffix() };
        self.kubeconfigs.entry(pair).or_insert_with_key(|(cluster, uid)| Kubeconfig {
            cluster: cluster.clone(),
            uid: uid.clone(),
            suffix,
            certificates: Vec::new(),
            reported: None,
            deleted: Vec::new(),
        })
    }
}
