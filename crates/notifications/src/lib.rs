//! The notifications service: tells customers how it stands with their orders, each thing once.
//!
//! It owns notifications: one for each order and kind of thing that there is to tell. Where they go to the log they are sent
//! in the transaction that learns what to tell; where they go by mail they are effects. Either is done at most once: what may
//! have been sent is never sent again but by command. It sends nothing itself and writes no log: it decides.
//!
//! Nobody waits for it. What it says the orders service writes into the timeline, and an order ends without it.

mod input;
pub mod mail;
pub mod model;
pub mod queries;
pub mod refusal;
pub mod service;
pub mod settings;
mod tell;
pub mod templates;
#[cfg(test)]
mod tests;

pub use input::{Attempted, Happened, Input, Resend};
pub use model::{Channel, Kind, Notification, State};
pub use queries::{ListFilter, Queries};
pub use refusal::Refusal;
pub use service::{Notifications, key_of};
pub use settings::{Kinds, Settings};
pub use templates::Letter;
