//! The ledger port: what was charged, voided and refunded, for reading. Stores implement it over the same tables as
//! the engine's store port; what it reads was committed.

use async_trait::async_trait;
use contract::Currency;
use engine::{Fault, Key};

use crate::charge::Charge;

/// The provider's ledger. All calls give [`Fault`] if the store cannot answer.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// What is known under the key of a charge.
    async fn by_key(&self, key: &Key) -> Result<Option<Charge>, Fault>;

    /// Up to `limit` charges whose keys come behind `after`, in a fixed order of keys that is the store's
    /// choice. Paging to the end meets every charge that was there at the start, once.
    async fn page(&self, after: Option<&Key>, limit: usize) -> Result<Vec<Charge>, Fault>;

    /// What all charges come to, read at one moment.
    async fn totals(&self) -> Result<Totals, Fault>;
}

/// What all charges come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many charges were captured.
    pub captured: u64,
    /// How many charges were declined.
    pub declined: u64,
    /// How many keys were voided.
    pub voided: u64,
    /// The money, sorted by currency; currencies without a capture are left out.
    pub turnover: Vec<Turnover>,
}

/// The money of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turnover {
    /// The currency.
    pub currency: Currency,
    /// Minor units that were captured.
    pub captured: i64,
    /// Minor units of it that were given back.
    pub refunded: i64,
}
