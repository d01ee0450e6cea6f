//! The wiring: the same parts as in production, driven by hand, with the rig in between.

use std::sync::Arc;

use catalog::Catalog;
use engine::breaker::Breaker;
use engine::cleaner::Cleaner;
use engine::effects::{Desk, Worker};
use engine::embedded::EmbeddedInlet;
use engine::faults::{Faults, FaultyInlet, FaultyPerformer, FaultyStore};
use engine::intake::{Outlet, intake};
use engine::observe::Observer;
use engine::{
    Applier, ApplierSettings, Clock, Cursors, Fault, Inlet, Intake, Log, Performer, Service, Signal, Step,
    Store,
};
use orders::Orders;
use orders::service::INGRESS;
use payments::Payments;
use processing::Processing;
use provider::Provider;
use store_sqlite::{
    CatalogTables, DataDirectory, OrdersTables, PaymentsTables, ProcessingTables, ProviderTables,
    SqliteSettings, SqliteStore, Tables,
};
use tokio::sync::Mutex;

use super::provider_port::{ProviderPort, Shared};
use super::tally::Counting;
use super::{World, at_once, forms};
use crate::faults::{Rig, RiggedInlet, RiggedPerformer, RiggedStore};

/// How many bytes an order may have that comes in as an event.
const MESSAGE_BYTES: usize = 64 * 1024;

/// One life of the shop's process.
pub struct Shop {
    /// The orders service.
    pub orders: Node<Orders>,
    /// The payments service.
    pub payments: Node<Payments>,
    /// The processing service.
    pub processing: Node<Processing>,
    /// The catalog.
    pub catalog: Node<Catalog>,
    /// The payment provider.
    pub provider: Node<Provider>,
    /// The desk between payments and the payment provider.
    pub desk: Arc<Desk>,
    pub(super) steps: Vec<Box<dyn Step>>,
}

/// One service of the shop.
pub struct Node<S: Service> {
    /// Its file, without the rig.
    pub store: Arc<SqliteStore<S>>,
    /// Where its messages go in.
    pub intake: Intake<S>,
    /// Its file as the engine sees it.
    rigged: Arc<dyn Store<S>>,
}

impl Shop {
    /// Opens the files and wires everything.
    pub(super) fn open(world: &World) -> Result<Self, Fault> {
        let directory = DataDirectory::open(world.directory.path()).expect("the directory is free");
        let wiring = Wiring { world, directory };
        let (orders, orders_out) = wiring.node(OrdersTables)?;
        let (payments, payments_out) = wiring.node(PaymentsTables)?;
        let (processing, processing_out) = wiring.node(ProcessingTables)?;
        let (catalog, catalog_out) = wiring.node(CatalogTables)?;
        let (provider, provider_out) = wiring.node(ProviderTables)?;

        let payment_deadline = world.settings.payment_deadline;
        let settings = orders::Settings { forms: forms(), payment_deadline, message_bytes: MESSAGE_BYTES };
        let orders_applier = wiring
            .applier(Orders { settings }, &orders, orders_out)
            .inlet(wiring.inlet(&catalog, &orders))
            .inlet(wiring.inlet(&payments, &orders))
            .inlet(wiring.inlet(&processing, &orders))
            .inlet(wiring.rigged(Orders::NAME, world.ingress.inlet(INGRESS)));
        let (desk, jobs) = Desk::new(Breaker::new(world.settings.breaker), 64);
        let payments_applier = wiring
            .applier(Payments, &payments, payments_out)
            .inlet(wiring.inlet(&orders, &payments))
            .desk(Arc::clone(&desk));
        let processing_applier = wiring
            .applier(Processing { settings: world.settings.processing }, &processing, processing_out)
            .inlet(wiring.inlet(&orders, &processing));
        let catalog_applier = wiring.applier(Catalog, &catalog, catalog_out);
        let provider_applier = Arc::new(Mutex::new(wiring.applier(Provider, &provider, provider_out)));

        let port = ProviderPort::new(
            Arc::clone(&world.knobs),
            Arc::clone(&world.ids),
            provider.intake.clone(),
            Arc::clone(&provider_applier),
        );
        let worker = Worker::new(
            Arc::clone(&desk),
            jobs,
            wiring.performer(Payments::NAME, Arc::new(port)),
            payments.intake.clone(),
            wiring.clock(),
            wiring.observer(Payments::NAME),
        );
        let steps: Vec<Box<dyn Step>> = vec![
            Box::new(orders_applier),
            Box::new(payments_applier),
            Box::new(worker),
            Box::new(processing_applier),
            Box::new(catalog_applier),
            Box::new(Shared::new(provider_applier)),
            wiring.cleaner(&orders, vec![payments.cursors(), processing.cursors()]),
            wiring.cleaner(&payments, vec![orders.cursors()]),
            wiring.cleaner(&processing, vec![orders.cursors()]),
            wiring.cleaner(&catalog, vec![orders.cursors()]),
            wiring.cleaner(&provider, vec![]),
        ];
        Ok(Self { orders, payments, processing, catalog, provider, desk, steps })
    }
}

impl<S: Service> Node<S> {
    fn cursors(&self) -> Arc<dyn Cursors> {
        Arc::clone(&self.rigged) as Arc<dyn Cursors>
    }

    fn log(&self) -> Arc<dyn Log> {
        Arc::clone(&self.rigged) as Arc<dyn Log>
    }
}

struct Wiring<'w> {
    world: &'w World,
    directory: DataDirectory,
}

impl Wiring<'_> {
    fn node<S: Service>(&self, tables: impl Tables<S>) -> Result<(Node<S>, Outlet<S>), Fault> {
        let settings =
            SqliteSettings { partitions: self.world.settings.partitions, ..SqliteSettings::default() };
        let store =
            Arc::new(SqliteStore::open(&self.directory, tables, settings).expect("the file can be opened"));
        let rigged: Arc<dyn Store<S>> = match &self.world.rig {
            None => Arc::clone(&store) as Arc<dyn Store<S>>,
            Some(rig) => {
                let inner = Arc::clone(&store) as Arc<dyn Store<S>>;
                let inner = Arc::new(RiggedStore::new(inner, Arc::clone(rig)));
                Arc::new(FaultyStore::new(inner, faults(rig)))
            }
        };
        at_once(rigged.recover())?;
        let (intake, outlet) = intake(1_000, Signal::new());
        Ok((Node { store, intake, rigged }, outlet))
    }

    fn applier<S: Service>(&self, service: S, node: &Node<S>, outlet: Outlet<S>) -> Applier<S> {
        let settings = ApplierSettings {
            batch: self.world.settings.batch,
            backoff: self.world.settings.backoff,
            lease: self.world.settings.lease,
            ..ApplierSettings::default()
        };
        let store = Arc::clone(&node.rigged);
        Applier::new(Arc::new(service), store, self.clock(), self.observer(S::NAME), settings, outlet)
    }

    fn inlet<P: Service, C: Service>(&self, producer: &Node<P>, consumer: &Node<C>) -> Box<dyn Inlet> {
        let inlet = EmbeddedInlet::new(P::NAME, producer.log(), consumer.cursors());
        self.rigged(C::NAME, Box::new(inlet))
    }

    fn rigged(&self, consumer: &'static str, inlet: Box<dyn Inlet>) -> Box<dyn Inlet> {
        match &self.world.rig {
            None => inlet,
            Some(rig) => {
                let inlet = Box::new(RiggedInlet::new(inlet, consumer, Arc::clone(rig)));
                Box::new(FaultyInlet::new(inlet, consumer, faults(rig)))
            }
        }
    }

    fn performer(&self, service: &'static str, inner: Arc<dyn Performer>) -> Arc<dyn Performer> {
        match &self.world.rig {
            None => inner,
            Some(rig) => {
                let inner = Arc::new(RiggedPerformer::new(inner, service, Arc::clone(rig)));
                Arc::new(FaultyPerformer::new(inner, service, faults(rig)))
            }
        }
    }

    fn cleaner<S: Service>(&self, node: &Node<S>, consumers: Vec<Arc<dyn Cursors>>) -> Box<dyn Step> {
        let (store, period) = (Arc::clone(&node.rigged), self.world.settings.clean_up_period);
        Box::new(Cleaner::new(store, consumers, self.clock(), self.observer(S::NAME), 100, period))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.world.clock) as Arc<dyn Clock>
    }

    fn observer(&self, service: &'static str) -> Arc<dyn Observer> {
        Arc::new(Counting { service, verdicts: Arc::clone(&self.world.verdicts) })
    }
}

fn faults(rig: &Arc<dyn Rig>) -> Arc<dyn Faults> {
    Arc::clone(rig) as Arc<dyn Faults>
}
