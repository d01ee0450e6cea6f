//! The commands about orders, over HTTP: the library behind `ordo orders`.
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
mod export;
mod filters;
mod get;
mod import;
mod link;
mod list;
mod place;
mod problem;
mod run;
mod show;
mod target;

pub use args::{Args, Command, Export, Format, Import, List, Place};
pub use filters::Filters;
pub use run::run;
