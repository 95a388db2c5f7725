//! Several processes on Tablestore tell the same targets: each message once, and after a crash once more under its id.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cloud_emulator::{Emulator, Options, Scenario};
use event_store::{EventStore, Filter, Order, TablestoreStore};
use futures::future::join_all;
use revocation::{Cause, Config, Reaper, TimeBudget};

use crate::notifying::{KEY, config, tell, tell_all};
use crate::receiver::{Answer, Receiver};
use crate::world::{client, tables};

/// The tables of an emulated account, and what is told from them.
struct Account {
    emulator: Emulator,
    receiver: Receiver,
}

impl Account {
    async fn new() -> Self {
        let emulator = Emulator::start(Scenario::believable(), Options::default()).await.unwrap();
        let account = Self { emulator, receiver: Receiver::start().await };
        account.store().set_up().await.unwrap();
        account
    }

    /// A store with a client of its own, as a process has it.
    fn store(&self) -> TablestoreStore {
        tables(&self.emulator, false)
    }

    fn process(&self, more: &[(&str, &str)]) -> Reaper {
        Reaper::new(Arc::new(self.store()), client(&self.emulator), config(&self.receiver, more))
    }

    /// Lets the target follow the log, and then lets much happen that is not told.
    async fn with_news(&self) {
        tell(&self.process(&[])).await;
        let quiet = Reaper::new(Arc::new(self.store()), client(&self.emulator), Config::default());
        let timer = Cause::new(kubeconfig::Actor::timer());
        quiet.sweep(&timer, TimeBudget::UNLIMITED).await.unwrap();
    }

    async fn stored(&self, kind: &str) -> usize {
        let filter = Filter { types: vec![kind.into()], ..Filter::default() };
        self.store().query(&filter, Order::Oldest, None, 1000).await.unwrap().events.len()
    }
}

fn ids(receiver: &mut Receiver) -> Vec<String> {
    receiver.all().iter().map(|request| request.signed_id(KEY)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn none_is_sent_twice_while_all_processes_live() {
    let mut account = Account::new().await;
    account.with_news().await;
    let processes: Vec<Reaper> = (0..3).map(|_| account.process(&[])).collect();
    let delivered = tell_all(&processes).await;
    let ids = ids(&mut account.receiver);
    assert!(delivered > 3, "{delivered}");
    assert_eq!(ids.len(), delivered as usize, "what was sent is what was taken");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "each once");
    assert_eq!(account.stored("NotificationAnnounced").await, ids.len());
    assert_eq!(account.stored("NotificationDelivered").await, ids.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_process_had_in_hand_when_it_died_is_sent_once_more_and_nothing_else_is() {
    let mut account = Account::new().await;
    account.with_news().await;
    account.receiver.answer([Answer::Silence]);
    let lease = [("REAPER_NOTIFY_LEASE_SECONDS", "1")];
    let doomed = account.process(&lease);
    let doomed = tokio::spawn(async move { tell(&doomed).await });
    let in_hand = account.receiver.next().await.signed_id(KEY);
    doomed.abort();

    let survivors = [account.process(&lease), account.process(&lease)];
    let all = async {
        // Until the lease of the dead is over, both leave its target alone.
        while account.stored("NotificationDelivered").await == 0 {
            join_all(survivors.iter().map(tell)).await;
        }
        tell_all(&survivors).await;
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.unwrap();
    let ids = ids(&mut account.receiver);
    assert_eq!(ids.iter().filter(|id| **id == in_hand).count(), 1, "the repeat has the id of the first");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "all others came once");
}
