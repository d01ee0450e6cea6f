//! The broker port's suite: [`broker_conformance!`](crate::broker_conformance) makes its tests for one adapter.

use std::sync::Arc;

use async_trait::async_trait;
use broker::{Broker, Reader, Topic};

use crate::proxy::Proxy;

pub mod delivery;
pub mod foreign;
pub mod lines;
mod post;
pub mod sharing;

/// An adapter under test. What one harness publishes, no other one sees.
#[async_trait]
pub trait BrokerHarness: Send + Sync {
    /// The broker as one more process has it, which knows these readers: straight away, or over a line to it.
    fn process(&self, line: Option<&Proxy>, readers: &[Reader]) -> Arc<dyn Broker>;

    /// A process whose inlets hold so many bytes each.
    fn tight(&self, bytes: u32, readers: &[Reader]) -> Arc<dyn Broker>;

    /// A line to the broker.
    async fn line(&self) -> Proxy;

    /// Sends a message as somebody does who knows nothing of this house: a body, where the topic's messages come in, and
    /// nothing about it. False: the broker does not take it yet.
    async fn send(&self, topic: &'static Topic, body: &[u8]) -> bool;

    /// More bytes than the broker takes in one message.
    fn too_many(&self) -> usize;
}

/// Makes a module `broker` with a test per case: `broker_conformance!(MyHarness::new())`. Attributes behind the harness
/// are those of every test, such as `#[ignore = "needs a server"]`.
#[macro_export]
macro_rules! broker_conformance {
    ($harness:expr $(, #[$attribute:meta])*) => {
        mod broker {
            #[allow(unused_imports, reason = "the harness may be named by its path")]
            use super::*;
            use $crate::conformance::broker::{delivery, foreign, lines, sharing};

            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                delivery,
                what_is_published_arrives_word_for_word_and_in_the_order_of_each_key,
                a_poll_keeps_to_its_limit_and_does_not_wait,
                what_is_not_settled_comes_again_after_a_rewind,
                what_is_not_settled_comes_again_in_a_new_inlet,
                what_is_settled_does_not_come_again_in_a_new_process,
                an_inlet_holds_no_more_bytes_than_it_may,
                a_record_that_is_too_large_is_rejected_and_the_others_are_taken,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                sharing,
                every_reader_gets_everything,
                a_reader_that_did_not_run_gets_what_was_published_meanwhile,
                instances_of_a_reader_share_the_work,
                another_instance_takes_over_what_was_not_settled,
                another_instance_takes_over_from_one_that_fell_silent,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                foreign,
                a_foreign_message_is_a_record_with_a_key_a_type_and_a_stable_id,
                an_order_that_comes_in_is_a_record_of_the_ingress,
            );
            $crate::conformance_cases!(
                [$(#[$attribute])*] $harness,
                lines,
                a_broker_that_is_away_is_waited_for,
                a_broker_that_goes_away_comes_back_by_itself,
                a_broker_that_falls_silent_is_unavailable_in_time,
                connections_cut_while_publishing_lose_nothing_and_keep_the_order,
                connections_cut_while_consuming_lose_nothing_and_settle_nothing,
                over_a_slow_line_everything_arrives,
            );
        }
    };
}
