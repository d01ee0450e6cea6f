//! The commands over HTTP about orders, notifications and dead letters: the library behind `ordo orders`,
//! `ordo notifications` and `ordo dlq`.
//!
//! It owns the way there ([`Args`] has the flags), what is said when something is refused or away, what is written to standard
//! output, and how a file of orders gets into a server.
//!
//! It guarantees that an import hands in every line until it is answered, over lost connections and restarts of the server,
//! and under keys that come of the file alone: killed and run again, it ends the same. Memory is bounded however long the
//! file.
//!
//! It deliberately opens no database, judges no order, and leaves nothing on disk: what has been imported the server knows.

mod args;
mod ask;
mod at;
mod away;
mod caller;
pub mod dlq;
mod export;
mod filters;
mod get;
mod import;
mod link;
mod list;
mod notifications;
mod output;
mod place;
mod problem;
mod run;
mod show;
mod sse;
mod table;
mod target;
mod waiting;
mod watch;

pub use args::{Args, Command, Export, Format, Import, List, Place, Watch};
pub use at::{At, DEFAULT_URL, url};
pub use away::Away;
pub use caller::{Answer, Caller};
pub use filters::Filters;
pub use notifications::{NotificationArgs, run_notifications};
pub use output::{Closed, print, report, say, unwritten};
pub use run::run;
pub use table::clean;
pub use waiting::rest;
