//! The payment provider's API over a ledger in memory.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use engine::{Ids, Key, SystemIds};
use provider::{Charge, Knobs, Provider, Status};

use super::store::Memory;
use super::{Answered, NOW, Server, StoppedClock, serve, usd};
use crate::{Limits, Metrics, Notices, ProviderApi};

/// The provider.
pub(crate) struct Bank {
    pub api: ProviderApi,
    pub knobs: Arc<Knobs>,
    ledger: Memory<Provider>,
    pub(super) server: Server,
}

impl Bank {
    pub fn new() -> Self {
        Self::with_ids(Arc::new(SystemIds))
    }

    pub fn with_ids(ids: Arc<dyn Ids>) -> Self {
        let ledger = Memory::new();
        let (intake, step) = serve(Provider, &ledger, &Notices::new());
        let knobs = Arc::new(Knobs::default());
        let api = ProviderApi {
            intake,
            ledger: Arc::new(ledger.clone()),
            knobs: Arc::clone(&knobs),
            default_currency: usd(),
            clock: Arc::new(StoppedClock),
            ids,
            limits: Limits::default(),
            metrics: Metrics::new(),
            checks: Vec::new(),
            peer: |_| None,
        };
        let server = Server::new(crate::provider_router(api.clone()), vec![step]);
        Self { api, knobs, ledger, server }
    }

    /// Keeps a voided key.
    pub fn keep(&self, number: u32) {
        let key = Key::name(&format!("charge-{number}"));
        self.ledger.keep(key.clone(), Charge { key, at: NOW, status: Status::Voided });
    }

    pub async fn ask(&self, request: Request<Body>) -> Answered {
        self.server.ask(request).await
    }
}
