//! What fails for a while is delivered again; what fails for good is kept.

use cloud_emulator::Faults;
use cloud_emulator::event_bridge::{Pattern, PushRetryStrategy, Rule, Target};
use kubeconfig::Status;
use serde_json::json;

use crate::company::{BATCH, Member, PROD, company};
use crate::world::{World, within};

fn leaver() -> Member {
    Member::user(101, &[PROD, BATCH])
}

async fn world() -> World {
    World::new(company(&[leaver(), Member::user(102, &[PROD])]), &[]).await
}

/// Every call of one operation fails, or none.
fn broken(world: &World, operation: &str, broken: bool) {
    let faults = Faults { error_rate: f64::from(u8::from(broken)), ..Faults::default() };
    world.deployment.emulator.tune(|knobs| knobs.operations.insert(operation.to_owned(), faults));
}

/// A failure shows in the function's log.
async fn failed_once(world: &World) {
    let failed = world.deployment.functions.output_with("identity-deleted", |line| {
        line.text.contains(r#""message":"invocation""#) && !line.text.contains(r#""outcome":"ok""#)
    });
    within("a failed invocation", failed).await.unwrap();
}

async fn assert_ended_once(world: &World) {
    let log = world.log().await;
    for (cluster, uid) in leaver().audited() {
        assert_eq!(log.status(cluster, uid), Status::Deleted);
        world.assert_cleaned_once(&log, cluster, uid);
    }
    assert_eq!(log.count("DeletionReceived"), 1);
    world.assert_no_panic();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_cannot_be_dealt_with_now_is_delivered_again() {
    let world = world().await;
    broken(&world, "GetCallerIdentity", true);
    world.delete(&leaver());
    failed_once(&world).await;
    let log = world.log().await;
    assert_eq!((log.count("DeletionReceived"), log.count("RevocationRequested")), (1, 0));
    broken(&world, "GetCallerIdentity", false);
    world.idle().await;
    assert_ended_once(&world).await;
    let deliveries = world.deployment.bus.deliveries();
    assert!(deliveries.len() == 1 && deliveries[0].tries > 1, "{deliveries:?}");
    assert!(world.deployment.bus.dead_letters().is_empty());
    assert_eq!(world.starts("identity-deleted"), 1, "failing is no reason to end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_asynchronous_call_is_repeated_by_function_compute_and_kept_when_it_goes_on_failing() {
    let world = world().await;
    world.lose_events();
    broken(&world, "GetCallerIdentity", true);
    let event = world.delete(&leaver()).to_string();
    world.deployment.functions.invoke_async("identity-deleted", event.clone()).unwrap();
    world.idle().await;
    let failed = world.deployment.functions.failed_events();
    assert_eq!((failed.len(), failed[0].tries), (1, 4));
    assert_eq!(failed[0].payload, event);
    assert!(failed[0].error.contains("GetCallerIdentity"), "{}", failed[0].error);

    broken(&world, "GetCallerIdentity", false);
    world.deployment.functions.invoke_async("identity-deleted", event).unwrap();
    world.idle().await;
    assert_eq!(world.deployment.functions.failed_events().len(), 1);
    assert_ended_once(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exhausted_event_is_a_dead_letter_and_the_sweep_does_not_need_it() {
    let world = world().await;
    world.lose_events();
    let event = world.delete(&leaver());
    // Lost only once the bus has taken it: before that, the end of the disorder would save it.
    world.idle().await;
    world.deployment.bus.set_disorder(Default::default());
    let target = Target::function(&world.deployment.functions, "identity-deleted");
    world.deployment.bus.add_rule(Rule {
        name: "impatient".to_owned(),
        pattern: Pattern::parse(&json!({ "source": ["test"] })).unwrap(),
        targets: vec![target.retry(PushRetryStrategy::BackoffRetry)],
    });
    broken(&world, "GetCallerIdentity", true);
    let mut published = event;
    published["source"] = json!("test");
    published["type"] = json!("ram:ActionTrail:Impatient");
    world.deployment.bus.publish(published.clone());
    world.idle().await;
    let letters = world.deployment.bus.dead_letters();
    assert_eq!((letters.len(), letters[0].tries, &letters[0].event), (1, 4, &published));

    assert!(world.deployment.sweep("").await.is_err(), "the sweep says that it cannot work");
    broken(&world, "GetCallerIdentity", false);
    world.sweep().await;
    assert_ended_once(&world).await;
}
