//! The catalog service: the menu, its prices, and the pieces that are there.
//!
//! It owns the products. Whoever needs them keeps a replica, fed by `product.changed` and `stock.changed`. It is also the step
//! `stock` of the saga: an order from the menu gets all the pieces it needs, or none (`stock.reserved`, `stock.rejected`). What is
//! kept for it is consumed when it is done and free again when it is not.
//!
//! *Stock never goes below zero*, and what is kept is what the open reservations say: every piece that leaves the free stock
//! enters exactly one reservation, in one transaction. What a product without tracked stock has is not counted.

pub mod announce;
pub mod input;
pub mod menu;
pub mod model;
pub mod queries;
pub mod refusal;
pub mod reserve;
pub mod seed;
pub mod service;

pub use input::Input;
pub use model::{Item, Reservation, Stage, State};
pub use queries::Queries;
pub use refusal::Refusal;
pub use service::Catalog;
