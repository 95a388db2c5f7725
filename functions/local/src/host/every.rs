//! What is done over and over, until the process is told to stop.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::time::MissedTickBehavior;

/// Does the work at once and then every interval, never twice at the same time.
///
/// A stop lets work that has begun come to its end. A panic is in the log, and does not end this: work that is repeated
/// keeps nothing in memory that a panic could leave half done.
pub(super) async fn every<W>(
    interval: Duration,
    stop: impl Future<Output = ()> + Send,
    work: impl Fn() -> W + Send,
) where
    W: Future<Output = ()> + Send,
{
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = ticks.tick() => {}
        }
        let _ = AssertUnwindSafe(work()).catch_unwind().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use tokio::sync::{Notify, oneshot};

    use super::*;

    #[tokio::test]
    async fn what_panics_is_done_again() {
        let (times, enough) = (AtomicU32::new(0), Notify::new());
        let work = async || {
            if times.fetch_add(1, SeqCst) == 2 {
                enough.notify_one();
            }
            panic!("each time");
        };
        every(Duration::from_millis(1), enough.notified(), work).await;
        assert!(times.into_inner() >= 3);
    }

    #[tokio::test]
    async fn a_stop_lets_begun_work_end() {
        let (stop, stopped) = oneshot::channel::<()>();
        let (stop, ended) = (std::sync::Mutex::new(Some(stop)), AtomicU32::new(0));
        let work = async || {
            drop(stop.lock().unwrap().take());
            tokio::task::yield_now().await;
            ended.fetch_add(1, SeqCst);
        };
        let stopped = async { drop(stopped.await) };
        every(Duration::from_secs(3600), stopped, work).await;
        assert_eq!(ended.into_inner(), 1);
    }
}
