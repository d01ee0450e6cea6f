//! The processing service: works off what is paid, or what nothing is to be paid for.
//!
//! The work itself is simulated, for demonstrations: it takes `delay` and fails `failure_ppm` often. A foreign processor
//! that consumes `order.created` and `order.paid` and publishes `order.processed` can stand in for it.

pub mod queries;
pub mod service;

pub use queries::Queries;
pub use service::{Input, Processing, Record, Settings, Stage};
