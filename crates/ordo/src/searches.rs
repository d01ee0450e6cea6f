//! The search over orders: the index before their database, and the step that fills it.

use std::sync::Arc;

use engine::reading::Reading;
use engine::{Ids, Part, SystemClock, SystemIds};
use search::{Index, Indexer, IndexerSettings, SearchedQueries};
use settings::{DatabaseUrl, Role, Settings};

use crate::stores::Stores;

/// Puts the search index before the orders' database.
pub fn put_before(stores: &mut Stores, settings: &Settings) {
    let Some(index) = stores.search.clone() else { return };
    let (inner, log) = (stores.orders.queries.clone(), stores.orders.store.clone());
    // There an index costs those who place orders little; here it would be what they wait for most.
    let knows_customers = matches!(settings.database_of(Role::Orders), DatabaseUrl::Postgres(_));
    stores.orders.queries = Arc::new(SearchedQueries::new(inner, index, log, knows_customers));
}

/// What fills the index, and the index it fills.
pub fn indexer(stores: &Stores) -> Option<(Indexer, Arc<dyn Index>)> {
    let index = stores.search.clone()?;
    let (queries, log) = (stores.orders.queries.clone(), stores.orders.store.clone());
    let (id, clock) = (SystemIds.next(), Arc::new(SystemClock));
    let indexer = Indexer::new(id, Arc::clone(&index), queries, log, clock, IndexerSettings::default());
    Some((indexer, index))
}

/// How far the index is behind.
pub fn reading(stores: &Stores) -> Option<Reading> {
    let (log, publisher) = (stores.orders.store.clone(), stores.orders.store.clone());
    let cursors = stores.search.clone()?;
    Some(Reading { source: "orders", consumer: "search", part: Part::All, log, publisher, cursors })
}
