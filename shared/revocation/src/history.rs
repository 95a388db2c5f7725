//! The read side: what the console's panels show, and the events behind it. It never calls the cloud, and writes down nothing but
//! who looked.

use std::sync::Arc;

use event_store::{Cursor, EventStore, Filter, Order, Outbox};
use jiff::Timestamp;
use kubeconfig::projection::Sweep;
use kubeconfig::reading::{AccountKind, AccountState, ClusterState};
use kubeconfig::{
    Access, Actor, ClusterId, KubeconfigKey, Projection, Query, Recorded, RunId, Scope, Status, StreamId,
    Uid, cloud_event,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::Error;
use crate::ledger::{Ledger, Place};
use crate::narrowed::Narrowed;
use crate::past::{Folds, Past};
use crate::read_model::ReadModel;
use crate::views::{HeldIntakeView, PairView};

/// Pages that have nothing within a scope and are passed over in one answer.
const EMPTY_PAGES: u32 = 20;

/// Answers questions about what is stored. Cheap to clone.
#[derive(Clone)]
pub struct History {
    pub(crate) store: Arc<dyn EventStore>,
    /// Where it is written down who looked at what; without it nobody can take an export.
    pub(crate) ledger: Option<Ledger>,
    /// Who asks, where that is to be written down.
    asker: Option<Actor>,
    read_model: Arc<ReadModel>,
    pub(crate) folds: Arc<Folds>,
    narrowed: Arc<Narrowed>,
    pub(crate) scope: Scope,
    /// Absent: now.
    pub(crate) past: Option<Past>,
}

/// A cluster and everybody who has, or had, access to it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClusterPanel {
    /// Its id.
    pub cluster: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Its profile, e.g. `Acs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// One entry an identity.
    pub kubeconfigs: Vec<PairView>,
}

/// An identity and its access to every cluster.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IdentityPanel {
    /// Its id.
    pub uid: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `RamUser`, `RamRole` or `RootAccount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `Active`, `InActive` or `Deleted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// One entry a cluster; clusters that it never had access to are `NotIssued`.
    pub kubeconfigs: Vec<PairView>,
}

/// What waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HeldPanel {
    /// Revocations that wait for approval.
    pub revocations: Vec<PairView>,
    /// Deletions whose name could not be tied to one id.
    pub messages: Vec<HeldIntakeView>,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Overview {
    /// Clusters known.
    pub clusters: usize,
    /// Identities known, deleted ones included.
    pub identities: usize,
    /// Pairs by status.
    pub pairs: std::collections::BTreeMap<String, usize>,
    /// Pairs of deleted identities that still work.
    pub leftovers: usize,
    /// What waits for a person.
    pub held: usize,
    /// Revocations under way, or to be tried again.
    pub open: usize,
    /// Stored events that this version does not understand.
    pub unrecognised: usize,
    /// When the latest sweep began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub swept_at: Option<Timestamp>,
    /// Whether the latest sweep ended, and had seen everything.
    pub swept_everything: bool,
    /// Parts that it could not read, or runs before it whose rest it looked at. Each is in the log of the sweep.
    pub swept_unread: u32,
}

/// Part of a history.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventPage {
    /// CloudEvents 1.0.
    #[schema(value_type = Vec<Object>)]
    pub events: Vec<Value>,
    /// Asks for what follows; absent at the end. A page may have few events, or none, and a next one all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Types in the query that this version does not know: they are misspelt, or of a newer version.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_types: Vec<String>,
}

impl History {
    /// Reads from a store.
    pub fn new(store: Arc<dyn EventStore>) -> Self {
        let read_model = Arc::new(ReadModel::new(store.clone()));
        Self {
            read_model,
            store,
            ledger: None,
            asker: None,
            folds: Arc::default(),
            narrowed: Arc::default(),
            scope: Scope::EVERYTHING,
            past: None,
        }
    }

    /// Reads from a store, and appends to it who takes an export.
    pub fn recording(store: Arc<dyn EventStore>) -> Self {
        Self::new(store.clone()).with(Ledger::new(Place::Log(store)))
    }

    /// Reads from a store that it may not append to, and leaves in an outbox who takes an export.
    pub fn leaving(store: Arc<dyn EventStore>, outbox: Outbox) -> Self {
        Self::new(store).with(Ledger::new(Place::Outbox(outbox)))
    }

    pub(crate) fn with(self, ledger: Ledger) -> Self {
        Self { ledger: Some(ledger), ..self }
    }

    /// The same, where also who searches for what is written down or is not.
    #[must_use]
    pub fn noting_searches(self, searches: bool) -> Self {
        Self { ledger: self.ledger.map(|ledger| ledger.noting_searches(searches)), ..self }
    }

    /// The same for somebody whose questions are to be written down, where it is written down at all who asks what.
    #[must_use]
    pub fn asked_by(&self, actor: Actor) -> Self {
        Self { asker: Some(actor), ..self.clone() }
    }

    /// Writes down who asks a question, before it is answered, and says under which run.
    pub(crate) async fn note(&self, query: &Query) -> Result<Option<RunId>, Error> {
        match (&self.ledger, &self.asker) {
            (Some(ledger), Some(actor)) => ledger.asked(query, actor).await,
            _ => Ok(None),
        }
    }

    /// The same for somebody who has bounds: what lies out of them does not exist there.
    #[must_use]
    pub fn within(&self, scope: Scope) -> Self {
        Self { scope, narrowed: Arc::default(), ..self.clone() }
    }

    /// The same as of an instant.
    pub(crate) fn at(&self, past: Past) -> Self {
        Self { past: Some(past), narrowed: Arc::default(), ..self.clone() }
    }

    /// The instant that answers are about.
    pub fn now(&self) -> Timestamp {
        self.past.as_ref().map_or_else(Timestamp::now, |past| past.at)
    }

    /// Everything the log adds up to, as of the instant that answers are about, within the scope.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn projection(&self) -> Result<Arc<Projection>, Error> {
        let projection = match &self.past {
            Some(past) => past.projection.clone(),
            None => self.read_model.catch_up().await?,
        };
        Ok(self.narrowed.of(projection, &self.scope))
    }

    /// The same, and the place in the log up to which it goes.
    pub(crate) async fn position(&self) -> Result<(Arc<Projection>, Cursor), Error> {
        self.read_model.catch_up_to().await
    }

    /// When the store was sealed last, for everybody, whatever their bounds; `None`: never.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn sealed_at(&self) -> Result<Option<Timestamp>, Error> {
        Ok(seal::latest(self.store.as_ref()).await?.map(|latest| latest.recorded_at))
    }

    /// The signed checkpoint of the latest seal, for everybody, whatever their bounds; `None`: nothing was ever sealed.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn checkpoint(&self) -> Result<Option<String>, Error> {
        Ok(seal::latest(self.store.as_ref()).await?.map(|latest| latest.seal.checkpoint))
    }

    /// Every cluster, without its kubeconfigs.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn clusters(&self) -> Result<Vec<ClusterPanel>, Error> {
        let projection = self.projection().await?;
        Ok(projection.clusters.keys().map(|id| panel_of(id, &projection, vec![])).collect())
    }

    /// The panel of one cluster; `None` if nothing is known of it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn cluster(&self, id: &ClusterId) -> Result<Option<ClusterPanel>, Error> {
        let projection = self.projection().await?;
        let pairs = views(&projection, self.now(), |key, _| key.cluster == *id);
        let known = projection.clusters.contains_key(id) || !pairs.is_empty();
        Ok(known.then(|| panel_of(id, &projection, pairs)))
    }

    /// The panel of one identity; `None` if nothing is known of it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn identity(&self, uid: &Uid) -> Result<Option<IdentityPanel>, Error> {
        let projection = self.projection().await?;
        let identity = projection.identities.get(uid);
        let mut pairs = views(&projection, self.now(), |key, _| key.uid == *uid);
        if identity.is_none() && pairs.is_empty() {
            return Ok(None);
        }
        let at = self.now();
        for id in projection.clusters.keys() {
            if !pairs.iter().any(|pair| pair.cluster == id.as_str()) {
                let key = KubeconfigKey { cluster: id.clone(), uid: uid.clone() };
                pairs.push(never_issued(&key, &projection, at));
            }
        }
        pairs.sort_by(|a, b| a.cluster.cmp(&b.cluster));
        Ok(Some(IdentityPanel {
            uid: uid.to_string(),
            name: identity.map(|identity| identity.name.to_string()),
            kind: identity.map(|identity| identity.kind.to_string()),
            state: identity.map(|identity| identity.state.to_string()),
            kubeconfigs: pairs,
        }))
    }

    /// One pair; `None` if it was never read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn pair(&self, key: &KubeconfigKey) -> Result<Option<PairView>, Error> {
        let projection = self.projection().await?;
        let access = projection.accesses.get(key);
        Ok(access.map(|access| PairView::new(key, access, &projection, self.now())))
    }

    /// Every pair that passes.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn pairs(&self, pass: impl Fn(&PairView) -> bool) -> Result<Vec<PairView>, Error> {
        let projection = self.projection().await?;
        let mut pairs = views(&projection, self.now(), |_, _| true);
        pairs.retain(|pair| pass(pair));
        Ok(pairs)
    }

    /// What deleted users and roles have left behind and still works: files or permissions.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn leftovers(&self) -> Result<Vec<PairView>, Error> {
        self.pairs(is_leftover).await
    }

    /// What waits for a person.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn held(&self) -> Result<HeldPanel, Error> {
        let projection = self.projection().await?;
        let messages = projection.intakes.iter();
        Ok(HeldPanel {
            revocations: self.pairs(is_held).await?,
            messages: messages
                .filter_map(|(id, (at, intake))| HeldIntakeView::new(*id, *at, intake))
                .collect(),
        })
    }

    /// How things stand.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn overview(&self) -> Result<Overview, Error> {
        let projection = self.projection().await?;
        let pairs = self.pairs(|_| true).await?;
        let held = self.held().await?;
        let mut by_status = std::collections::BTreeMap::new();
        for pair in &pairs {
            *by_status.entry(pair.status.to_string()).or_insert(0) += 1;
        }
        let open = pairs.iter().filter(|pair| pair.open_revocation.is_some()).count();
        let sweep = projection.sweep.as_ref();
        Ok(Overview {
            clusters: projection.clusters.len(),
            identities: projection.identities.len(),
            pairs: by_status,
            leftovers: pairs.iter().filter(|pair| is_leftover(pair)).count(),
            open: open - held.revocations.len(),
            held: held.revocations.len() + held.messages.len(),
            unrecognised: projection.unrecognised.len(),
            swept_at: sweep.map(|sweep| sweep.started_at),
            swept_everything: sweep.is_some_and(Sweep::saw_everything),
            swept_unread: sweep.map_or(0, Sweep::unread),
        })
    }

    /// Events that a query asks for, a page at a time.
    ///
    /// # Errors
    /// The query has a name that is not known or may mean several, the store cannot be read, or the cursor belongs to
    /// another question.
    pub async fn events(
        &self,
        query: &Query,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<EventPage, Error> {
        let found = self.search(query, order, after, limit).await?;
        Ok(EventPage {
            events: found.events.iter().map(cloud_event).collect(),
            next: found.more.then(|| found.end.to_string()),
            unknown_types: query.unknown_types().into_iter().map(str::to_owned).collect(),
        })
    }

    /// Events as the store finds them, for programs that need no language; of the past, those that count there.
    ///
    /// # Errors
    /// The store cannot be read, or the cursor belongs to another question.
    pub async fn recorded(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<Recorded>, Cursor, bool), Error> {
        let narrowed = self.past.as_ref().map(|past| past.narrowed(filter));
        let filter = narrowed.as_ref().unwrap_or(filter);
        let seen = if self.scope.is_everything() { None } else { Some(self.projection().await?) };
        let counts = |event: &Recorded| {
            self.past.as_ref().is_none_or(|past| past.has(event))
                && seen.as_ref().is_none_or(|seen| self.shows(&event.stream, seen))
        };
        let (mut after, mut empty) = (after.copied(), 0);
        loop {
            let mut page = self.store.query(filter, order, after.as_ref(), limit).await?;
            page.events.retain(counts);
            if !page.events.is_empty() || !page.more || empty == EMPTY_PAGES {
                return Ok((page.events, page.end, page.more));
            }
            (after, empty) = (Some(page.end), empty + 1);
        }
    }

    /// Whether events of a stream lie within the scope. Messages and runs are about everybody.
    pub(crate) fn shows(&self, stream: &StreamId, projection: &Projection) -> bool {
        match stream {
            StreamId::Kubeconfig(key) => self.scope.admits(key),
            StreamId::Identity(uid) => projection.identities.contains_key(uid),
            StreamId::Cluster(id) => projection.clusters.contains_key(id),
            StreamId::Intake(_) | StreamId::Run(_) => self.scope.is_everything(),
        }
    }
}

fn views(
    projection: &Projection,
    at: Timestamp,
    pass: impl Fn(&KubeconfigKey, &Access) -> bool,
) -> Vec<PairView> {
    let pairs = projection.accesses.iter().filter(|(key, access)| pass(key, access));
    pairs.map(|(key, access)| PairView::new(key, access, projection, at)).collect()
}

/// The sweep looks at every identity's access to every cluster and stores only what there is: no pair means none was
/// issued. Before the first look at an identity, and where a part could not be read, nobody knows.
fn never_issued(key: &KubeconfigKey, projection: &Projection, at: Timestamp) -> PairView {
    let mut pair = PairView::new(key, &Access::default(), projection, at);
    let looked = projection.sweep.as_ref().is_some_and(Sweep::saw_everything);
    let gone = projection.clusters.get(&key.cluster).is_some_and(|c| c.state == ClusterState::Deleted);
    if looked && !gone {
        pair.status = Status::NotIssued;
    }
    pair
}

fn panel_of(id: &ClusterId, projection: &Projection, kubeconfigs: Vec<PairView>) -> ClusterPanel {
    let cluster = projection.clusters.get(id);
    ClusterPanel {
        cluster: id.to_string(),
        name: cluster.map(|cluster| cluster.name.clone()),
        region: cluster.map(|cluster| cluster.region.clone()),
        state: cluster.map(|cluster| cluster.state.to_string()),
        profile: cluster.map(|cluster| cluster.profile.clone()),
        kubeconfigs,
    }
}

fn is_leftover(pair: &PairView) -> bool {
    let deleted = pair.account_state.as_deref() == Some(AccountState::Deleted.as_str());
    let person = pair.account_kind.as_deref() != Some(AccountKind::RootAccount.as_str());
    deleted && person && pair.status.is_deletable()
}

fn is_held(pair: &PairView) -> bool {
    pair.open_revocation.as_ref().is_some_and(|revocation| revocation.held_because.is_some())
}
