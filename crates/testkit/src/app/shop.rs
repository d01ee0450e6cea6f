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
use engine::reading::Reading;
use engine::{
    Applier, ApplierSettings, Clock, Cursors, Fault, Ids, Inlet, Intake, Log, Outbox, Part, Performer,
    Publisher, Relay, RelaySettings, Service, Signal, Step, Store,
};
use notifications::Notifications;
use orders::Orders;
use orders::service::INGRESS;
use payments::Payments;
use processing::Processing;
use provider::Provider;
use tokio::sync::Mutex;

use super::ground::Base;
use super::patient::{Asking, Patient};
use super::post::Counter;
use super::provider_port::{ProviderPort, Shared};
use super::road::Road;
use super::shelf::Shelf;
use super::tally::Counting;
use super::{World, forms};
use crate::faults::{Rig, RiggedInlet, RiggedPerformer, RiggedPublisher, RiggedStore};

/// How many bytes an order may have that comes in as an event.
const MESSAGE_BYTES: usize = 64 * 1024;

/// One life of the shop's process.
pub struct Shop {
    /// The orders service.
    pub orders: Node<Orders, dyn orders::Queries>,
    /// The payments service.
    pub payments: Node<Payments, dyn payments::Queries>,
    /// The processing service.
    pub processing: Node<Processing, dyn processing::Queries>,
    /// The catalog.
    pub catalog: Node<Catalog, dyn catalog::Queries>,
    /// The notifications service.
    pub notifications: Node<Notifications, dyn notifications::Queries>,
    /// The payment provider.
    pub provider: Node<Provider, dyn provider::Ledger>,
    /// The desk between payments and the payment provider.
    pub desk: Arc<Desk>,
    pub(super) steps: Vec<Box<dyn Step>>,
    /// Who reads whose log.
    pub(super) readings: Vec<Reading>,
}

/// One service of the shop.
pub struct Node<S: Service, Q: ?Sized> {
    /// Its database, without the rig.
    pub store: Arc<dyn Store<S>>,
    /// What can be asked of it.
    pub queries: Arc<Q>,
    /// What else there is to see in its database.
    pub shelf: Arc<dyn Shelf>,
    /// What a relay keeps in its database.
    outbox: Arc<dyn Outbox>,
    /// Where its messages go in.
    pub intake: Intake<S>,
    /// Its database as the engine sees it.
    rigged: Arc<dyn Store<S>>,
}

impl Shop {
    /// Opens the databases and wires everything.
    pub(super) fn open(world: &World) -> Result<Self, Fault> {
        let (wiring, bases) = (Wiring { world }, world.ground.open(world.settings.partitions));
        let (orders, orders_out) = wiring.node(bases.orders)?;
        let (payments, payments_out) = wiring.node(bases.payments)?;
        let (processing, processing_out) = wiring.node(bases.processing)?;
        let (catalog, catalog_out) = wiring.node(bases.catalog)?;
        let (notifications, notifications_out) = wiring.node(bases.notifications)?;
        let (provider, provider_out) = wiring.node(bases.provider)?;

        let payment_deadline = world.settings.payment_deadline;
        let settings = orders::Settings { forms: forms(), payment_deadline, message_bytes: MESSAGE_BYTES };
        let orders_applier = wiring
            .applier(Orders { settings }, &orders, orders_out)
            .inlet(wiring.inlet(&catalog, &orders))
            .inlet(wiring.inlet(&payments, &orders))
            .inlet(wiring.inlet(&processing, &orders))
            .inlet(wiring.inlet(&notifications, &orders))
            .inlet(wiring.rigged(Orders::NAME, world.ingress.inlet(INGRESS)));
        let (desk, jobs) = Desk::new(Breaker::new(world.settings.breaker), 64);
        let payments_applier = wiring
            .applier(Payments, &payments, payments_out)
            .inlet(wiring.inlet(&orders, &payments))
            .inlet(wiring.inlet(&catalog, &payments))
            .desk(Arc::clone(&desk));
        let processing_applier = wiring
            .applier(Processing { settings: world.settings.processing }, &processing, processing_out)
            .inlet(wiring.inlet(&orders, &processing))
            .inlet(wiring.inlet(&catalog, &processing));
        let catalog_applier =
            wiring.applier(Catalog, &catalog, catalog_out).inlet(wiring.inlet(&orders, &catalog));
        let (mail_desk, mails) = Desk::new(Breaker::new(world.settings.breaker), 64);
        let notifications_applier = wiring
            .applier(
                Notifications { settings: world.settings.notifications },
                &notifications,
                notifications_out,
            )
            .inlet(wiring.inlet(&orders, &notifications))
            .inlet(wiring.inlet(&payments, &notifications))
            .desk(Arc::clone(&mail_desk));
        let provider_applier = Arc::new(Mutex::new(wiring.applier(Provider, &provider, provider_out)));

        let port = ProviderPort::new(
            Arc::clone(&world.knobs),
            Arc::clone(&world.ids),
            provider.intake.clone(),
            Arc::clone(&provider_applier),
        );
        let asking = port.asking();
        let worker = Worker::new(
            Arc::clone(&desk),
            jobs,
            wiring.performer(Payments::NAME, Arc::new(port)),
            payments.intake.clone(),
            wiring.clock(),
            wiring.observer(Payments::NAME),
        );
        let postman = Worker::new(
            mail_desk,
            mails,
            wiring.performer(Notifications::NAME, Arc::new(Counter(Arc::clone(&world.post)))),
            notifications.intake.clone(),
            wiring.clock(),
            wiring.observer(Notifications::NAME),
        );
        let mut steps: Vec<Box<dyn Step>> = vec![
            Box::new(orders_applier),
            Box::new(payments_applier),
            Box::new(Patient::new(worker, asking)),
            Box::new(processing_applier),
            Box::new(catalog_applier),
            Box::new(notifications_applier),
            Box::new(Patient::new(postman, Asking::default())),
            Box::new(Shared::new(provider_applier)),
            wiring.cleaner(
                &orders,
                vec![payments.cursors(), processing.cursors(), catalog.cursors(), notifications.cursors()],
            ),
            wiring.cleaner(&payments, vec![orders.cursors(), notifications.cursors()]),
            wiring.cleaner(&processing, vec![orders.cursors()]),
            wiring.cleaner(&catalog, vec![orders.cursors(), payments.cursors(), processing.cursors()]),
            wiring.cleaner(&notifications, vec![orders.cursors()]),
            wiring.cleaner(&provider, vec![]),
        ];
        let readings = match &world.road {
            None => vec![
                catalog.read_by(&orders),
                catalog.read_by(&payments),
                catalog.read_by(&processing),
                orders.read_by(&catalog),
                payments.read_by(&orders),
                processing.read_by(&orders),
                orders.read_by(&payments),
                orders.read_by(&processing),
                orders.read_by(&notifications),
                payments.read_by(&notifications),
                notifications.read_by(&orders),
            ],
            Some(road) => {
                steps.push(wiring.relay(&orders, road));
                steps.push(wiring.relay(&payments, road));
                steps.push(wiring.relay(&processing, road));
                steps.push(wiring.relay(&catalog, road));
                steps.push(wiring.relay(&notifications, road));
                vec![
                    orders.forwarded(),
                    payments.forwarded(),
                    processing.forwarded(),
                    catalog.forwarded(),
                    notifications.forwarded(),
                ]
            }
        };
        Ok(Self { orders, payments, processing, catalog, notifications, provider, desk, steps, readings })
    }
}

impl<S: Service, Q: ?Sized> Node<S, Q> {
    fn cursors(&self) -> Arc<dyn Cursors> {
        Arc::clone(&self.rigged) as Arc<dyn Cursors>
    }

    fn log(&self) -> Arc<dyn Log> {
        Arc::clone(&self.rigged) as Arc<dyn Log>
    }

    /// That the consumer reads this service's log.
    fn read_by<C: Service, P: ?Sized>(&self, consumer: &Node<C, P>) -> Reading {
        let (log, publisher, cursors) = (self.store.clone(), self.store.clone(), consumer.store.clone());
        Reading { source: S::NAME, consumer: C::NAME, part: C::PART, log, publisher, cursors }
    }

    /// That its relay reads its own log.
    fn forwarded(&self) -> Reading {
        Reading { consumer: "broker", part: Part::All, ..self.read_by(self) }
    }
}

struct Wiring<'w> {
    world: &'w World,
}

impl Wiring<'_> {
    fn node<S: Service, Q: ?Sized>(&self, base: Base<S, Q>) -> Result<(Node<S, Q>, Outlet<S>), Fault> {
        let Base { store, outbox, queries, shelf } = base;
        let rigged: Arc<dyn Store<S>> = match &self.world.rig {
            None => Arc::clone(&store),
            Some(rig) => {
                let inner = Arc::new(RiggedStore::new(Arc::clone(&store), Arc::clone(rig)));
                Arc::new(FaultyStore::new(inner, faults(rig)))
            }
        };
        self.world.ground.wait(rigged.recover())?;
        let (intake, outlet) = intake(1_000, Signal::new());
        Ok((Node { store, queries, shelf, outbox, intake, rigged }, outlet))
    }

    fn applier<S: Service, Q: ?Sized>(&self, service: S, node: &Node<S, Q>, outlet: Outlet<S>) -> Applier<S> {
        let settings = ApplierSettings {
            batch: self.world.settings.batch,
            backoff: self.world.settings.backoff,
            lease: self.world.settings.lease,
            ..ApplierSettings::default()
        };
        let store = Arc::clone(&node.rigged);
        Applier::new(Arc::new(service), store, self.clock(), self.observer(S::NAME), settings, outlet)
    }

    fn inlet<P: Service, C: Service>(
        &self,
        producer: &Node<P, impl ?Sized>,
        consumer: &Node<C, impl ?Sized>,
    ) -> Box<dyn Inlet> {
        let inlet = match &self.world.road {
            None => Box::new(EmbeddedInlet::new(P::NAME, producer.log(), consumer.cursors())),
            Some(road) => self.world.ground.wait(road.inlet(C::NAME, P::NAME)).expect("an inlet"),
        };
        self.rigged(C::NAME, inlet)
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

    fn relay<S: Service, Q: ?Sized>(&self, node: &Node<S, Q>, road: &Road) -> Box<dyn Step> {
        let outbox = Arc::clone(&node.outbox);
        let publisher: Arc<dyn Publisher> = match &self.world.rig {
            None => road.publisher(),
            Some(rig) => Arc::new(RiggedPublisher::new(road.publisher(), S::NAME, Arc::clone(rig))),
        };
        let settings = RelaySettings { lease: self.world.settings.lease, ..RelaySettings::default() };
        let (id, observer) = (self.world.ids.next(), self.observer(S::NAME));
        Box::new(Relay::new(S::NAME, id, outbox, publisher, self.clock(), observer, settings))
    }

    fn cleaner<S: Service, Q: ?Sized>(
        &self,
        node: &Node<S, Q>,
        consumers: Vec<Arc<dyn Cursors>>,
    ) -> Box<dyn Step> {
        // Over a broker it is the service's own relay that reads its log.
        let consumers = if self.world.road.is_some() { vec![node.cursors()] } else { consumers };
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
