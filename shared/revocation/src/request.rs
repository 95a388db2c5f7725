//! Asking for revocations: by a rule, or by a person for one cluster, several or all.

use std::collections::BTreeSet;

use event_store::{Filter, Order};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use kubeconfig::access::{self, Command, Trigger};
use kubeconfig::guard::Tripped;
use kubeconfig::{Access, AccessEvent, ClusterId, Event, KubeconfigKey, RevocationId, Scope, Uid};
use uuid::Uuid;

use crate::cause::Cause;
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reading::found;
use crate::reaper::Reaper;
use crate::views::{PairView, RevocationOutcome};

/// Clusters that a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clusters {
    /// Every cluster that the identity has, or had, access to, as far as the one who asks has it in scope.
    All,
    /// These.
    These(BTreeSet<ClusterId>),
}

/// What a person asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whose access.
    pub uid: Uid,
    /// To which clusters.
    pub clusters: Clusters,
    /// In the words of the one who asks.
    pub reason: Option<String>,
    /// Only says what would happen, and stores nothing.
    pub dry_run: bool,
    /// Makes a repeat of the request mean the same revocations.
    pub idempotency_key: Option<String>,
}

impl Reaper {
    /// Ends, or would end, the access of one identity to a number of clusters.
    ///
    /// # Errors
    /// [`Error::OutOfScope`] where the identity or a named cluster is out of the scope of the one who asks.
    /// Nothing could be decided at all, e.g. because a named cluster does not exist, or the clusters could not be listed.
    /// What happened to a single pair is in its outcome.
    pub async fn request(
        &self,
        request: &Request,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Vec<RevocationOutcome>, Error> {
        let clusters = self.clusters_in_scope(request, &cause.scope).await?;
        self.caller().await?;
        let outcomes = stream::iter(clusters).map(|cluster| async move {
            let key = KubeconfigKey { cluster, uid: request.uid.clone() };
            let outcome = match request.dry_run {
                true => self.preview(&key, &Trigger::Requested).await,
                false => self.revoke_on_request(&key, request, cause, budget).await,
            };
            match outcome {
                Ok(outcome) => Ok(outcome),
                Err(error) => self.failed(&key, &error).await,
            }
        });
        outcomes.buffered(self.config.sweep.concurrency).collect::<Vec<_>>().await.into_iter().collect()
    }

    /// The scope comes first: an answer must not depend on whether what lies out of it exists.
    pub(crate) async fn clusters_in_scope(
        &self,
        request: &Request,
        scope: &Scope,
    ) -> Result<Vec<ClusterId>, Error> {
        let is_in_scope = |id: &ClusterId| scope.admits_cluster(id);
        if !scope.admits_identity(&request.uid) {
            return Err(Error::OutOfScope);
        }
        match &request.clusters {
            Clusters::These(clusters) if clusters.iter().all(is_in_scope) => {
                self.known_clusters(clusters).await?;
                Ok(clusters.iter().cloned().collect())
            }
            Clusters::These(_) => Err(Error::OutOfScope),
            Clusters::All => {
                let mut clusters = self.clusters_of(&request.uid).await?;
                clusters.retain(is_in_scope);
                Ok(clusters)
            }
        }
    }

    /// A cluster that neither the history nor the cloud knows is a mistake. To refuse it by rule would tell that it was
    /// deleted, and keep the mistake for ever.
    async fn known_clusters(&self, clusters: &BTreeSet<ClusterId>) -> Result<(), Error> {
        let projection = self.projection().await?;
        let known = |id: &ClusterId| {
            projection.clusters.contains_key(id) || projection.accesses.keys().any(|key| key.cluster == *id)
        };
        for cluster in clusters.iter().filter(|id| !known(id)) {
            if found(self.cloud.cs().cluster(cluster).await)?.is_none() {
                return Err(Error::Invalid(format!("there is no cluster `{cluster}`: name it by its id")));
            }
        }
        Ok(())
    }

    async fn revoke_on_request(
        &self,
        key: &KubeconfigKey,
        request: &Request,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<RevocationOutcome, Error> {
        let revocation = match &request.idempotency_key {
            Some(idempotency) => {
                RevocationId::derived(&format!("request/{}/{idempotency}/{key}", cause.actor.name()))
            }
            None => RevocationId::new(Uuid::now_v7()),
        };
        self.revoke(key, revocation, Trigger::Requested, request.reason.clone(), None, cause, budget).await
    }

    /// Asks for one revocation and takes it as far as it will go. Asking again with the same id changes nothing.
    #[allow(clippy::too_many_arguments)]
    pub(crate) async fn revoke(
        &self,
        key: &KubeconfigKey,
        revocation: RevocationId,
        trigger: Trigger,
        reason: Option<String>,
        guard: Option<Tripped>,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<RevocationOutcome, Error> {
        let reading = self.read(key).await?;
        let command = Command::Request { revocation, trigger, reason, reading, guard };
        let (_, recorded) = self.execute(key, &command, cause).await?;
        let cause = recorded.last().map_or_else(|| cause.clone(), |last| cause.following(last));
        let access = self.drive(key, &cause, budget).await?;
        Ok(RevocationOutcome::of(revocation, &access, self.view(key, &access).await?))
    }

    /// What would happen to a pair. Reads the cloud, stores nothing.
    pub(crate) async fn preview(
        &self,
        key: &KubeconfigKey,
        trigger: &Trigger,
    ) -> Result<RevocationOutcome, Error> {
        let mut access = self.access(key).await?;
        let reading = self.read(key).await?;
        let verdict =
            access::eligible(&access, key, trigger, &reading, &self.protections().await?, Timestamp::now());
        access.reading = Some(reading);
        let pair = self.view(key, &access).await?;
        Ok(match verdict {
            Err(refusal) => RevocationOutcome::preview(Err(&refusal), pair),
            Ok(()) => {
                let check = self.check_access(key).await;
                let decision = self.config.policy.rules(trigger).decide(&check);
                RevocationOutcome::preview(Ok((decision, &check)), pair)
            }
        })
    }

    /// The outcome of a pair that could not be dealt with. What it left open, the next sweep finishes.
    pub(crate) async fn failed(
        &self,
        key: &KubeconfigKey,
        error: &Error,
    ) -> Result<RevocationOutcome, Error> {
        tracing::error!(pair = %key, error = %error, "a revocation stopped");
        let access = self.access(key).await?;
        Ok(RevocationOutcome::error(access.open.as_ref(), error, self.view(key, &access).await?))
    }

    pub(crate) async fn view(&self, key: &KubeconfigKey, access: &Access) -> Result<PairView, Error> {
        Ok(PairView::new(key, access, &*self.projection().await?, Timestamp::now()))
    }

    /// A person lets a held revocation go on. `hold` is the number of the hold that the person saw; absent: the one
    /// that is there.
    ///
    /// # Errors
    /// [`Error::NoSuchRevocation`], or [`Error::Denied`] where it is not held or the person may not approve it.
    pub async fn approve(
        &self,
        revocation: RevocationId,
        hold: Option<u32>,
        note: Option<String>,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<RevocationOutcome, Error> {
        let key = self.pair_of(revocation, &cause.scope).await?;
        let (_, recorded) = self.execute(&key, &Command::Approve { revocation, hold, note }, cause).await?;
        let cause = recorded.last().map_or_else(|| cause.clone(), |last| cause.following(last));
        match self.drive(&key, &cause, budget).await {
            Ok(access) => Ok(RevocationOutcome::of(revocation, &access, self.view(&key, &access).await?)),
            Err(error) => self.failed(&key, &error).await,
        }
    }

    /// A person stops a held revocation, or gives up one that goes on failing.
    ///
    /// # Errors
    /// [`Error::NoSuchRevocation`], or [`Error::Denied`] where it is not held.
    pub async fn reject(
        &self,
        revocation: RevocationId,
        hold: Option<u32>,
        note: Option<String>,
        cause: &Cause,
    ) -> Result<RevocationOutcome, Error> {
        let key = self.pair_of(revocation, &cause.scope).await?;
        let (access, _) = self.execute(&key, &Command::Reject { revocation, hold, note }, cause).await?;
        Ok(RevocationOutcome::of(revocation, &access, self.view(&key, &access).await?))
    }

    /// What lies out of the scope does not exist.
    async fn pair_of(&self, revocation: RevocationId, scope: &Scope) -> Result<KubeconfigKey, Error> {
        let projection = self.projection().await?;
        let key = projection.revocations.get(&revocation).filter(|key| scope.admits(key));
        key.cloned().ok_or(Error::NoSuchRevocation(revocation))
    }

    /// Whether a guard stands against ending the access of these identities by rule. Those that lost access by rule
    /// within the window count, too. Two processes that ask at the same moment may both be let through: the bound is
    /// against floods, not against the last one.
    pub(crate) async fn guard(&self, planned: &BTreeSet<Uid>) -> Result<Option<Tripped>, Error> {
        let window = self.config.guard.window();
        let filter = Filter {
            types: vec!["RevocationRequested".into()],
            since: Timestamp::now().checked_sub(window).ok(),
            ..Filter::default()
        };
        let mut recent = BTreeSet::new();
        let mut cursor = None;
        loop {
            let page = self.store.query(&filter, Order::Oldest, cursor.as_ref(), 1000).await?;
            let automatic = page.events.iter().filter(|recorded| is_automatic(&recorded.event));
            recent.extend(automatic.filter_map(|recorded| recorded.stream.uid().cloned()));
            if !page.more {
                break;
            }
            cursor = Some(page.end);
        }
        let known = self.projection().await?.holders();
        Ok(self.config.guard.bounds().admit(planned, &recent, known).err())
    }
}

/// Whether the event is a request that a rule made.
const fn is_automatic(event: &Event) -> bool {
    matches!(event, Event::Access(AccessEvent::RevocationRequested { trigger, .. }) if trigger.is_automatic())
}
