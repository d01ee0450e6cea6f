//! Streams: what the API's streams stand on, which is the logs of all services, whichever process writes them.

use std::sync::Arc;

use engine::Log;
use http_api::{Live, Notices};

use crate::process::Process;
use crate::service::Threads;
use crate::stores::Stores;

/// Makes the streams of a process that has all databases, and sees to it that they go on.
pub fn open(process: &mut Process<'_>, stores: &Stores, notices: Arc<Notices>) -> Arc<Live> {
    // Their order is part of the tokens that clients come back with.
    let logs: Vec<Arc<dyn Log>> = vec![
        stores.orders.store.clone(),
        stores.payments.store.clone(),
        stores.processing.store.clone(),
        stores.catalog.store.clone(),
    ];
    let live = Live::new(notices, logs, process.settings.http.max_streams, Arc::clone(&process.metrics));
    for step in live.steps(stores.orders.store.clone()) {
        process.own(Threads::of(step, &process.driver));
    }
    live
}
