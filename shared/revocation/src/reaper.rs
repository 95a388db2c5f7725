//! What every use case works with: the store, the cloud, the configuration and the read model.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use alibaba_cloud::Client;
use alibaba_cloud::sts::Caller;
use event_store::{AppendError, Commit, EventStore, Outbox, load_stream};
use jiff::Timestamp;
use kubeconfig::access::{self, Command, Context, Protections};
use kubeconfig::{Access, Event, KubeconfigKey, Projection, Recorded, StreamId, Uid};
use measure::Measure;
use tokio::sync::OnceCell;

use crate::cause::Cause;
use crate::config::Config;
use crate::error::Error;
use crate::history::History;
use crate::notify::Followed;

/// How often a decision is made anew because another writer was faster.
const CONFLICT_RETRIES: u32 = 64;

/// The use cases. Share it behind an [`Arc`].
pub struct Reaper {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) cloud: Client,
    pub(crate) config: Config,
    history: History,
    caller: OnceCell<Caller>,
    pub(crate) followed: Followed,
    /// What others leave that may not append.
    pub(crate) outbox: Option<Outbox>,
}

/// A stream after a decision.
pub(crate) struct Transaction {
    /// The whole stream, with what is new.
    pub(crate) history: Vec<Recorded>,
    /// What is new; empty where nothing changed.
    pub(crate) recorded: Vec<Recorded>,
}

impl Reaper {
    /// Puts the parts together. Nothing is called and nothing is read yet.
    pub fn new(store: Arc<dyn EventStore>, cloud: Client, config: Config) -> Self {
        Self {
            history: History::recording(store.clone()).noting_searches(config.history.record_searches),
            outbox: None,
            store,
            cloud,
            config,
            caller: OnceCell::new(),
            followed: Followed::default(),
        }
    }

    /// The same, with an outbox that its sweeps take over.
    #[must_use]
    pub fn relaying(self, outbox: Outbox) -> Self {
        Self { outbox: Some(outbox), ..self }
    }

    /// The configuration in use.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// The store, for what is done with its commits themselves.
    pub const fn store(&self) -> &Arc<dyn EventStore> {
        &self.store
    }

    /// The read side.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Everything the log adds up to, as of now.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn projection(&self) -> Result<Arc<Projection>, Error> {
        self.history.projection().await
    }

    /// Whose credentials these are. Asked for once.
    pub(crate) async fn caller(&self) -> Result<&Caller, Error> {
        let sts = self.cloud.sts();
        Ok(self.caller.get_or_try_init(|| sts.caller()).await?)
    }

    /// Who is never touched. Without knowing the caller nothing can be decided: that is an error, not an empty list.
    pub(crate) async fn protections(&self) -> Result<Protections, Error> {
        let caller = self.caller().await?;
        Ok(Protections {
            roots: BTreeSet::from([caller.account.clone()]),
            callers: caller.uid().into_iter().cloned().collect(),
            function_roles: self.config.function_roles.iter().cloned().collect(),
            protected: self.config.protected.iter().cloned().collect(),
        })
    }

    /// Decides on a stream and stores the outcome, again from the start whenever another writer was faster.
    pub(crate) async fn transact<E>(
        &self,
        stream: StreamId,
        cause: &Cause,
        occurred_at: Timestamp,
        decide: impl Fn(&[Recorded]) -> Result<Vec<Event>, E> + Send,
    ) -> Result<Transaction, Error>
    where
        Error: From<E>,
    {
        let mut tries = 0;
        loop {
            let mut history = load_stream(self.store.as_ref(), &stream).await?;
            let events = decide(&history)?;
            if events.is_empty() {
                return Ok(Transaction { history, recorded: vec![] });
            }
            let expected = history.last().map_or(0, |last| last.version);
            let commit = Commit { stream: stream.clone(), expected, events: cause.wrap(events, occurred_at) };
            let started = Instant::now();
            let appended = self.store.append(commit).await;
            let outcome = match &appended {
                Ok(_) => "ok",
                Err(AppendError::Conflict { .. }) => "conflict",
                Err(_) => "error",
            };
            Measure::Append { outcome, took: started.elapsed() }.emit();
            match appended {
                Ok(appended) => {
                    let types = appended.recorded.iter().map(|recorded| recorded.event.type_name());
                    for step in types.filter(|name| name.starts_with("Revocation")) {
                        Measure::Revocation { step: &step }.emit();
                    }
                    history.extend(appended.recorded.iter().cloned());
                    return Ok(Transaction { history, recorded: appended.recorded });
                }
                Err(AppendError::Conflict { .. }) if tries < CONFLICT_RETRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Gives a command to a pair. Answers the pair as it is now, and what is new.
    pub(crate) async fn execute(
        &self,
        key: &KubeconfigKey,
        command: &Command,
        cause: &Cause,
    ) -> Result<(Access, Vec<Recorded>), Error> {
        let protections = self.protections().await?;
        let now = Timestamp::now();
        let context =
            Context { key, now, actor: &cause.actor, policy: &self.config.policy, protections: &protections };
        let transaction = self
            .transact(key.clone().into(), cause, now, |history| {
                let events = access::decide(&Access::replay(history), command, &context)?;
                Ok::<_, Error>(events.into_iter().map(Event::Access).collect())
            })
            .await?;
        Ok((Access::replay(&transaction.history), transaction.recorded))
    }

    /// The pair as its stream tells it: what decisions are made from, never the read model.
    pub(crate) async fn access(&self, key: &KubeconfigKey) -> Result<Access, Error> {
        Ok(Access::replay(&load_stream(self.store.as_ref(), &key.clone().into()).await?))
    }

    /// What the history knows of an identity's kind and name.
    pub(crate) async fn known_identity(
        &self,
        uid: &Uid,
    ) -> Result<Option<kubeconfig::identity::Identity>, Error> {
        Ok(self.projection().await?.identities.get(uid).cloned())
    }
}
