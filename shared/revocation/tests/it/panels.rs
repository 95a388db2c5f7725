//! What the three panels of the console show.

use kubeconfig::Status;

use crate::world::{ALICE, BOB, CI_DEPLOYER, DAVE, DEV, LEGACY_CI, PROD, World};

#[tokio::test]
async fn the_panel_of_a_cluster_shows_who_holds_what() {
    let world = World::believable().await;
    world.look().await;
    let panel = world.reaper.history().cluster(&PROD.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(panel.name.as_deref(), Some("prod"));
    let bob = panel.kubeconfigs.iter().find(|pair| pair.uid == BOB).unwrap();
    assert_eq!(bob.name.as_deref(), Some("bob"));
    assert_eq!(bob.account_kind.as_deref(), Some("RamUser"));
    assert_eq!(bob.account_state.as_deref(), Some("Active"));
    assert_eq!(bob.status, Status::Effective);
    assert!(bob.expires_at.is_some());
}

#[tokio::test]
async fn the_panel_of_an_identity_shows_every_cluster() {
    let world = World::believable().await;
    world.look().await;
    let panel = world.reaper.history().identity(&BOB.parse().unwrap()).await.unwrap().unwrap();
    let mut rows: Vec<_> =
        panel.kubeconfigs.iter().map(|p| (p.cluster_name.as_deref().unwrap(), p.status)).collect();
    rows.sort();
    assert_eq!(rows, [("batch", Status::Deleted), ("dev", Status::NotIssued), ("prod", Status::Effective)]);
    assert!(world.reaper.history().identity(&"299".parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn the_panel_of_deleted_identities_shows_what_still_works() {
    let world = World::believable().await;
    world.look().await;
    let leftovers = world.reaper.history().leftovers().await.unwrap();
    let mut rows: Vec<_> = leftovers.iter().map(|p| (p.uid.as_str(), p.status)).collect();
    rows.sort();
    assert_eq!(
        rows,
        [
            (DAVE, Status::Effective),
            (DAVE, Status::Effective),
            (LEGACY_CI, Status::EffectiveResidualRbac),
            (LEGACY_CI, Status::Expired),
        ]
    );
}

#[tokio::test]
async fn the_overview_counts() {
    let world = World::believable().await;
    world.look().await;
    let overview = world.reaper.history().overview().await.unwrap();
    assert_eq!((overview.clusters, overview.leftovers, overview.held), (3, 4, 0));
    assert!(overview.swept_everything);
    assert_eq!(overview.pairs["Unknown"], 1);
    world.sweep().await;
    let overview = world.reaper.history().overview().await.unwrap();
    assert_eq!(overview.held, 2);
    let held = world.reaper.history().held().await.unwrap();
    assert!(held.revocations.iter().all(|pair| pair.cluster == DEV));
    let _ = (ALICE, CI_DEPLOYER);
}

#[tokio::test]
async fn a_sweep_that_could_not_read_a_part_concludes_nothing_about_what_it_did_not_see() {
    let world = World::believable().await;
    world.emulator.tune(|knobs| {
        let faults = cloud_emulator::Faults { error_rate: 1.0, ..Default::default() };
        knobs.operations.insert("ListClusterKubeconfigStates".into(), faults);
    });
    world.look().await;
    world.emulator.tune(|knobs| knobs.operations.clear());
    let history = world.reaper.history();
    let overview = history.overview().await.unwrap();
    assert_eq!((overview.swept_everything, overview.swept_unread), (false, 3));
    let panel = history.identity(&BOB.parse().unwrap()).await.unwrap().unwrap();
    let dev = panel.kubeconfigs.iter().find(|pair| pair.cluster == DEV).unwrap();
    assert_eq!(dev.status, Status::Unknown, "nobody has looked there");
    world.look().await;
    let overview = history.overview().await.unwrap();
    assert_eq!((overview.swept_everything, overview.swept_unread), (true, 0));
}
