//! The store behind the routes, opened when it is first asked.

use std::sync::Arc;

use http_api::{Principal, Problem};
use revocation::{Config, History, connect_history};
use tokio::sync::OnceCell;

use crate::as_of::AsOf;

/// Where the history is read. Cheap to clone.
#[derive(Clone)]
pub struct Archive(Arc<Place>);

struct Place {
    config: Config,
    opened: OnceCell<History>,
}

impl Archive {
    /// The store that the configuration names. As long as it does not exist, answers say so; nothing has to be started
    /// again once it does.
    pub fn at(config: Config) -> Self {
        Self(Arc::new(Place { config, opened: OnceCell::new() }))
    }

    /// A store that is open, for a process that also writes.
    pub fn of(history: History) -> Self {
        let opened = OnceCell::new_with(Some(history));
        Self(Arc::new(Place { config: Config::default(), opened }))
    }

    /// The history, as far as the one who asks may see it. That they ask is written down where that is configured.
    pub(crate) async fn history(&self, principal: &Principal) -> Result<History, Problem> {
        let all = self.0.opened.get_or_try_init(|| open(self.0.config.clone())).await?;
        Ok(all.within(principal.scope().clone()).asked_by(principal.actor()))
    }

    /// The same as of an instant, if one is given.
    pub(crate) async fn history_as_of(&self, principal: &Principal, at: AsOf) -> Result<History, Problem> {
        let history = self.history(principal).await?;
        match at.as_of {
            Some(instant) => Ok(history.as_of(instant, at.by).await?),
            None => Ok(history),
        }
    }
}

/// Opening blocks for as long as the file system takes.
async fn open(config: Config) -> Result<History, Problem> {
    match tokio::task::spawn_blocking(move || connect_history(&config)).await {
        Ok(opened) => Ok(opened?),
        Err(error) => Err(Problem::internal(error.to_string())),
    }
}
