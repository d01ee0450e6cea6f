//! What has to work for a process to be ready.

use std::sync::Arc;

use async_trait::async_trait;
use broker::Broker;
use engine::{Service, Store};
use http_api::Check;

use crate::stores::Base;

/// A service's database, which has to answer a question, and to take in what is written.
struct Database<S: Service> {
    name: String,
    store: Arc<dyn Store<S>>,
    is_needed: bool,
}

/// The check that the database of a service answers that runs `here`. Of another one only questions cannot be answered.
pub fn database<S: Service, Q: ?Sized>(base: &Base<S, Q>, here: bool) -> Arc<dyn Check> {
    let name = format!("{}-database", S::NAME);
    Arc::new(Database { name, store: base.store.clone(), is_needed: here })
}

#[async_trait]
impl<S: Service> Check for Database<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn is_needed(&self) -> bool {
        self.is_needed
    }

    async fn check(&self) -> Result<(), String> {
        self.store.check().await.map_err(|fault| fault.to_string())
    }
}

/// The broker. While it is away orders are taken all the same, and go on when it is back.
struct Link(Arc<dyn Broker>);

/// The check that the broker answers.
pub fn link(broker: &Arc<dyn Broker>) -> Arc<dyn Check> {
    Arc::new(Link(Arc::clone(broker)))
}

#[async_trait]
impl Check for Link {
    fn name(&self) -> &str {
        "broker"
    }

    fn is_needed(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<(), String> {
        self.0.check().await.map_err(|fault| fault.to_string())
    }
}
