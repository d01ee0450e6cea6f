//! The catalog service: the menu and its prices.
//!
//! It owns the products. Whoever needs them keeps a replica, fed by `product.changed`.

pub mod queries;
pub mod seed;
pub mod service;

pub use queries::Queries;
pub use service::{Catalog, Input};
