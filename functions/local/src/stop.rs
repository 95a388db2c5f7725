//! Being told to stop.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

/// Set once the process was told to stop. What runs in the background looks at it between two steps.
pub(crate) static STOPPING: AtomicBool = AtomicBool::new(false);

/// Done at SIGTERM or SIGINT. Listens from now on, not from the first poll.
///
/// # Errors
/// The system lets nobody listen.
pub(crate) fn signalled() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        STOPPING.store(true, Ordering::Relaxed);
    })
}
