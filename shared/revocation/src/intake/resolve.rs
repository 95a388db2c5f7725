//! Whose name was it? A deletion names a user, the cloud wants a number, and names are reused: the answer is looked for
//! as of the time of the deletion, and is never guessed.

use alibaba_cloud::actiontrail::{LookupBy, TrailEvent};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::intake::{Deletion, ResolvedBy, Unresolved};
use kubeconfig::reading::{AccountKind, AccountState};
use kubeconfig::{Bearer, Uid};

use crate::error::Error;
use crate::reading::all;
use crate::reaper::Reaper;

/// How far the time in the recycle bin may lie from the time in the message.
const RECYCLE_TOLERANCE: SignedDuration = SignedDuration::from_mins(10);

/// Creation records are asked for over this long, the reach of ActionTrail's lookup (unconfirmed).
const TRAIL_REACH: SignedDuration = SignedDuration::from_hours(90 * 24);

type Resolution = Result<(Uid, ResolvedBy), Unresolved>;

impl Reaper {
    /// Looks in five places, the strongest first. The first that knows anybody decides; if it knows several, a person
    /// has to.
    pub(super) async fn resolve(&self, deletion: &Deletion) -> Result<Resolution, Error> {
        if let Some(uid) = &deletion.uid {
            return Ok(Ok((uid.clone(), ResolvedBy::Message)));
        }
        let (kind, name, at) = (&deletion.kind, deletion.name.as_str(), deletion.deleted_at);
        let history = self.projection().await?.directory.bearer(kind, name, at);
        if let Some(resolution) = decided(history, ResolvedBy::History) {
            return Ok(resolution);
        }
        if *kind == AccountKind::RamUser
            && let Some(resolution) = decided(self.in_recycle_bin(name, at).await?, ResolvedBy::RecycleBin)
        {
            return Ok(resolution);
        }
        if let Some(resolution) = decided(self.in_audit_trail(kind, name, at).await, ResolvedBy::AuditTrail) {
            return Ok(resolution);
        }
        let listed = decided(self.in_cluster_listings(kind, name).await?, ResolvedBy::ClusterListing);
        Ok(listed.unwrap_or(Err(Unresolved::NobodyFound)))
    }

    async fn in_recycle_bin(&self, name: &str, at: Timestamp) -> Result<Bearer, Error> {
        let near = |time: Timestamp| time.duration_since(at).abs() <= RECYCLE_TOLERANCE;
        let users = all(self.cloud.ims().recycled_users(None)).await?;
        let users = users.into_iter().filter(|user| user.name() == name && user.recycled.is_some_and(near));
        Ok(Bearer::among(users.map(|user| user.uid)))
    }

    /// The audit trail may be out of reach for this role; that is no reason to stop.
    async fn in_audit_trail(&self, kind: &AccountKind, name: &str, at: Timestamp) -> Bearer {
        let from = at.checked_sub(TRAIL_REACH).unwrap_or(Timestamp::MIN);
        let event = if *kind == AccountKind::RamRole { "CreateRole" } else { "CreateUser" };
        let by = LookupBy::EventName(event.into());
        match all(self.cloud.action_trail().events(&by, from, at)).await {
            Ok(events) => Bearer::among(
                events
                    .iter()
                    .filter_map(TrailEvent::created_identity)
                    .filter(|created| created.name == name && created.created <= at)
                    .map(|created| created.uid),
            ),
            Err(error) => {
                tracing::warn!(error = %error, "the audit trail could not be asked for a creation");
                Bearer::Nobody
            }
        }
    }

    async fn in_cluster_listings(&self, kind: &AccountKind, name: &str) -> Result<Bearer, Error> {
        let mut found = vec![];
        for cluster in all(self.cloud.cs().clusters()).await? {
            let entries = all(self.cloud.cs().cluster_kubeconfigs(&cluster.id)).await?;
            let fits = entries.into_iter().filter(|entry| {
                entry.account.state == AccountState::Deleted
                    && entry.account.kind == *kind
                    && entry.account_name == name
            });
            found.extend(fits.map(|entry| entry.key.uid));
        }
        Ok(Bearer::among(found))
    }
}

/// What a place has to say, if it knows anybody.
fn decided(bearer: Bearer, by: ResolvedBy) -> Option<Resolution> {
    match bearer {
        Bearer::One(uid) => Some(Ok((uid, by))),
        Bearer::Several(candidates) => Some(Err(Unresolved::Ambiguous { candidates })),
        Bearer::Nobody => None,
    }
}
