//! What somebody with bounds sees of a projection: a copy that is made once for each state of the log, not at every question.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use kubeconfig::{Projection, Scope};

/// The latest copy.
#[derive(Default)]
pub(crate) struct Narrowed(Mutex<Option<Copy>>);

struct Copy {
    /// What it was made of. Not held: who catches up would have to copy all of it otherwise.
    of: Weak<Projection>,
    seen: Arc<Projection>,
}

impl Narrowed {
    /// The part of a projection that lies within a scope, always the same one.
    pub(crate) fn of(&self, whole: Arc<Projection>, scope: &Scope) -> Arc<Projection> {
        if scope.is_everything() {
            return whole;
        }
        // It is replaced as a whole: a panic elsewhere leaves it right.
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(copy) = latest.as_ref()
            && copy.of.upgrade().is_some_and(|of| Arc::ptr_eq(&of, &whole))
        {
            return copy.seen.clone();
        }
        let seen = Arc::new(whole.within(scope));
        *latest = Some(Copy { of: Arc::downgrade(&whole), seen: seen.clone() });
        seen
    }
}
