//! The ActionTrail: one record for every write call, successful or not, in the order the calls were carried out.
//!
//! Records have the shape of "Management event structure" (ActionTrail documentation). Nothing is filtered here: a call
//! that failed is a record with `errorCode`, as in the real service.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::mpsc;

/// The records of one account, shared: a clone shows the same trail.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    records: Vec<Value>,
    subscribers: Vec<mpsc::UnboundedSender<Value>>,
}

impl Trail {
    /// An empty trail.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record and hands it to every subscriber.
    pub fn append(&self, record: Value) {
        let mut inner = self.lock();
        inner.subscribers.retain(|subscriber| subscriber.send(record.clone()).is_ok());
        inner.records.push(record);
    }

    /// Adds a record of the time before the emulator started. Subscribers do not get it, [`Trail::records`] shows it.
    pub(crate) fn remember(&self, record: Value) {
        self.lock().records.push(record);
    }

    /// Every record so far, oldest first.
    pub fn records(&self) -> Vec<Value> {
        self.lock().records.clone()
    }

    /// The records appended from now on, in order and without loss.
    pub fn subscribe(&self) -> mpsc::UnboundedReceiver<Value> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.lock().subscribers.push(sender);
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_subscriber_gets_what_is_appended_after_it_subscribed_and_nothing_from_before() {
        let trail = Trail::new();
        trail.remember(json!({"eventName": "CreateUser"}));
        trail.append(json!({"eventName": "CreateRole"}));
        let mut receiver = trail.subscribe();
        trail.append(json!({"eventName": "DeleteUser"}));
        assert_eq!(receiver.try_recv().expect("one record")["eventName"], "DeleteUser");
        assert!(receiver.try_recv().is_err());
        assert_eq!(trail.records().len(), 3);
    }
}
