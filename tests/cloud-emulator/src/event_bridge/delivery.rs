//! From an accepted event to its targets: copies, order, loss, tries.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;
use rand::seq::SliceRandom;
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::sleep;

use super::rule::{Rule, Target};
use super::{Bus, Pattern, State, lock};

/// How long an incomplete collection of events waits for more before it is shuffled and sent.
const HOLD: Duration = Duration::from_millis(100);

/// An event that reached its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Name of the rule.
    pub rule: String,
    /// Name of the target.
    pub target: String,
    /// `id` of the event.
    pub event_id: String,
    /// How often it was tried.
    pub tries: usize,
}

/// An event whose last try failed.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// Name of the rule.
    pub rule: String,
    /// Name of the target.
    pub target: String,
    /// The event.
    pub event: Value,
    /// How often it was tried.
    pub tries: usize,
    /// Why the last try failed.
    pub error: String,
}

/// The way of events from a rule to one of its targets.
pub(crate) struct Line {
    pattern: Pattern,
    events: mpsc::UnboundedSender<Parcel>,
}

/// One copy of an event on its way to one target.
struct Parcel {
    event: Value,
    delay: Duration,
    jitter: f64,
    concurrency: usize,
    _pending: Pending,
}

/// Counts as pending for as long as it lives, so that nothing can be forgotten on any way out.
pub(crate) struct Pending(watch::Sender<usize>);

impl Pending {
    fn new(bus: &Bus) -> Self {
        bus.pending.send_modify(|pending| *pending += 1);
        Self(bus.pending.clone())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.send_modify(|pending| *pending -= 1);
    }
}

impl Bus {
    pub(crate) fn add_rule(self: &Arc<Self>, rule: Rule) {
        for target in rule.targets {
            let (events, parcels) = mpsc::unbounded_channel();
            self.spawn(carry(Arc::clone(self), rule.name.clone(), Arc::new(target), parcels));
            lock(&self.state).lines.push(Line { pattern: rule.pattern.clone(), events });
        }
    }

    /// Accepts an event: from here on it is pending.
    pub(crate) fn accept(self: &Arc<Self>, event: Value) {
        let mut state = lock(&self.state);
        let loss = state.disorder.loss;
        if loss > 0.0 && state.random.random::<f64>() < loss {
            state.lost += 1;
            return;
        }
        let first = state.held.is_empty();
        for _ in 0..state.disorder.copies.max(1) {
            state.held.push((event.clone(), Pending::new(self)));
        }
        if state.held.len() >= state.disorder.reorder {
            self.send(&mut state);
        } else if first {
            // The first of a collection: it must not wait for ever.
            let bus = Arc::clone(self);
            self.spawn(async move {
                sleep(HOLD).await;
                bus.release();
            });
        }
    }

    /// Sends what is held back.
    pub(crate) fn release(&self) {
        self.send(&mut lock(&self.state));
    }

    fn send(&self, state: &mut State) {
        let mut events = std::mem::take(&mut state.held);
        if state.disorder.reorder > 1 {
            events.shuffle(&mut state.random);
        }
        for (event, _pending) in events {
            let State { lines, random, disorder, .. } = &mut *state;
            for line in lines.iter().filter(|line| line.pattern.matches(&event)) {
                let parcel = Parcel {
                    event: event.clone(),
                    delay: disorder.delay,
                    jitter: random.random(),
                    concurrency: disorder.concurrency.max(1),
                    _pending: Pending::new(self),
                };
                // The carrier ends only with the bus.
                let _ = line.events.send(parcel);
            }
        }
    }

    fn delivered(&self, delivery: Delivery) {
        lock(&self.state).deliveries.push(delivery);
    }

    fn exhausted(&self, target: &Target, letter: DeadLetter) {
        tracing::warn!(rule = letter.rule, target = letter.target, tries = letter.tries, "event exhausted");
        if target.dead_letters {
            lock(&self.state).dead.push(letter);
        }
    }
}

/// Starts the first tries in order, as many at once as allowed. Repetitions hold up nobody.
async fn carry(
    bus: Arc<Bus>,
    rule: String,
    target: Arc<Target>,
    mut parcels: mpsc::UnboundedReceiver<Parcel>,
) {
    let slots = Arc::new(Semaphore::new(0));
    let mut open = 0;
    while let Some(parcel) = parcels.recv().await {
        // Slots follow the knob: more are added, surplus ones are taken out of use.
        while open < parcel.concurrency {
            slots.add_permits(1);
            open += 1;
        }
        while open > parcel.concurrency {
            if let Ok(surplus) = slots.acquire().await {
                surplus.forget();
            }
            open -= 1;
        }
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        let (at, rule, target) = (Arc::clone(&bus), rule.clone(), Arc::clone(&target));
        bus.spawn(async move {
            sleep(parcel.delay).await;
            let body = Bytes::from(parcel.event.to_string());
            let first = (target.deliver)(body.clone()).await;
            drop(slot);
            deliver(&at, rule, &target, parcel, body, first).await;
        });
    }
}

/// Repeats until a try succeeds or none is left.
async fn deliver(
    bus: &Bus,
    rule: String,
    target: &Target,
    parcel: Parcel,
    body: Bytes,
    first: Result<(), String>,
) {
    let mut pauses = target.retry.pauses(parcel.jitter).into_iter();
    let (mut outcome, mut tries) = (first, 1);
    let name = target.name.clone();
    while let Err(error) = outcome {
        tracing::debug!(rule, target = name, tries, error, "delivery failed");
        let Some(pause) = pauses.next() else {
            let event = parcel.event.clone();
            bus.exhausted(target, DeadLetter { rule, target: name, event, tries, error });
            return;
        };
        sleep(pause.mul_f64(bus.settings.time_scale)).await;
        outcome = (target.deliver)(body.clone()).await;
        tries += 1;
    }
    let event_id = parcel.event.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    bus.delivered(Delivery { rule, target: name, event_id, tries });
}
