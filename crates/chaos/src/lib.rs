//! Failure scenarios, to be run and watched: the library behind `ordo chaos`.
//!
//! It owns what each scenario does, what it tells, and what has to hold behind it. A scenario has a throw-away shop of its own: a
//! child process of this very program, on a free loopback port, in a directory that goes with it. Those that kill nothing can be
//! played on a running server as well.
//!
//! It guarantees that a scenario is bounded in time and in the number of orders, that what it turned at a provider is turned back
//! however it ends (Ctrl-C too), and that its verdict comes of what the server says: each thing that has to hold is told by itself.
//!
//! It deliberately opens no database and no broker: it talks HTTP, starts and kills its child, and lets `ordo audit` judge the
//! child's data.

mod args;
mod knobs;
mod orders;
mod play;
mod report;
mod run;
mod scenario;
mod shop;
mod stage;

pub use args::{Args, Command, Run};
pub use run::run;
pub use scenario::Scenario;
