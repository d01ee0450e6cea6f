//! The endpoints, one file each.

pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod menu;
pub(crate) mod metrics;
pub(crate) mod orders;
pub(crate) mod payments;
pub(crate) mod provider;
pub(crate) mod stuck;
