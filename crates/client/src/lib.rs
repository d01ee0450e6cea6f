//! The commands about orders and notifications, over HTTP: the library behind `ordo orders` and `ordo notifications`.
//!
//! It owns the way there ([`Args`] has the flags), what is said when something is refused or away, and how a file of orders
//! gets into a server.
//!
//! It guarantees that an import hands in every line until it is answered, over lost connections and restarts of the server,
//! and under keys that come of the file alone: killed and run again, it ends the same. Memory is bounded however long the
//! file.
//!
//! It deliberately opens no database, judges no order, and leaves nothing on disk: what has been imported the server knows.

mod args;
mod ask;
mod away;
mod get;
mod import;
mod link;
mod list;
mod notifications;
mod place;
mod problem;
mod run;
mod show;
mod target;

pub use args::{Args, Command, Format, Import, List, Place};
pub use notifications::{NotificationArgs, run_notifications};
pub use run::run;
