//! The orders service: places, prices, cancels and concludes orders.
//!
//! It owns orders, their lines, deliveries, documents and timelines, and a replica of the menu to price and refuse at
//! once. It knows what an order waits for, and computes its status from the facts in whatever order they arrive. It
//! never asks anybody: what it needs to know comes as an event.

mod accept;
mod cancel;
mod conclude;
pub mod facts;
#[cfg(test)]
mod facts_tests;
pub mod filter;
pub mod forms;
pub mod input;
pub mod model;
pub mod page;
pub mod place;
mod pricing;
pub mod queries;
pub mod refusal;
mod repaired;
pub mod service;
pub mod text;
pub mod timeline;
mod told;

pub use facts::{Facts, PaymentFact, ProcessingFact, StockFact};
pub use filter::ListFilter;
pub use input::Input;
pub use model::{Content, Line, Order, State};
pub use page::Page;
pub use place::PlaceOrder;
pub use queries::Queries;
pub use refusal::Refusal;
pub use service::{Orders, Settings};
pub use text::Text;
