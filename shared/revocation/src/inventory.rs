//! The inventory: every identity, every cluster and every pair is looked at, and what has changed is stored.

use std::collections::{BTreeMap, BTreeSet};

use alibaba_cloud::Listing;
use alibaba_cloud::cs::{ClusterKubeconfig, UserPermission};
use futures::future::join_all;
use jiff::Timestamp;
use kubeconfig::access::Command;
use kubeconfig::cluster::{Cluster, ClusterEvent};
use kubeconfig::identity::Identity;
use kubeconfig::reading::{
    Account, AccountKind, AccountState, Bindings, Certificate, CertificateState, ClusterState, Reading,
};
use kubeconfig::run::SweepReport;
use kubeconfig::{ClusterId, Event, KubeconfigKey, Projection, StreamId, Uid};

use crate::cause::Cause;
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reading::all;
use crate::reaper::Reaper;

/// Reading one identity's access takes about this long at the worst; with less time left it is not begun.
const TIME_FOR_AN_IDENTITY: std::time::Duration = std::time::Duration::from_secs(15);

/// Whether a listing of identities can be used to conclude that somebody is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// An entry was not understood: whoever is missing may be that one.
    #[default]
    Partial,
    /// Whoever is missing does not exist.
    Whole,
}

/// What the listings of one sweep say.
#[derive(Debug, Default)]
pub(crate) struct Listings {
    /// Users and roles that exist.
    existing: BTreeMap<Uid, Identity>,
    completeness: Completeness,
    /// Clusters that exist.
    clusters: BTreeMap<ClusterId, Cluster>,
    /// What each cluster lists about each identity.
    by_cluster: BTreeMap<Uid, Vec<ClusterKubeconfig>>,
}

impl Reaper {
    /// Lists identities and clusters and stores what has changed about them. Without complete listings nothing can be
    /// concluded about anybody, so an error here ends the sweep.
    pub(crate) async fn list(&self, cause: &Cause, report: &mut SweepReport) -> Result<Listings, Error> {
        let (existing, completeness) = self.list_identities().await?;
        report.identities = count(existing.len());
        report.changes += self.observe_identities(&existing, completeness, cause).await?;
        let mut listings = Listings { existing, completeness, ..Listings::default() };
        self.list_clusters(&mut listings).await?;
        report.clusters = count(listings.clusters.len());
        report.changes += self.observe_clusters(&listings.clusters, cause).await?;
        let clusters = listings.clusters.keys().cloned().collect::<Vec<_>>();
        for chunk in clusters.chunks(self.config.sweep.concurrency) {
            let lists = join_all(chunk.iter().map(|cluster| self.entries(cluster))).await;
            for (cluster, entries) in chunk.iter().zip(lists) {
                match entries {
                    Ok(entries) => {
                        for entry in entries {
                            listings.by_cluster.entry(entry.key.uid.clone()).or_default().push(entry);
                        }
                    }
                    Err(error) => {
                        tracing::error!(cluster = %cluster, error = %error, "a cluster could not be listed");
                        report.errors += 1;
                    }
                }
            }
        }
        report.changes += self.observe_the_gone(&listings, cause).await?;
        Ok(listings)
    }

    /// Identities that were deleted before anybody looked are known to the clusters alone.
    async fn observe_the_gone(&self, listings: &Listings, cause: &Cause) -> Result<u32, Error> {
        let known = self.projection().await?;
        let unknown = listings
            .by_cluster
            .iter()
            .filter(|(uid, _)| !listings.existing.contains_key(uid) && !known.identities.contains_key(uid));
        let mut changes = 0;
        for (uid, entries) in unknown {
            let named = entries.iter().find(|entry| !entry.account_name.is_empty());
            let Some(entry) = named.or(entries.first()) else { continue };
            let seen = Identity {
                kind: entry.account.kind.clone(),
                name: entry.account_name.as_str().into(),
                state: entry.account.state.clone(),
                created_at: None,
            };
            changes += self.observe_identity(uid, &seen, Timestamp::now(), cause).await?;
        }
        Ok(count(changes))
    }

    /// Users and roles. Either listing being empty is taken for an error: at its word, everybody would be gone.
    async fn list_identities(&self) -> Result<(BTreeMap<Uid, Identity>, Completeness), Error> {
        let users = Listing::collect(self.cloud.ram().users()).await?;
        let roles = Listing::collect(self.cloud.ram().roles()).await?;
        if users.entries.is_empty() {
            return Err(Error::EmptyListing("users"));
        }
        if roles.entries.is_empty() {
            return Err(Error::EmptyListing("roles"));
        }
        let odd = users.invalid.iter().chain(&roles.invalid);
        let odd = odd.inspect(|odd| tracing::error!(error = %odd, "an identity is not understood")).count();
        let identity = |kind, name: String, created_at| Identity {
            kind,
            name: name.into(),
            state: AccountState::Active,
            created_at,
        };
        let users =
            users.entries.into_iter().map(|u| (u.uid, identity(AccountKind::RamUser, u.name, u.created)));
        let roles =
            roles.entries.into_iter().map(|r| (r.uid, identity(AccountKind::RamRole, r.name, r.created)));
        let completeness = if odd == 0 { Completeness::Whole } else { Completeness::Partial };
        Ok((users.chain(roles).collect(), completeness))
    }

    async fn observe_identities(
        &self,
        existing: &BTreeMap<Uid, Identity>,
        completeness: Completeness,
        cause: &Cause,
    ) -> Result<u32, Error> {
        let projection = self.projection().await?;
        let now = Timestamp::now();
        let gone = projection.identities.iter().filter(|(uid, known)| {
            completeness == Completeness::Whole
                && !existing.contains_key(uid)
                && known.state != AccountState::Deleted
                && matches!(known.kind, AccountKind::RamUser | AccountKind::RamRole)
        });
        let gone = gone.map(|(uid, known)| (uid, Identity { state: AccountState::Deleted, ..known.clone() }));
        let mut changes = 0;
        let seen = existing.iter().map(|(uid, identity)| (uid, identity.clone())).chain(gone);
        for (uid, identity) in seen {
            // The read model is only a filter here: what it takes for unchanged needs no transaction.
            if Identity::observe(projection.identities.get(uid), &identity).is_empty() {
                continue;
            }
            changes += self.observe_identity(uid, &identity, now, cause).await?;
        }
        Ok(count(changes))
    }

    async fn list_clusters(&self, listings: &mut Listings) -> Result<(), Error> {
        for cluster in all(self.cloud.cs().clusters()).await? {
            let alibaba_cloud::cs::Cluster { id, name, region, state, profile, .. } = cluster;
            listings.clusters.insert(id, Cluster { name, region, state, profile });
        }
        Ok(())
    }

    async fn observe_clusters(
        &self,
        listed: &BTreeMap<ClusterId, Cluster>,
        cause: &Cause,
    ) -> Result<u32, Error> {
        let known = self.projection().await?;
        let mut facts = vec![];
        for (id, cluster) in listed {
            if known.clusters.get(id) != Some(cluster) {
                facts.push((id.clone(), ClusterEvent::ClusterObserved(cluster.clone())));
            }
        }
        for (id, cluster) in &known.clusters {
            if !listed.contains_key(id) && cluster.state != ClusterState::Deleted {
                facts.push((id.clone(), ClusterEvent::ClusterGone {}));
            }
        }
        let changes = count(facts.len());
        for (id, fact) in facts {
            self.transact(StreamId::Cluster(id), cause, Timestamp::now(), |history| {
                let before = replay_cluster(history);
                let changed = Cluster::evolve(before.clone(), &fact) != before;
                Ok::<_, Error>(if changed { vec![Event::Cluster(fact.clone())] } else { vec![] })
            })
            .await?;
        }
        Ok(changes)
    }

    async fn entries(&self, cluster: &ClusterId) -> Result<Vec<ClusterKubeconfig>, Error> {
        all(self.cloud.cs().cluster_kubeconfigs(cluster)).await
    }

    /// Looks at the access of every identity, from where the last run stopped, as long as there is time.
    pub(crate) async fn look_at_everybody(
        &self,
        listings: &Listings,
        from: Option<&Uid>,
        cause: &Cause,
        budget: TimeBudget,
        report: &mut SweepReport,
    ) -> Result<(), Error> {
        let projection = self.projection().await?;
        let mut everybody: BTreeSet<&Uid> =
            listings.existing.keys().chain(listings.by_cluster.keys()).collect();
        everybody.extend(projection.accesses.keys().map(|key| &key.uid));
        let rest: Vec<&Uid> =
            everybody.into_iter().filter(|uid| from.is_none_or(|from| *uid > from)).collect();
        let mut last = from;
        for chunk in rest.chunks(self.config.sweep.concurrency) {
            if !budget.allows(TIME_FOR_AN_IDENTITY) {
                report.next = Some(last.map_or_else(String::new, ToString::to_string));
                return Ok(());
            }
            let looks = chunk.iter().map(|uid| self.look_at(uid, listings, &projection, cause));
            for (uid, looked) in chunk.iter().zip(join_all(looks).await) {
                match looked {
                    Ok((pairs, changes)) => {
                        report.pairs += pairs;
                        report.changes += changes;
                    }
                    Err(error) => {
                        tracing::error!(uid = %uid, error = %error, "an identity's access could not be read");
                        report.errors += 1;
                    }
                }
            }
            last = chunk.last().copied();
        }
        Ok(())
    }

    /// Looks at the access of one identity to every cluster. Answers how many pairs that was and how many changed.
    async fn look_at(
        &self,
        uid: &Uid,
        listings: &Listings,
        projection: &Projection,
        cause: &Cause,
    ) -> Result<(u32, u32), Error> {
        let account = self.account_by_listings(uid, listings, projection).await?;
        let mut pairs = self.certificates_by_listings(uid, listings).await?;
        let known = projection.accesses.iter().filter(|(key, access)| key.uid == *uid && access.issued);
        let issued: BTreeSet<&ClusterId> = known.map(|(key, _)| &key.cluster).collect();
        for cluster in &issued {
            pairs.entry((*cluster).clone()).or_default();
        }
        pairs.retain(|cluster, certificates| {
            issued.contains(cluster) || certificates.iter().any(|c| c.state != CertificateState::Unissued)
        });
        let permissions = match pairs.values().any(|certificates| is_gone(certificates)) {
            true => Some(self.permissions_of(uid).await?),
            false => None,
        };
        let (mut looked, mut changes) = (0, 0);
        for (cluster, certificates) in pairs {
            let bindings = permissions.as_ref().map_or(Bindings::No, |permissions| {
                let here = permissions.iter().filter(|p| p.scope.covers(&cluster));
                Bindings::Yes(here.map(|p| p.permission.clone()).collect())
            });
            let state = listings.clusters.get(&cluster).map_or(ClusterState::Deleted, |c| c.state.clone());
            let reading = Reading { cluster_state: state, account: account.clone(), certificates, bindings };
            let key = KubeconfigKey { cluster, uid: uid.clone() };
            looked += 1;
            changes += count(self.execute(&key, &Command::Observe(reading), cause).await?.1.len());
        }
        Ok((looked, changes))
    }

    async fn permissions_of(&self, uid: &Uid) -> Result<Vec<UserPermission>, Error> {
        let listing = self.cloud.cs().user_permissions(uid).await?;
        match listing.invalid.into_iter().next() {
            Some(odd) => Err(odd.into()),
            None => Ok(listing.entries),
        }
    }

    /// Who it is. The lists of users and roles say whether it exists; what they do not list, they have lost.
    async fn account_by_listings(
        &self,
        uid: &Uid,
        listings: &Listings,
        projection: &Projection,
    ) -> Result<Account, Error> {
        let listed = listings
            .by_cluster
            .get(uid)
            .and_then(|entries| entries.first())
            .map(|entry| entry.account.clone());
        if *uid == self.caller().await?.account {
            return Ok(Account { kind: AccountKind::RootAccount, state: AccountState::Active });
        }
        if let Some(identity) = listings.existing.get(uid) {
            let inactive = listed.is_some_and(|account| account.state == AccountState::Inactive);
            let state = if inactive { AccountState::Inactive } else { AccountState::Active };
            return Ok(Account { kind: identity.kind.clone(), state });
        }
        let kind = listed
            .as_ref()
            .map(|account| account.kind.clone())
            .or_else(|| projection.identities.get(uid).map(|identity| identity.kind.clone()));
        Ok(match kind {
            Some(kind @ (AccountKind::RamUser | AccountKind::RamRole))
                if listings.completeness == Completeness::Whole =>
            {
                Account { kind, state: AccountState::Deleted }
            }
            kind => Account {
                kind: kind.unwrap_or_else(|| AccountKind::Other("not known".into())),
                state: listed
                    .map_or_else(|| AccountState::Other("not known".into()), |account| account.state),
            },
        })
    }

    /// Certificates by cluster: from the listing by identity, which knows removed ones, or, where that does not answer
    /// for an identity that is gone, from what the clusters list.
    async fn certificates_by_listings(
        &self,
        uid: &Uid,
        listings: &Listings,
    ) -> Result<BTreeMap<ClusterId, Vec<Certificate>>, Error> {
        let mut pairs: BTreeMap<ClusterId, Vec<Certificate>> = BTreeMap::new();
        match self.by_identity(uid).await? {
            Some(listing) => {
                if let Some(odd) = listing.invalid.into_iter().next() {
                    return Err(odd.into());
                }
                for entry in listing.entries {
                    pairs.entry(entry.key.cluster).or_default().push(entry.certificate);
                }
            }
            None => {
                for entry in listings.by_cluster.get(uid).into_iter().flatten() {
                    pairs.entry(entry.key.cluster.clone()).or_default().push(entry.certificate.clone());
                }
            }
        }
        Ok(pairs)
    }
}

/// Whether no certificate is left, so that only permissions may be.
fn is_gone(certificates: &[Certificate]) -> bool {
    certificates.iter().all(|c| matches!(c.state, CertificateState::Unissued | CertificateState::Removed))
}

fn replay_cluster(history: &[kubeconfig::Recorded]) -> Option<Cluster> {
    history.iter().fold(None, |state, recorded| match &recorded.event {
        Event::Cluster(event) => Cluster::evolve(state, event),
        _ => state,
    })
}

pub(crate) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
