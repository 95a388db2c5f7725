//! A RAM user is deleted.

use kubeconfig::Status;
use revocation::{Receipt, TimeBudget};

use crate::world::{ALICE, BATCH, DEV, PROD, World, person};

#[tokio::test]
async fn what_was_not_used_is_deleted_and_what_cannot_be_checked_waits_for_a_person() {
    let world = World::believable().await;
    world.sweep().await;
    for cluster in [PROD, BATCH, DEV] {
        assert_eq!(world.status(cluster, ALICE).await, Status::Effective);
    }

    let event = world.delete_user("alice");
    let receipts = world.receive(&event).await;

    let [Receipt::Revoked { outcomes, .. }] = &receipts[..] else { panic!("{receipts:?}") };
    let mut outcomes: Vec<_> =
        outcomes.iter().map(|o| (o.pair.cluster_name.as_deref().unwrap(), o.outcome.as_str())).collect();
    outcomes.sort();
    assert_eq!(outcomes, [("batch", "confirmed"), ("dev", "held"), ("prod", "confirmed")]);
    assert_eq!(world.status(PROD, ALICE).await, Status::Deleted);
    assert_eq!(world.status(DEV, ALICE).await, Status::Effective);

    let held = world.access(DEV, ALICE).await.open.unwrap().id;
    let outcome = world.reaper.approve(held, None, &person("auditor"), TimeBudget::UNLIMITED).await.unwrap();
    assert_eq!(outcome.outcome, "confirmed");
    assert_eq!(world.status(DEV, ALICE).await, Status::Deleted);
    for cluster in [PROD, BATCH, DEV] {
        assert_eq!(world.emulator.cleans(cluster, ALICE).effective, 1, "{cluster}");
    }
}
