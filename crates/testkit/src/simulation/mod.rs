//! The seeded simulation: the whole shop on one thread, under chance.
//!
//! A seed decides which step moves next, when time passes, what clients ask, how the payment provider behaves, which calls
//! of which ports fail, and where the process dies: every port call is a crash point, before and after. Then the faults
//! stop, everything settles, and the shop is held to its promises: each acknowledged order is there and has ended, each
//! acknowledged act was done, and nothing was done twice.
//!
//! The same seed gives the same run, to the letter of its trace.

mod chance;
mod clients;
mod run;
mod weather;

pub use chance::Chance;
pub use run::{Finished, simulate};
