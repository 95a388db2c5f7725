//! What the history does not know, and why: an empty answer must not look like a clean bill of health.

use std::fmt;

use event_store::{Filter, Order};
use jiff::Timestamp;
use kubeconfig::{ClusterId, KubeconfigKey, Projection, Uid};

use crate::error::Error;
use crate::history::History;

/// Why an answer that is empty says nothing: nobody had looked at everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The instant that is asked about; absent: now.
    at: Option<Timestamp>,
    /// When the first event was stored; absent: there is none.
    begins: Option<Timestamp>,
}

impl Silence {
    /// Whether it is about the present, and a sweep would end it.
    pub const fn is_now(&self) -> bool {
        self.at.is_none()
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at, self.begins) {
            (None, None) => write!(f, "nothing is known yet: the first sweep begins the history"),
            (None, Some(_)) => write!(f, "no sweep has ended yet: nobody has looked at everything"),
            (Some(at), None) => write!(f, "nothing was known at {}: nothing is stored yet", second(at)),
            (Some(at), Some(begins)) if at < begins => {
                write!(f, "nothing was known at {}: the history begins at {}", second(at), second(begins))
            }
            (Some(at), Some(_)) => {
                write!(f, "no sweep had ended by {}: nobody had looked at everything", second(at))
            }
        }
    }
}

fn second(at: Timestamp) -> impl fmt::Display {
    at.strftime("%Y-%m-%dT%H:%M:%SZ")
}

impl History {
    /// Why an empty answer says nothing; `None`: a sweep had ended, and where it found nothing there was nothing.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn silence(&self) -> Result<Option<Silence>, Error> {
        if self.projection().await?.swept_at.is_some() {
            return Ok(None);
        }
        let first = self.store.query(&Filter::default(), Order::Oldest, None, 1).await?;
        let begins = first.events.first().map(|event| event.recorded_at);
        Ok(Some(Silence { at: self.past.as_ref().map(|past| past.at), begins }))
    }

    /// That nothing is known of a cluster, for people. Whoever took a name for an id is told the id.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn nothing_of_cluster(&self, cluster: &ClusterId) -> Result<String, Error> {
        match ids_of_name(&*self.projection().await?, cluster) {
            Some(named) => Ok(named),
            None => self.nothing_of(&format!("cluster {cluster}")).await,
        }
    }

    /// That nothing is known of an identity, for people.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn nothing_of_identity(&self, uid: &Uid) -> Result<String, Error> {
        self.nothing_of(&format!("identity {uid}")).await
    }

    /// That nothing is known of a pair, for people. Whoever took a cluster's name for its id is told the id.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn nothing_of_pair(&self, key: &KubeconfigKey) -> Result<String, Error> {
        match ids_of_name(&*self.projection().await?, &key.cluster) {
            Some(named) => Ok(named),
            None => self.nothing_of(&format!("kubeconfig {key}")).await,
        }
    }

    async fn nothing_of(&self, what: &str) -> Result<String, Error> {
        let nothing = match &self.past {
            None => format!("the history knows nothing of {what}"),
            Some(past) => format!("at {} the history knew nothing of {what}", second(past.at)),
        };
        Ok(match self.silence().await? {
            None => nothing,
            Some(silence) => format!("{nothing}; {silence}"),
        })
    }
}

/// What somebody is told who took the name of clusters for an id.
fn ids_of_name(projection: &Projection, written: &ClusterId) -> Option<String> {
    let named = projection.clusters.iter().filter(|(_, cluster)| cluster.name == written.as_str());
    let ids: Vec<&str> = named.map(|(id, _)| id.as_str()).collect();
    let ids = (!ids.is_empty()).then(|| ids.join(" or "))?;
    Some(format!("`{written}` is the name of a cluster, not its id: {ids}"))
}
