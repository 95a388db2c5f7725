//! How many identities may lose access by rule before a person looks.

use std::collections::BTreeSet;

use kubeconfig::Uid;
use kubeconfig::guard::{Guard, Tripped};

fn identities(range: std::ops::Range<u32>) -> BTreeSet<Uid> {
    range.map(|n| format!("2{n:05}").parse().unwrap()).collect()
}

fn admit(guard: Guard, planned: u32, recent: std::ops::Range<u32>, known: usize) -> Result<(), Tripped> {
    guard.admit(&identities(0..planned), &identities(recent), known)
}

const HALF: Guard = Guard { max_identities: 10, max_share: 0.5, share_floor: 3 };

#[test]
fn as_many_as_the_bound_pass_and_one_more_does_not() {
    assert_eq!(admit(HALF, 10, 0..0, 1000), Ok(()));
    assert_eq!(admit(HALF, 11, 0..0, 1000), Err(Tripped::Identities { planned: 11, limit: 10 }));
}

#[test]
fn exactly_the_share_passes_and_more_does_not() {
    assert_eq!(admit(HALF, 4, 0..0, 8), Ok(()));
    assert_eq!(admit(HALF, 5, 0..0, 9), Err(Tripped::Share { planned: 5, known: 9 }));
}

#[test]
fn below_the_floor_the_share_does_not_count() {
    assert_eq!(admit(HALF, 2, 0..0, 2), Ok(()));
    assert_eq!(admit(HALF, 3, 0..0, 3), Err(Tripped::Share { planned: 3, known: 3 }));
}

#[test]
fn a_flood_in_drops_is_a_flood() {
    assert_eq!(admit(HALF, 1, 1..10, 1000), Ok(()));
    assert_eq!(admit(HALF, 1, 1..11, 1000), Err(Tripped::Identities { planned: 11, limit: 10 }));
}

#[test]
fn who_lost_access_already_is_counted_once() {
    assert_eq!(admit(HALF, 10, 0..10, 1000), Ok(()));
}

#[test]
fn nobody_known_is_no_licence() {
    assert_eq!(admit(HALF, 3, 0..0, 0), Err(Tripped::Share { planned: 3, known: 0 }));
}

#[test]
fn nothing_planned_passes() {
    assert_eq!(admit(Guard { max_identities: 0, max_share: 0.0, share_floor: 0 }, 0, 0..0, 0), Ok(()));
}

#[test]
fn a_share_that_is_no_number_lets_nothing_through() {
    let broken = Guard { max_share: f64::NAN, ..HALF };
    assert_eq!(admit(broken, 3, 0..0, 1000), Err(Tripped::Share { planned: 3, known: 1000 }));
}

#[test]
fn out_of_the_box_twenty_or_a_fifth() {
    let guard = Guard::default();
    assert_eq!(admit(guard, 20, 0..0, 100), Ok(()));
    assert!(admit(guard, 21, 0..0, 100_000).is_err());
    assert_eq!(admit(guard, 4, 0..0, 4), Ok(()));
    assert!(admit(guard, 5, 0..0, 24).is_err());
}
