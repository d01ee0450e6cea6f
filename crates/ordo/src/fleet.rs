//! The fleet: services over a broker, each for itself, in this process or in others. Any number of instances of each may
//! run, and share its work.

use std::sync::Arc;

use anyhow::{Context, Result};
use broker::Broker;
use catalog::Catalog;
use engine::effects::Desk;
use engine::faults::Faults;
use engine::reading::Reading;
use engine::{Intake, Part, Service};
use http_api::Notices;
use notifications::Notifications;
use orders::Orders;
use payments::Payments;
use processing::Processing;
use settings::Settings;

use crate::brokers::readers_of;
use crate::drive::{Driver, until};
use crate::notify;
use crate::service::{Running, Threads};
use crate::shop::{self, Watch};
use crate::stores::{Base, Stores};

/// What services of a fleet stand on.
pub struct Fleet<'f> {
    pub settings: &'f Settings,
    pub broker: Arc<dyn Broker>,
    pub watch: Watch<'f>,
    pub notices: Arc<Notices>,
    pub faults: Option<Arc<dyn Faults>>,
    pub driver: Driver,
}

impl Fleet<'_> {
    /// Starts the orders service.
    pub async fn orders(&self, stores: &Stores) -> Result<(Intake<Orders>, Threads)> {
        let mut running = self.carried(&stores.orders).await?;
        running.tell(self.notices.elsewhere());
        let intake = running.intake.clone();
        let service = shop::orders_service(self.settings)?;
        let mut threads = shop::index_orders(stores, &mut running, &self.driver)?;
        threads.join(running.run(service, self.settings, &self.driver).await?);
        Ok((intake, threads))
    }

    /// Starts the payments service. `payment_url` is where the payment provider listens.
    pub async fn payments(
        &self,
        base: &Base<Payments, dyn payments::Queries>,
        payment_url: &str,
    ) -> Result<(Intake<Payments>, Arc<Desk>, Threads)> {
        let mut running = self.carried(base).await?;
        let desk = shop::perform_charges(&mut running, self.settings, payment_url)?;
        let intake = running.intake.clone();
        Ok((intake, desk, running.run(Payments, self.settings, &self.driver).await?))
    }

    /// Takes commands and operators' acts in for a service that runs in other processes.
    pub fn commands<S: Service, Q: ?Sized>(
        &self,
        base: &Base<S, Q>,
        service: S,
    ) -> Result<(Intake<S>, Threads)> {
        let running = self.running(base);
        let intake = running.intake.clone();
        Ok((intake, running.run_commands(service, self.settings, &self.driver)?))
    }

    /// Starts the processing service.
    pub async fn processing(
        &self,
        base: &Base<Processing, dyn processing::Queries>,
    ) -> Result<(Intake<Processing>, Threads)> {
        let service = shop::processing_service(self.settings);
        let running = self.carried(base).await?;
        let intake = running.intake.clone();
        Ok((intake, running.run(service, self.settings, &self.driver).await?))
    }

    /// Starts the catalog, and sees to it that it has a menu.
    pub async fn catalog(
        &self,
        base: &Base<Catalog, dyn catalog::Queries>,
    ) -> Result<(Intake<Catalog>, Threads)> {
        let running = self.carried(base).await?;
        let intake = running.intake.clone();
        let threads = running.run(Catalog, self.settings, &self.driver).await?;
        shop::seed_menu(&intake).await?;
        Ok((intake, threads))
    }

    /// Starts the notifications service.
    pub async fn notifications(
        &self,
        base: &Base<Notifications, dyn notifications::Queries>,
    ) -> Result<(Intake<Notifications>, Threads)> {
        let mut running = self.carried(base).await?;
        notify::perform_mails(&mut running, self.settings)?;
        let intake = running.intake.clone();
        Ok((intake, running.run(notify::service(self.settings), self.settings, &self.driver).await?))
    }

    fn running<S: Service, Q: ?Sized>(&self, base: &Base<S, Q>) -> Running<S> {
        shop::running(self.settings, base, self.watch, &self.faults)
    }

    /// A service that gets its events from the broker, and has its own forwarded to it.
    async fn carried<S: Service, Q: ?Sized>(&self, base: &Base<S, Q>) -> Result<Running<S>> {
        let mut running = self.running(base);
        for reader in readers_of::<S>() {
            let inlet = self.broker.inlet(reader, running.signal.clone()).await;
            running.receive(inlet.with_context(|| format!("{} cannot consume events", S::NAME))?);
        }
        running.forward(base.outbox.clone(), self.broker.publisher());
        Ok(running)
    }
}

/// Waits until the orders service knows the menu of a catalog in the same process. A broker that is away does not keep it
/// from taking other orders.
pub async fn until_menu_is_known(stores: &Stores) {
    let known = until("the menu did not come", || async {
        Ok(stores.orders.queries.menu().await?.len() >= stores.catalog.queries.menu().await?.len())
    });
    let known = known.await;
    if let Err(error) = known {
        tracing::warn!(%error, "orders from the menu are refused until the broker brings it");
    }
}

/// How far the broker is behind a service's log.
pub fn reading<S: Service>(base: &Base<S, impl ?Sized>) -> Reading {
    let (log, publisher, cursors) = (base.store.clone(), base.store.clone(), base.store.clone());
    Reading { source: S::NAME, consumer: "broker", part: Part::All, log, publisher, cursors }
}
