//! The end of a sweep: what it stored is sealed.

use cloud_emulator::{Failure, Outcome};
use event_store::Order;
use kubeconfig::Actor;
use revocation::{Cause, Config, Reaper, SealingError, TimeBudget};
use seal::{KeyRing, Report, SignedCheckpoint, kept_checkpoint, verify};

use crate::world::World;

/// Keys and checkpoint beside the store.
fn config(world: &World) -> Config {
    let mut config = Config::default();
    config.seal.key_path = world.folder.path().join("key");
    config.seal.checkpoint_path = world.folder.path().join("checkpoint");
    config
}

fn keys(world: &World) -> KeyRing {
    KeyRing::generate(&world.folder.path().join("key"), "example.com/reaper").unwrap()
}

async fn sweep(reaper: &Reaper) -> revocation::Swept {
    reaper.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap()
}

async fn look(world: &World, keys: &KeyRing) -> Report {
    let kept = kept_checkpoint(&world.folder.path().join("checkpoint")).unwrap();
    verify(world.store.as_ref(), &keys.verifiers(), kept.as_slice(), |_| ()).await.unwrap()
}

#[tokio::test]
async fn a_sweep_seals_all_that_was_stored_with_its_own_end() {
    let world = World::believable().await;
    world.look().await;
    let (keys, reaper) = (keys(&world), world.with_config(config(&world)));
    for seals in 1..=3 {
        assert_eq!(sweep(&reaper).await.report.errors, 0);
        let report = look(&world, &keys).await;
        assert_eq!((report.finding, report.seals, report.unsealed), (None, seals, 1));
        let kept = kept_checkpoint(&world.folder.path().join("checkpoint")).unwrap();
        assert_eq!(kept, report.checkpoint);
    }
    let page = reaper.history().recorded(&Default::default(), Order::Newest, None, 2).await.unwrap();
    let [seal, end] = page.0.as_slice() else { panic!("{:?}", page.0) };
    assert_eq!(end.event.type_name(), "SweepCompleted");
    assert_eq!((seal.event.type_name().as_str(), seal.correlation), ("StoreSealed", end.correlation));
    let headline = revocation::headline(seal);
    assert!(headline.starts_with("StoreSealed: the first ") && headline.ends_with(" commits"), "{headline}");
    assert!(reaper.projection().await.unwrap().unrecognised.is_empty());
}

#[tokio::test]
async fn looking_seals_too_and_a_rehearsal_does_not() {
    let world = World::believable().await;
    let (keys, reaper) = (keys(&world), world.with_config(config(&world)));
    reaper.sweep_dry_run(&Cause::new(Actor::timer())).await.unwrap();
    assert_eq!(look(&world, &keys).await.commits, 0);
    reaper.look(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap();
    assert_eq!(look(&world, &keys).await.seals, 1);
}

/// A person's own sweep, on a machine that has no key, is no error: the next one seals it.
#[tokio::test]
async fn without_a_key_nothing_is_sealed_and_later_everything_is() {
    let world = World::believable().await;
    let (keys, reaper) = (keys(&world), world.with_config(config(&world)));
    let keyless = {
        let mut config = config(&world);
        config.seal.key_path = world.folder.path().join("none");
        world.with_config(config)
    };
    assert_eq!(sweep(&keyless).await.report.errors, 0);
    assert!(matches!(
        keyless.seal(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await,
        Err(SealingError::Key(_))
    ));
    sweep(&reaper).await;
    assert_eq!(sweep(&keyless).await.report.errors, 0);
    assert!(look(&world, &keys).await.unsealed > 1);
    sweep(&reaper).await;
    let report = look(&world, &keys).await;
    assert_eq!((report.finding, report.seals, report.unsealed), (None, 2, 1));
}

/// On Function Compute there is no file that stays: neither for the key nor for the checkpoint.
#[tokio::test]
async fn a_sweep_without_files_seals_with_the_key_that_it_is_given() {
    let world = World::believable().await;
    world.look().await;
    let keys = keys(&world);
    let text = std::fs::read_to_string(world.folder.path().join("key")).unwrap();
    let mut config = Config::default();
    config.seal.key = Some(text.try_into().unwrap());
    config.seal.checkpoint_path = "".into();
    let reaper = world.with_config(config);
    assert_eq!(sweep(&reaper).await.report.errors, 0);
    let report = verify(world.store.as_ref(), &keys.verifiers(), &[], |_| ()).await.unwrap();
    assert_eq!((report.finding, report.seals, report.unsealed), (None, 1, 1));
    let refused = reaper.rotate_seal_key(&Cause::new(Actor::timer())).await.unwrap_err();
    assert!(matches!(refused, SealingError::Key(seal::KeyFileError::NoFile)), "{refused}");
}

/// The object that the checkpoint is kept in, where no file stays.
const OBJECT: (&str, &str) = ("reaper-example", "seals/reaper.checkpoint");

fn object_of(world: &World) -> Option<String> {
    let content = world.emulator.account(|account| account.object(OBJECT.0, OBJECT.1).map(<[u8]>::to_vec));
    content.ok().map(|content| String::from_utf8(content).unwrap())
}

fn put(world: &World, text: &str) {
    world.emulator.account(|account| account.put_object(OBJECT.0, OBJECT.1, text).unwrap());
}

fn with_object(world: &World) -> Reaper {
    let mut config = config(world);
    config.seal.checkpoint_path = format!("oss://{}/{}", OBJECT.0, OBJECT.1).into();
    world.with_config(config)
}

#[tokio::test]
async fn a_checkpoint_is_kept_in_an_object_and_read_before_the_next_seal() {
    let world = World::believable().await;
    let (keys, reaper) = (keys(&world), with_object(&world));
    for seals in 1..=2 {
        assert_eq!(sweep(&reaper).await.report.errors, 0);
        let kept: SignedCheckpoint =
            SignedCheckpoint::open(&object_of(&world).unwrap(), &keys.verifiers()).unwrap();
        let report = verify(world.store.as_ref(), &keys.verifiers(), std::slice::from_ref(&kept), |_| ())
            .await
            .unwrap();
        assert_eq!((report.finding, report.seals), (None, seals));
        assert_eq!(report.checkpoint, Some(kept));
    }
}

#[tokio::test]
async fn a_store_that_contradicts_the_object_is_not_sealed() {
    let (world, other) = (World::believable().await, World::believable().await);
    let (_, reaper) = (keys(&world), with_object(&world));
    std::fs::copy(world.folder.path().join("key"), other.folder.path().join("key")).unwrap();
    sweep(&reaper).await;
    let elsewhere = with_object(&other);
    sweep(&elsewhere).await;
    sweep(&elsewhere).await;
    let longer = object_of(&other).unwrap();
    put(&world, &longer);
    let refused = reaper.seal(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap_err();
    assert!(matches!(refused, SealingError::Seal(_)), "{refused}");
    assert_eq!(object_of(&world), Some(longer), "it stays as evidence");
}

#[tokio::test]
async fn an_object_that_cannot_be_read_or_is_something_else_stops_the_seal() {
    let world = World::believable().await;
    let (_, reaper) = (keys(&world), with_object(&world));
    let seal = async || {
        reaper.seal(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap_err().to_string()
    };
    world.look().await;
    put(&world, "nonsense");
    let said = seal().await;
    assert!(
        said.starts_with("the checkpoint file oss://reaper-example/seals/reaper.checkpoint cannot be used"),
        "{said}"
    );
    assert_eq!(object_of(&world).unwrap(), "nonsense", "what is not ours is left alone");
    let outcome = Outcome::Error { status: 403, code: "AccessDenied".into() };
    world.emulator.fail_next(Failure { operation: "GetObject".into(), times: 1, outcome });
    assert!(seal().await.contains("AccessDenied"));
    assert_eq!(seal::latest(world.store.as_ref()).await.unwrap(), None, "nothing was sealed");
}

/// The sweep itself is over by then, and stays so.
#[tokio::test]
async fn a_seal_that_fails_is_an_error_of_the_sweep() {
    let world = World::believable().await;
    let (keys, reaper) = (keys(&world), world.with_config(config(&world)));
    sweep(&reaper).await;
    // The checkpoint of another, longer store.
    let other = World::believable().await;
    std::fs::copy(world.folder.path().join("key"), other.folder.path().join("key")).unwrap();
    let elsewhere = other.with_config(config(&other));
    sweep(&elsewhere).await;
    sweep(&elsewhere).await;
    std::fs::copy(other.folder.path().join("checkpoint"), world.folder.path().join("checkpoint")).unwrap();
    let swept = sweep(&reaper).await;
    assert_eq!(swept.report.errors, 1);
    let latest = reaper.history().recorded(&Default::default(), Order::Newest, None, 1).await.unwrap().0;
    assert_eq!(latest[0].event.type_name(), "SweepCompleted", "that it ended, and no seal");
    assert!(look(&world, &keys).await.finding.is_some());
}

#[tokio::test]
async fn the_key_is_replaced_with_a_seal_by_both() {
    let world = World::believable().await;
    let (old, reaper) = (keys(&world), world.with_config(config(&world)));
    // Also where nothing was ever stored.
    let first = reaper.rotate_seal_key(&Cause::new(Actor::timer())).await.unwrap();
    assert_eq!(first.verifiers()[1..], old.verifiers());
    sweep(&reaper).await;
    let second = reaper.rotate_seal_key(&Cause::new(Actor::timer())).await.unwrap();
    let both = kept_checkpoint(&world.folder.path().join("checkpoint")).unwrap().unwrap();
    for key in [&second.verifiers()[..1], &first.verifiers()[..1]] {
        both.verify(key).unwrap();
    }
    both.verify(&old.verifiers()).unwrap_err();
    sweep(&reaper).await;
    assert_eq!(look(&world, &second).await.finding, None);
}
