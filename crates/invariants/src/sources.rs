//! What an audit reads from: the services' read ports, and the provider's ledger. It opens no database of its own.

use provider::Ledger;

/// Where the data comes from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Orders and their timelines.
    pub orders: &'a dyn orders::Queries,
    /// Payments.
    pub payments: &'a dyn payments::Queries,
    /// What is kept for orders.
    pub catalog: &'a dyn catalog::Queries,
    /// Processing records. None where a foreign processor does the work.
    pub processing: Option<&'a dyn processing::Queries>,
    /// The payment provider's ledger, where it is ours to read.
    pub ledger: Option<&'a dyn Ledger>,
}
