//! What every backend is held to. Each function is one specification: it makes the stores it needs and panics where a
//! store does not keep it. [`contract!`](crate::contract!) turns all of them into tests of one backend.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test suite, for tests only")]
#![allow(clippy::missing_panics_doc, reason = "every specification panics where it does not hold")]

pub mod append;
pub mod commits;
pub mod concurrency;
pub mod cursor;
pub mod limits;
pub mod personal;
pub mod query;
pub mod sample;
pub mod stream;

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use kubeconfig::Recorded;

use crate::{Clock, Cursor, EventStore, Filter, Order};

/// An empty store made for one specification.
pub struct Fresh {
    /// The store.
    pub store: Arc<dyn EventStore>,
    /// What must live as long as the store, such as its folder.
    pub keep: Box<dyn Any>,
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fresh")
    }
}

/// A clock that stands still until it is set.
#[derive(Debug, Clone)]
pub struct StandingClock(Arc<AtomicI64>);

impl StandingClock {
    /// Stands at 2026-01-01.
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_767_225_600_000_000)))
    }

    /// What it shows, moved by some microseconds.
    pub fn at(&self, offset: i64) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst) + offset).unwrap()
    }

    /// Moves it by some microseconds, also back.
    pub fn shift(&self, offset: i64) {
        self.0.fetch_add(offset, Ordering::SeqCst);
    }

    /// The clock for a store.
    pub fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::new(move || this.at(0))
    }
}

impl Default for StandingClock {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads all pages of a question.
pub async fn read_all(store: &dyn EventStore, filter: &Filter, order: Order, limit: u32) -> Vec<Recorded> {
    let mut events = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = store.query(filter, order, after.as_ref(), limit).await.unwrap();
        assert!(page.events.len() <= limit as usize, "a page holds at most what was asked for");
        assert!(!page.more || !page.events.is_empty(), "every page but the last brings something");
        after = Some(page.end);
        events.extend(page.events);
        if !page.more {
            return events;
        }
    }
}

/// Makes a test of each specification, for one backend: an async closure from a [`Clock`] to a [`Fresh`].
///
/// The crate that uses it needs `tokio` with its macros.
#[macro_export]
macro_rules! contract {
    ($fresh:expr) => {
        $crate::contract! { @each $fresh;
            append: a_commit_is_read_back_as_it_was_answered,
            append: versions_count_from_one_without_gaps,
            append: another_version_than_expected_is_a_conflict,
            append: the_same_commit_again_is_stored_once,
            append: an_id_of_another_commit_is_refused,
            append: a_refused_commit_leaves_no_trace,
            append: the_time_of_storing_never_falls,
            append: an_event_in_a_stream_of_another_kind_is_refused,
            limits: empty_commits_are_refused,
            limits: an_id_twice_in_a_commit_is_refused,
            limits: a_commit_holds_256_events_and_no_more,
            limits: an_event_holds_a_mebibyte_and_no_more,
            limits: a_commit_holds_three_mebibytes_and_no_more,
            limits: long_names_are_refused,
            limits: the_size_of_a_page_is_bounded,
            limits: pages_of_large_events_are_complete,
            limits: too_many_values_are_refused,
            concurrency: sixteen_writers_on_one_stream_lose_nothing,
            concurrency: one_commit_sent_by_many_at_once_is_stored_once,
            concurrency: a_reader_that_follows_sees_every_event_once,
            concurrency: a_reader_that_goes_back_is_not_disturbed,
            concurrency: following_wakes_for_new_events,
            stream: a_stream_is_read_from_any_version,
            stream: a_long_stream_is_loaded_whole,
            stream: streams_do_not_mix,
            stream: unknown_events_are_kept,
            stream: older_forms_are_lifted,
            query: the_empty_filter_is_the_log_in_its_order,
            query: every_combination_of_conditions,
            query: several_values_of_each_condition,
            query: several_types_keep_the_order_of_the_log,
            query: times_include_since_and_exclude_until,
            query: what_is_not_there_is_not_found,
            cursor: the_end_of_the_log_is_a_place_to_go_on,
            cursor: the_end_of_an_empty_store_is_a_place_to_go_on,
            cursor: the_end_of_a_search_without_result_is_a_place_to_go_on,
            cursor: going_back_ends_at_the_beginning,
            cursor: a_page_may_end_within_a_commit,
            cursor: a_cursor_of_another_question_is_refused,
            cursor: a_cursor_belongs_to_the_question_behind_the_conditions,
            cursor: a_page_is_left_where_enough_was_taken,
            cursor: reading_goes_on_behind_a_known_event,
            cursor: a_cursor_of_another_store_is_refused,
            cursor: a_cursor_survives_its_text,
            commits: commits_are_read_as_they_are_stored,
            commits: a_commit_keeps_its_position_and_its_bytes,
            commits: everything_is_filed_as_it_says,
            commits: a_copied_log_is_the_same_log,
            commits: a_commit_is_copied_to_its_place_only,
            personal: names_are_read_and_are_not_in_the_bytes,
            personal: where_nothing_is_personal_nothing_stands_beside,
            personal: what_is_said_twice_is_hashed_differently,
            personal: a_copy_has_the_values_that_are_left,
            personal: a_value_that_is_another_than_was_hashed_is_not_taken,
            personal: an_erased_value_is_gone_and_the_bytes_stay,
            personal: erasing_what_is_not_there_changes_nothing,
            personal: many_that_erase_at_once_erase_all,
        }
    };
    (@each $fresh:expr; $($module:ident: $name:ident,)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::contract::$module::$name(&$fresh).await;
            }
        )+
    };
}
