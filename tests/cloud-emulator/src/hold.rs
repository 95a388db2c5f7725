//! One call that is held on its way, so that its caller can be ended at exactly that point.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Where a call is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldPoint {
    /// It has arrived. It will not be carried out.
    Arrived,
    /// It is carried out. It will not be answered.
    CarriedOut,
}

/// A call that is to be held, or is. The call goes on when this is dropped: its connection breaks.
#[must_use]
pub struct HeldCall(Arc<Hold>);

impl HeldCall {
    /// Resolves when the call is there.
    pub async fn reached(&self) {
        // The sender is ours, so waiting cannot fail.
        let _ = self.0.reached.subscribe().wait_for(|reached| *reached).await;
    }
}

impl fmt::Debug for HeldCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldCall").field("reached", &*self.0.reached.borrow()).finish()
    }
}

impl Drop for HeldCall {
    fn drop(&mut self) {
        self.0.released.send_replace(true);
    }
}

#[derive(Debug)]
pub(crate) struct Hold {
    at: HoldPoint,
    reached: watch::Sender<bool>,
    released: watch::Sender<bool>,
}

impl Hold {
    pub(crate) fn is_at(&self, point: HoldPoint) -> bool {
        self.at == point
    }

    /// Says that the call is there, and waits until it is let go.
    pub(crate) async fn wait(&self) {
        self.reached.send_replace(true);
        let _ = self.released.subscribe().wait_for(|released| *released).await;
    }
}

/// The calls that are still to be held.
#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<Vec<Waiting>>);

/// A call that is still to be held.
#[derive(Debug)]
struct Waiting {
    /// Only calls of it count; all of them if there is none.
    operation: Option<String>,
    /// How many come before it.
    before: u64,
    hold: Arc<Hold>,
}

impl Holds {
    pub(crate) fn add(&self, operation: Option<&str>, nth: u64, at: HoldPoint) -> HeldCall {
        let hold =
            Arc::new(Hold { at, reached: watch::Sender::new(false), released: watch::Sender::new(false) });
        let operation = operation.map(ToOwned::to_owned);
        self.lock().push(Waiting { operation, before: nth.saturating_sub(1), hold: Arc::clone(&hold) });
        HeldCall(hold)
    }

    /// Counts a call that arrives. The hold, if this is the one.
    pub(crate) fn next(&self, operation: &str) -> Option<Arc<Hold>> {
        let counts = |waiting: &Waiting| waiting.operation.as_deref().is_none_or(|named| named == operation);
        let mut holds = self.lock();
        let found = holds.iter().position(|waiting| waiting.before == 0 && counts(waiting));
        let found = found.map(|index| holds.remove(index).hold);
        for waiting in holds.iter_mut().filter(|waiting| counts(waiting)) {
            waiting.before = waiting.before.saturating_sub(1);
        }
        found
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
