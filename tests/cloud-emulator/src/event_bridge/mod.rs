//! An emulated EventBridge: the default bus of one region.
//!
//! It takes the records of the trail, wraps them as CloudEvents, and delivers those that rules want at least once, as
//! `Disorder` says also late, twice, in another order or never.

mod cloud_event;
mod delivery;
mod pattern;
mod rule;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

pub use delivery::{DeadLetter, Delivery};
pub use pattern::{Pattern, PatternError};
pub use rule::{PushRetryStrategy, Rule, Target};

/// What the bus does to events on their way.
#[derive(Debug, Clone, PartialEq)]
pub struct Disorder {
    /// Seed of every choice.
    pub seed: u64,
    /// How often each event is delivered; 1 is once.
    pub copies: usize,
    /// Events are collected up to this many and shuffled; 0 and 1 keep the order. An incomplete collection goes out after
    /// 100 ms, or at once when somebody waits for [`EventBridge::idle`].
    pub reorder: usize,
    /// Every delivery starts this much later (real time).
    pub delay: Duration,
    /// Share of events that are lost, 0 to 1.
    pub loss: f64,
    /// How many deliveries to one target run at once. With 1, first tries keep the order.
    pub concurrency: usize,
}

impl Default for Disorder {
    fn default() -> Self {
        Self { seed: 0, copies: 1, reorder: 0, delay: Duration::ZERO, loss: 0.0, concurrency: 1 }
    }
}

/// Where the bus is and how fast its time goes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Account id.
    pub account_id: String,
    /// Region id of the bus. RAM events land in `cn-hangzhou` (inside mainland China) or `ap-southeast-1`.
    pub region: String,
    /// Factor on every waiting time between retries.
    pub time_scale: f64,
}

/// The default bus. A clone is the same bus; with the last one deliveries end.
#[derive(Clone)]
pub struct EventBridge {
    bus: Arc<Bus>,
    _guard: Arc<EndOfWork>,
}

pub(crate) struct Bus {
    settings: Settings,
    state: Mutex<State>,
    trails: Mutex<Vec<mpsc::UnboundedReceiver<Value>>>,
    /// Events accepted and not yet delivered, dead or lost, counted by copy and target.
    pending: watch::Sender<usize>,
    /// Wakes the feed when a trail is connected.
    connected: watch::Sender<usize>,
    work: Mutex<JoinSet<()>>,
}

pub(crate) struct State {
    disorder: Disorder,
    random: StdRng,
    lines: Vec<delivery::Line>,
    held: Vec<(Value, delivery::Pending)>,
    deliveries: Vec<Delivery>,
    dead: Vec<DeadLetter>,
    lost: usize,
}

struct EndOfWork(Arc<Bus>);

impl Drop for EndOfWork {
    fn drop(&mut self) {
        lock(&self.0.work).abort_all();
    }
}

impl EventBridge {
    /// A bus without rules. Must be used inside a tokio runtime.
    pub fn new(settings: Settings) -> Self {
        let disorder = Disorder::default();
        let state = State {
            random: StdRng::seed_from_u64(disorder.seed),
            disorder,
            lines: Vec::new(),
            held: Vec::new(),
            deliveries: Vec::new(),
            dead: Vec::new(),
            lost: 0,
        };
        let bus = Arc::new(Bus {
            settings,
            state: Mutex::new(state),
            trails: Mutex::default(),
            pending: watch::Sender::new(0),
            connected: watch::Sender::new(0),
            work: Mutex::default(),
        });
        bus.spawn(feed(Arc::clone(&bus)));
        Self { _guard: Arc::new(EndOfWork(Arc::clone(&bus))), bus }
    }

    /// Adds a rule. It sees the events published from now on.
    pub fn add_rule(&self, rule: Rule) {
        self.bus.add_rule(rule);
    }

    /// Changes what happens to events published from now on, and starts the random choices anew.
    pub fn set_disorder(&self, disorder: Disorder) {
        let mut state = lock(&self.bus.state);
        state.random = StdRng::seed_from_u64(disorder.seed);
        state.disorder = disorder;
    }

    /// Publishes the ActionTrail records of a channel, as they come, wrapped as CloudEvents.
    pub fn connect(&self, trail: mpsc::UnboundedReceiver<Value>) {
        lock(&self.bus.trails).push(trail);
        self.bus.connected.send_modify(|count| *count += 1);
    }

    /// Publishes an event (a whole CloudEvent).
    pub fn publish(&self, event: Value) {
        self.bus.accept(event);
    }

    /// Resolves when everything accepted is delivered, dead, dropped or lost; records that wait in a connected trail count as
    /// accepted. A target of [`Target::function_async`] has by then accepted the event, not handled it: wait for
    /// [`FunctionCompute::idle`](crate::function_compute::FunctionCompute::idle) as well.
    pub async fn idle(&self) {
        self.bus.drain_trails();
        self.bus.release();
        // The sender is ours, so waiting cannot fail.
        let _ = self.bus.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Every delivery that succeeded, in the order of success.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.bus.state).deliveries.clone()
    }

    /// Events whose last try failed, for targets that keep them.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        lock(&self.bus.state).dead.clone()
    }

    /// How many events were lost on purpose.
    pub fn lost(&self) -> usize {
        lock(&self.bus.state).lost
    }
}

impl Bus {
    /// Accepts every record that waits in a trail. The lock is held until they count as pending: whoever looks later sees a
    /// record in the trail or as pending, never in between.
    fn drain_trails(self: &Arc<Self>) {
        for trail in lock(&self.trails).iter_mut() {
            while let Ok(record) = trail.try_recv() {
                self.accept_record(record);
            }
        }
    }

    fn accept_record(self: &Arc<Self>, record: Value) {
        let Settings { account_id, region, .. } = &self.settings;
        if let Some(event) = cloud_event::from_action_trail(record, account_id, region, Timestamp::now()) {
            self.accept(event);
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut work = lock(&self.work);
        while work.try_join_next().is_some() {}
        work.spawn(task);
    }
}

/// Accepts records from the trails as they come. Never done.
async fn feed(bus: Arc<Bus>) {
    let mut connected = bus.connected.subscribe();
    loop {
        let records = std::future::poll_fn(|cx| -> Poll<()> {
            for trail in lock(&bus.trails).iter_mut() {
                // A closed trail gives None for ever: nothing to wait for.
                while let Poll::Ready(Some(record)) = trail.poll_recv(cx) {
                    bus.accept_record(record);
                }
            }
            Poll::Pending
        });
        // A new trail has not been polled yet: begin again.
        tokio::select! {
            () = records => {}
            _ = connected.changed() => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
