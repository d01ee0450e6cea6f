//! The promises as functions over the services' data. Tests, fault matrix, simulation and `ordo audit` call the same
//! ones.
//!
//! | promise | said by |
//! |---|---|
//! | 2 nothing happens twice | [`charged_once`], [`told_once`] |
//! | 3 money is conserved | [`money_is_conserved`], [`order_agrees_with_payment`] |
//! | 4 every order ends, or says why not | [`terminal_or_stuck`], [`order_agrees_with_processing`], [`status_is_the_function_of_the_facts`], [`timeline_knows_what_was_told`] |
//! | 5 events are in order and without gaps | [`Sequences`], [`timeline_has_no_gaps`], [`events_arrive`] |
//! | 6 one bad message stops nothing else | [`terminal_or_stuck`]: what waits says behind what |
//! | 7 stock is reserved once, and consumed or released | [`order_agrees_with_stock`], [`stock_is_conserved`] |
//!
//! The functions are pure: they judge what they are given. [`Audit`] gives them the
//! services' data, streaming. Each service has its own database, so two of them may disagree about an order as long as an
//! event about it is [`underway`]; and data that is read while the shop is open may disagree for a moment, so what an audit
//! finds there is suspected only, until [`Audit::recheck`] finds it again.

mod agreement;
mod audit;
mod ending;
mod money;
mod scan;
mod sequence;
mod sources;
mod telling;
#[cfg(test)]
mod tests;
mod underway;
mod violation;

pub use agreement::{
    order_agrees_with_payment, order_agrees_with_processing, order_agrees_with_stock,
    status_is_the_function_of_the_facts, stock_is_conserved,
};
pub use audit::{Audit, Summary};
pub use ending::{Fate, Step, events_arrive, fate, terminal_or_stuck};
pub use money::{charged_once, due, money_is_conserved};
pub use sequence::{Sequences, timeline_has_no_gaps};
pub use sources::Sources;
pub use telling::{nobody_was_told, timeline_knows_what_was_told, told_once};
pub use underway::{behind, underway};
pub use violation::Violation;
