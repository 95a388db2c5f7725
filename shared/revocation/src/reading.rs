//! Fresh readings of the cloud: what a pair is now, whatever was known before.

use std::collections::BTreeSet;

use alibaba_cloud::cs::{ClusterKubeconfig, UserKubeconfig};
use alibaba_cloud::listing::Entries;
use alibaba_cloud::{ErrorKind, InvalidEntry, Listing};
use futures::TryStreamExt;
use kubeconfig::reading::{
    Account, AccountKind, AccountState, Bindings, Certificate, CertificateState, ClusterState, Reading,
};
use kubeconfig::{ClusterId, KubeconfigKey, Uid};

use crate::error::Error;
use crate::reaper::Reaper;

impl Reaper {
    /// Reads one pair afresh: cluster, account, certificates and permissions.
    pub(crate) async fn read(&self, key: &KubeconfigKey) -> Result<Reading, Error> {
        let cluster = found(self.cloud.cs().cluster(&key.cluster).await)?;
        let (mut listed, certificates) = self.certificates(key).await?;
        if listed.is_none() {
            listed = self.access(key).await?.reading.map(|reading| reading.account);
        }
        if listed.is_none() && self.known_identity(&key.uid).await?.is_none() {
            // Nobody here knows whether it is a user or a role: the cluster's own listing says so.
            let entries = all(self.cloud.cs().cluster_kubeconfigs(&key.cluster)).await?;
            listed = entries.into_iter().find(|entry| entry.key == *key).map(|entry| entry.account);
        }
        Ok(Reading {
            cluster_state: cluster.map_or(ClusterState::Deleted, |cluster| cluster.state),
            account: self.account(&key.uid, listed).await?,
            certificates,
            bindings: self.bindings(key).await,
        })
    }

    /// The certificates of a pair. The listing by identity knows removed ones, too; where it does not answer for an
    /// identity that is gone, the listing by cluster does (unconfirmed which it is, so both are understood).
    async fn certificates(&self, key: &KubeconfigKey) -> Result<(Option<Account>, Vec<Certificate>), Error> {
        if let Some(listing) = self.by_identity(&key.uid).await? {
            let entries = listing.entries.into_iter().filter(|entry| entry.key == *key);
            let mut certificates: Vec<_> = entries.map(|entry| entry.certificate).collect();
            certificates.extend(not_understood(&listing.invalid, key.cluster.as_str()));
            return Ok((None, certificates));
        }
        let listing = Listing::collect(self.cloud.cs().cluster_kubeconfigs(&key.cluster)).await?;
        let entries: Vec<ClusterKubeconfig> =
            listing.entries.into_iter().filter(|entry| entry.key == *key).collect();
        let account = entries.first().map(|entry| entry.account.clone());
        let mut certificates: Vec<_> = entries.into_iter().map(|entry| entry.certificate).collect();
        certificates.extend(not_understood(&listing.invalid, key.uid.as_str()));
        Ok((account, certificates))
    }

    /// The listing by identity; `None` where it does not answer for this one.
    pub(crate) async fn by_identity(&self, uid: &Uid) -> Result<Option<Listing<UserKubeconfig>>, Error> {
        match Listing::collect(self.cloud.cs().user_kubeconfigs(uid)).await {
            Ok(listing) if listing.entries.is_empty() && listing.invalid.is_empty() => Ok(None),
            Ok(listing) => Ok(Some(listing)),
            Err(error) if is_answer(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Who holds the access. Whether a user or role exists is asked where users and roles live; the listing of a
    /// cluster is believed only for what nobody else can say.
    pub(crate) async fn account(&self, uid: &Uid, listed: Option<Account>) -> Result<Account, Error> {
        if *uid == self.caller().await?.account {
            return Ok(Account { kind: AccountKind::RootAccount, state: AccountState::Active });
        }
        let known = self.known_identity(uid).await?;
        let kind =
            known.as_ref().map(|identity| &identity.kind).or(listed.as_ref().map(|a| &a.kind)).cloned();
        let (kind, exists) = match kind {
            Some(AccountKind::RamUser) => {
                let exists = self.user_exists(uid).await?;
                (AccountKind::RamUser, exists || self.is_misnamed(uid, '2').await?)
            }
            Some(AccountKind::RamRole) => {
                let exists =
                    self.role_exists(uid, known.as_ref().and_then(|identity| identity.name.known())).await?;
                (AccountKind::RamRole, exists || self.is_misnamed(uid, '3').await?)
            }
            kind => {
                let unknown = AccountState::Other("not known".into());
                let kind = kind.unwrap_or_else(|| AccountKind::Other("not known".into()));
                return Ok(Account { kind, state: listed.map_or(unknown, |account| account.state) });
            }
        };
        let state = match (exists, listed.map(|account| account.state)) {
            (false, _) => AccountState::Deleted,
            (true, Some(AccountState::Inactive)) => AccountState::Inactive,
            (true, _) => AccountState::Active,
        };
        Ok(Account { kind, state })
    }

    /// Whether an id that does not begin as those of its kind do (ack-ram-tool, `types/ram.go`) exists as another kind:
    /// what said that it is a user may be wrong, and RAM knows no role among its users.
    async fn is_misnamed(&self, uid: &Uid, begins: char) -> Result<bool, Error> {
        Ok(!uid.as_str().starts_with(begins) && self.exists(uid).await?)
    }

    /// Whether the id belongs to anything that exists, be it the account, a user or a role.
    pub(crate) async fn exists(&self, uid: &Uid) -> Result<bool, Error> {
        Ok(*uid == self.caller().await?.account
            || self.user_exists(uid).await?
            || self.role_exists(uid, None).await?)
    }

    async fn user_exists(&self, uid: &Uid) -> Result<bool, Error> {
        Ok(existing(self.cloud.ims().user_by_id(uid).await)?.is_some())
    }

    /// RAM finds roles by name only. A role of the same name with another id is another role.
    async fn role_exists(&self, uid: &Uid, name: Option<&str>) -> Result<bool, Error> {
        if let Some(name) = name {
            let role = existing(self.cloud.ram().role(name).await)?;
            if role.is_some_and(|role| role.uid == *uid) {
                return Ok(true);
            }
        }
        // It may be known by an old name: only the whole list proves that it is gone.
        let roles = Listing::collect(self.cloud.ram().roles()).await?;
        if roles.entries.is_empty() {
            return Err(Error::EmptyListing("roles"));
        }
        if let Some(odd) = roles.invalid.into_iter().next() {
            return Err(odd.into());
        }
        Ok(roles.entries.iter().any(|role| role.uid == *uid))
    }

    /// Permissions on one cluster. That they could not be read is an answer of its own, and stands in the way of every
    /// confirmation.
    async fn bindings(&self, key: &KubeconfigKey) -> Bindings {
        match self.cloud.cs().permissions_on(key).await {
            Ok(permissions) => Bindings::Yes(permissions),
            Err(error) => {
                tracing::warn!(pair = %key, error = %error, "permissions could not be read");
                Bindings::No
            }
        }
    }

    /// Every cluster that the identity has, or had, access to: by both listings, by its permissions and by our history.
    pub(crate) async fn clusters_of(&self, uid: &Uid) -> Result<Vec<ClusterId>, Error> {
        let mut clusters: BTreeSet<ClusterId> = match self.by_identity(uid).await? {
            Some(listing) => {
                let issued =
                    listing.entries.into_iter().filter(|e| e.certificate.state != CertificateState::Unissued);
                issued.map(|entry| entry.key.cluster).collect()
            }
            None => self.clusters_listing(uid).await?,
        };
        match self.cloud.cs().user_permissions(uid).await {
            Ok(permissions) => {
                let all = all(self.cloud.cs().clusters()).await?;
                let covered = all.into_iter().map(|cluster| cluster.id);
                clusters.extend(covered.filter(|id| permissions.entries.iter().any(|p| p.scope.covers(id))));
            }
            Err(error) if is_answer(&error) => {
                tracing::warn!(uid = %uid, error = %error, "permissions could not be read");
            }
            Err(error) => return Err(error.into()),
        }
        let projection = self.projection().await?;
        let known = projection.accesses.iter().filter(|(key, access)| key.uid == *uid && access.issued);
        clusters.extend(known.map(|(key, _)| key.cluster.clone()));
        Ok(clusters.into_iter().collect())
    }

    /// The clusters that list the identity: slow, and the only way where the listing by identity does not answer.
    async fn clusters_listing(&self, uid: &Uid) -> Result<BTreeSet<ClusterId>, Error> {
        let mut listing = BTreeSet::new();
        for cluster in all(self.cloud.cs().clusters()).await? {
            let entries = all(self.cloud.cs().cluster_kubeconfigs(&cluster.id)).await?;
            if entries.iter().any(|entry| entry.key.uid == *uid) {
                listing.insert(cluster.id);
            }
        }
        Ok(listing)
    }
}

/// A whole list. An entry that is not understood is logged and left out, so use it only where an entry that is missing
/// leads nowhere: never to conclude that something is gone.
pub(crate) async fn all<T>(entries: Entries<T>) -> Result<Vec<T>, Error> {
    entries
        .try_filter_map(async |entry| {
            Ok(entry.inspect_err(|odd| tracing::warn!(error = %odd, "a list has an odd entry")).ok())
        })
        .try_collect()
        .await
        .map_err(Error::from)
}

/// An entry that is not understood and may be about this pair: a certificate in a state that nothing is deleted in.
fn not_understood(invalid: &[InvalidEntry], about: &str) -> impl Iterator<Item = Certificate> {
    let odd = invalid.iter().filter(|entry| entry.name.contains(about)).inspect(|entry| {
        tracing::warn!(error = %entry, "a kubeconfig is listed in a way that is not understood");
    });
    let state = CertificateState::Other("not understood".into());
    std::iter::repeat_n(Certificate { state, expires_at: None }, odd.count())
}

/// Whether the cloud understood the question and answered no.
pub(crate) fn is_answer(error: &alibaba_cloud::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Refused)
}

/// `None` where RAM or IMS says in so many words that there is no such user or role (`EntityNotExist.User`,
/// `EntityNotExist.Role`). A bare 404 may come from a proxy or a wrong address, and would make everybody look deleted.
pub(crate) fn existing<T>(answer: Result<T, alibaba_cloud::Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code().is_some_and(|code| code.contains("NotExist")) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `None` where the cloud says that there is no such thing.
pub(crate) fn found<T>(answer: Result<T, alibaba_cloud::Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
