//! The release binary as a test sees it: processes to start, kill and stop, and a client that expects them to die.
//!
//! `ORDO_BINARY` names the binary; without it `target/release/ordo` is taken.

mod alone;
mod client;
mod events;
mod ground;
mod process;

pub use alone::Alone;
pub use client::Client;
pub use events::{Event, Events};
pub use ground::{Engine, Ground};
pub use process::{Fleet, Server, free_port, shell};
