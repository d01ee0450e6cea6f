//! The store port's suite: [`store_conformance!`](crate::store_conformance) makes its tests for one adapter.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{DeadLetters, Key, Note, Outbox, Store};

use super::Tally;

pub mod claims;
pub mod isolation;
pub mod letters;
pub mod log;
pub mod outbox;
pub mod schedule;
pub mod states;
pub mod upkeep;

/// What truly differs between stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// One transaction at a time: a second one begins when the first has ended.
    pub exclusive: bool,
    /// One process has the database to itself, so that `recover` can free every lease.
    pub recovers_leases: bool,
}

/// An adapter under test, with a database of its own and several partitions.
#[async_trait]
pub trait StoreHarness: Send + Sync {
    /// What the adapter can do.
    fn capabilities(&self) -> Capabilities;

    /// Opens the store, for the first time or again: what it answered before has been dropped without more ado.
    async fn open(&self) -> Arc<dyn Store<Tally>>;

    /// The outbox of the store that was opened last.
    async fn outbox(&self) -> Arc<dyn Outbox>;

    /// The dead letters of the store that was opened last.
    async fn letters(&self) -> Arc<dyn DeadLetters>;

    /// The journal of the key, the oldest note first. The port has no reader for it: it is the queries'.
    async fn notes(&self, key: &Key) -> Vec<Note>;
}

/// Makes a module `store` with a test per case: `store_conformance!(MyHarness::new())`. Attributes behind the harness
/// are those of every test, such as `#[ignore = "needs a server"]`.
#[macro_export]
macro_rules! store_conformance {
    ($harness:expr $(, #[$attribute:meta])*) => {
        mod store {
            #[allow(unused_imports, reason = "the harness may be named by its path")]
            use super::*;
            use $crate::conformance::store::{
                claims, isolation, letters, log, outbox, schedule, states, upkeep,
            };

            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                states,
                absent_keys_are_loaded_as_absent,
                states_and_streams_load_back_as_written,
                what_is_committed_survives_a_reopening,
                a_dropped_transaction_leaves_nothing,
                a_dropped_write_is_never_loaded,
                a_transaction_loads_what_it_wrote,
                a_write_that_fails_leaves_nothing,
                what_breaks_a_rule_of_the_tables_is_rejected,
                a_rejected_transaction_cannot_commit,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                isolation,
                no_update_is_lost_between_threads,
                a_transaction_waits_for_one_that_has_its_key,
                transactions_on_other_keys_do_not_wait,
                of_two_that_make_one_key_only_one_succeeds,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                claims,
                a_claim_is_found_by_the_next_transaction,
                claims_are_answered_in_the_order_asked,
                a_claim_that_was_not_written_stays_free,
                a_claim_waits_for_the_transaction_that_asked_first,
                a_claim_asked_for_and_left_is_free_for_who_waits,
                only_expired_claims_are_forgotten_and_not_too_many,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                log,
                records_read_back_as_written_behind_the_cursor,
                every_record_lies_in_its_keys_partition,
                offsets_have_no_gaps_after_a_roll_back,
                a_cursor_skips_nothing_while_threads_write,
                the_head_survives_trimming_and_reopening,
                trimming_is_bounded_and_keeps_what_is_behind,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                outbox,
                a_partition_is_held_by_one_relay_until_its_time_is_over,
                what_a_relay_lets_go_of_is_free_at_once,
                nothing_is_written_under_an_older_hold,
                how_far_it_was_forwarded_is_the_services_own_cursor,
                parked_records_come_in_the_order_of_their_key,
                partitions_do_not_meddle_with_each_other,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                schedule,
                rows_are_put_replaced_and_deleted,
                messages_are_due_in_order_and_within_the_limit,
                a_leased_effect_is_not_leased_again_before_its_end,
                effects_are_leased_in_order_and_within_the_limit,
                a_token_is_never_given_twice,
                putting_a_leased_row_ends_the_lease,
                a_lease_that_ended_in_silence_is_seen,
                the_next_due_counts_leases_from_their_end,
                recovery_frees_leases_where_it_can,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                letters,
                a_dead_letter_keeps_its_first_time_and_counts_its_replays,
                what_an_operator_did_last_stays_with_the_letter,
                letters_come_page_by_page_whatever_failed_at_the_same_time,
                a_filter_leaves_the_others_out,
                a_letter_tells_its_row_and_what_waits_behind_it,
                only_settled_letters_are_forgotten_and_not_too_many,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                upkeep,
                notes_are_kept_per_key_in_their_order,
                cursors_move_per_source_and_partition,
                streams_are_told_as_they_are_committed,
            );
        }
    };
}
