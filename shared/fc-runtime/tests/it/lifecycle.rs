//! Lifecycle hooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fc_runtime::{Error, Runtime, invocation};

use crate::client::{Answer, Call};
use crate::server::Server;

async fn call(server: &Server, control_path: &str) -> Answer {
    Call::to(server.address, "/").header("x-fc-control-path", control_path).send().await
}

#[tokio::test]
async fn each_hook_runs_for_its_call_and_sees_the_invocation() {
    let (started, stopped) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let count = |counter: &Arc<AtomicU32>| {
        let counter = Arc::clone(counter);
        move || {
            let counter = Arc::clone(&counter);
            async move {
                invocation().ok_or("no invocation")?;
                counter.fetch_add(1, Ordering::SeqCst);
                Ok::<_, Error>(())
            }
        }
    };
    let server = Server::start(Runtime::new().initialize(count(&started)).pre_stop(count(&stopped))).await;
    assert!(call(&server, "/initialize").await.counts_as_success());
    assert_eq!((started.load(Ordering::SeqCst), stopped.load(Ordering::SeqCst)), (1, 0));
    assert!(call(&server, "/pre-stop").await.counts_as_success());
    assert_eq!((started.load(Ordering::SeqCst), stopped.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn a_failing_or_panicking_hook_is_a_failed_call() {
    let fail = || async { Err(Error::from("no database")) };
    let panic = || async { panic!("no way") };
    let server = Server::start(Runtime::new().initialize(fail).pre_stop(panic)).await;
    assert_eq!(call(&server, "/initialize").await.failure().1, "no database");
    assert_eq!(call(&server, "/pre-stop").await.failure().0, "HandlerPanic");
}

#[tokio::test]
async fn a_hook_that_is_not_set_is_a_success() {
    let server = Server::start(Runtime::new()).await;
    assert!(call(&server, "/initialize").await.counts_as_success());
    assert!(call(&server, "/pre-stop").await.status.is_success());
}
