//! Finding orders by a piece of what they say, by a product or by a customer.
//!
//! It owns the [`Index`] port, the [`Term`]s that orders are indexed under, the [`Indexer`] that fills an index, and the
//! [`SearchedQueries`] that go by it. An order's content never changes, so it is indexed once; what changes, its states, is asked
//! of the order itself.
//!
//! It guarantees that an index says only where to look: whether an order fits is decided over the order, by the filter. So what
//! is found is what fits, however coarse the terms are. What is not indexed yet is read from the log, as long as it is not too
//! much. An index that was lost, or cannot go on where it was, is filled again from the orders.
//!
//! It deliberately costs the placing of orders nothing but the log, which it reads behind everybody else's back, and rests when
//! there is much to do. It knows no SQL: stores keep the index.

mod indexer;
mod port;
mod queries;
mod terms;

pub use indexer::{Indexer, IndexerSettings};
pub use port::{Entry, Found, Index, Position, Sweep};
pub use queries::SearchedQueries;
pub use terms::Term;
