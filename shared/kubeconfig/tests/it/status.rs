//! The table of statuses, and how a pair moves between them.

use kubeconfig::Status;
use kubeconfig::access::Command;
use kubeconfig::reading::{Bindings, Reading};

use crate::story::{Story, day, given, given_nothing};
use crate::words::*;

fn after(reading: Reading) -> Story {
    given_nothing().when(Command::Observe(reading))
}

#[test]
fn nobody_has_looked() {
    given_nothing().then_status(Status::Unknown);
}

#[test]
fn not_issued_is_never_issued() {
    after(reading()).then_status(Status::NotIssued);
    after(reading().certificate("Unissued", None)).then_status(Status::NotIssued);
    after(reading().certificate("Unissued", None).permissions_not_read()).then_status(Status::NotIssued);
}

#[test]
fn effective_is_issued_and_still_valid() {
    after(live()).then_status(Status::Effective);
    after(reading().certificate("Unexpired", None)).then_status(Status::Effective);
}

#[test]
fn effective_in_its_second_meaning_is_deleted_with_permissions_left() {
    after(residual()).then([residual_found(residual())]).then_status(Status::EffectiveResidualRbac);
    after(reading().permission("admin")).then_status(Status::EffectiveResidualRbac);
    after(reading().certificate("Unissued", None).permission("admin"))
        .then_status(Status::EffectiveResidualRbac);
}

#[test]
fn expired_is_issued_and_past_its_end() {
    after(expired()).then_status(Status::Expired);
    after(reading().certificate("Expired", None)).then_status(Status::Expired);
}

#[test]
fn deleted_is_kubeconfig_and_permissions_gone() {
    after(gone()).then_status(Status::Deleted);
}

#[test]
fn a_listing_that_forgets_what_was_issued_is_a_deletion() {
    given([observed(live())]).when(Command::Observe(reading())).then_status(Status::Deleted);
}

#[test]
fn deleted_is_not_said_while_permissions_were_not_read() {
    after(gone().permissions_not_read()).then_status(Status::Unknown);
    given([observed(live())])
        .when(Command::Observe(reading().permissions_not_read()))
        .then_status(Status::Unknown);
}

#[test]
fn revoked_and_unknown_are_as_the_cloud_says() {
    after(reading().certificate("Revoked", None)).then_status(Status::Revoked);
    after(reading().certificate("Unknown", None)).then_status(Status::Unknown);
    after(reading().certificate("Suspended", None)).then_status(Status::Unknown);
}

#[test]
fn a_certificate_expires_by_the_clock_at_its_very_end() {
    let one_day = reading().certificate("Unexpired", Some(day(1)));
    let just_before = day(1) - jiff::SignedDuration::from_nanos(1);
    let story = after(one_day).at(just_before).then_status(Status::Effective);
    story.at(day(1)).then_status(Status::Expired);
}

#[test]
fn what_the_cloud_calls_expired_is_expired_whatever_its_date() {
    after(reading().certificate("Expired", Some(day(5)))).then_status(Status::Expired);
}

#[test]
fn one_live_certificate_among_several_is_effective() {
    for other in ["Expired", "Removed", "Revoked", "Unknown", "Suspended", "Unissued"] {
        after(live().certificate(other, Some(day(-1)))).then_status(Status::Effective);
    }
    let both = reading().certificate("Unexpired", Some(day(1))).certificate("Unexpired", Some(day(2)));
    let story = after(both).at(day(1)).then_status(Status::Effective);
    story.at(day(2)).then_status(Status::Expired);
}

#[test]
fn among_certificates_that_are_not_live_the_least_certain_word_wins() {
    after(expired().certificate("Unknown", None)).then_status(Status::Unknown);
    after(expired().certificate("Suspended", None)).then_status(Status::Unknown);
    after(gone().certificate("Unknown", None)).then_status(Status::Unknown);
    after(expired().certificate("Removed", None)).then_status(Status::Expired);
    after(gone().certificate("Revoked", None)).then_status(Status::Revoked);
}

#[test]
fn a_restored_kubeconfig_is_effective_again() {
    given([observed(live()), observed(gone())])
        .then_status(Status::Deleted)
        .when(Command::Observe(live()))
        .then([restored(live())])
        .then_status(Status::Effective);
}

#[test]
fn a_kubeconfig_that_is_issued_anew_is_effective_again() {
    let anew = gone().certificate("Unexpired", Some(day(900))).permission("dev");
    given([observed(gone())])
        .when(Command::Observe(anew.clone()))
        .then([restored(anew)])
        .then_status(Status::Effective);
}

#[test]
fn what_was_expired_is_effective_after_a_new_one_is_issued() {
    let renewed = expired().certificate("Unexpired", Some(day(900)));
    given([observed(expired())])
        .when(Command::Observe(renewed.clone()))
        .then([observed(renewed)])
        .then_status(Status::Effective);
}

#[test]
fn permissions_that_turn_up_after_a_deletion_are_residual() {
    given([observed(gone())])
        .when(Command::Observe(residual()))
        .then([residual_found(residual())])
        .then_status(Status::EffectiveResidualRbac);
}

#[test]
fn other_residual_permissions_are_a_plain_change() {
    let more = residual().permission("dev");
    given([residual_found(residual())]).when(Command::Observe(more.clone())).then([observed(more)]);
}

#[test]
fn a_reading_is_stored_only_where_it_changes_something() {
    given([observed(live())]).when(Command::Observe(live())).then_nothing_happens();
}

#[test]
fn the_order_in_which_the_cloud_lists_is_no_change() {
    let known = live().certificate("Expired", Some(day(-1))).permission("dev");
    let mut seen = known.clone();
    seen.certificates.reverse();
    if let Bindings::Yes(permissions) = &mut seen.bindings {
        permissions.reverse();
    }
    given_nothing().when(Command::Observe(known)).when(Command::Observe(seen)).then_nothing_happens();
}

#[test]
fn permissions_that_nobody_asked_for_this_time_are_no_change() {
    given([observed(gone())])
        .when(Command::Observe(gone().permissions_not_read()))
        .then_nothing_happens()
        .then_status(Status::Deleted);
    given([observed(residual())])
        .when(Command::Observe(residual().permissions_not_read()))
        .then_nothing_happens()
        .then_status(Status::EffectiveResidualRbac);
}

#[test]
fn the_reading_that_decided_the_status_is_named() {
    let story = given([observed(live()), requested(BY_DELETION)]).when(Command::Observe(residual()));
    assert_eq!(story.access.decided_by, [story.history[2].id]);
}

#[test]
fn every_status_has_its_own_word_and_only_three_are_deletable() {
    let words: std::collections::BTreeSet<_> = Status::ALL.iter().map(|status| status.to_string()).collect();
    assert_eq!(words.len(), Status::ALL.len());
    let deletable: Vec<_> = Status::ALL.into_iter().filter(|status| status.is_deletable()).collect();
    assert_eq!(deletable, [Status::Effective, Status::EffectiveResidualRbac, Status::Expired]);
}
