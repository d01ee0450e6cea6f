//! A broker between the services, and what it still has for them.
//!
//! Nobody can list what a broker has, so it is counted, for each reader: what the broker has taken, and what of it the
//! reader has settled. What was never put on this road is passed over: a broker may bring once more what it had for the shop
//! before, whose tables are gone.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use broker::{Broker, Reader, Topic};
use catalog::Catalog;
use engine::service::sources;
use engine::{Delivery, Fault, Inlet, Publisher, Record, Service, Signal};
use orders::Orders;
use orders::service::INGRESS;
use payments::Payments;
use processing::Processing;

/// A broker between the services. It outlives their processes.
pub(crate) struct Road {
    broker: Arc<dyn Broker>,
    traffic: Arc<Traffic>,
    /// Raised when something comes.
    signal: Signal,
}

/// What has gone by.
#[derive(Default)]
struct Traffic(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    /// How often each event is on its way, by reader and id.
    under_way: HashMap<(&'static str, &'static str, String), usize>,
    /// All events that were ever put on it, by source and id.
    departed: HashSet<(String, String)>,
}

/// Who reads what. Orders that come in do not come over the broker.
pub fn readers() -> Vec<Reader> {
    [readers_of::<Orders>(), readers_of::<Payments>(), readers_of::<Processing>(), readers_of::<Catalog>()]
        .concat()
}

fn readers_of<S: Service>() -> Vec<Reader> {
    let topics = sources::<S>().into_iter().filter(|source| *source != INGRESS).filter_map(Topic::of);
    topics.map(|topic| Reader { consumer: S::NAME, topic }).collect()
}

impl Road {
    /// A road with nothing on it.
    pub fn over(broker: Arc<dyn Broker>) -> Self {
        Self { broker, traffic: Arc::default(), signal: Signal::new() }
    }

    /// Where it begins.
    pub fn publisher(&self) -> Arc<dyn Publisher> {
        Arc::new(Beginning { inner: self.broker.publisher(), traffic: Arc::clone(&self.traffic) })
    }

    /// Where it ends for this consumer of that source's events.
    pub async fn inlet(&self, consumer: &'static str, source: &'static str) -> Result<Box<dyn Inlet>, Fault> {
        let topic = Topic::of(source).expect("a source with a topic");
        let inner = self.broker.inlet(Reader { consumer, topic }, self.signal.clone()).await?;
        Ok(Box::new(End { inner, consumer, traffic: Arc::clone(&self.traffic), polled: Vec::new() }))
    }

    /// Something that is on its way. None: nothing is.
    pub fn freight(&self) -> Option<String> {
        let under_way = &self.traffic.0.lock().unwrap().under_way;
        let (consumer, source, id) = under_way.keys().min()?;
        Some(format!("{source}'s event {id} for {consumer}, one of {}", under_way.len()))
    }

    /// Ends when something has come.
    pub async fn arrival(&self) {
        self.signal.raised().await;
    }
}

impl Traffic {
    fn depart(&self, record: &Record) {
        let mut counted = self.0.lock().unwrap();
        counted.departed.insert((record.source.clone(), record.id()));
        for reader in readers().into_iter().filter(|reader| reader.topic.source == record.source) {
            *counted.under_way.entry((reader.consumer, reader.topic.source, record.id())).or_default() += 1;
        }
    }

    fn knows(&self, record: &Record) -> bool {
        self.0.lock().unwrap().departed.contains(&(record.source.clone(), record.id()))
    }

    /// What comes once more than it was sent was not acknowledged in time.
    fn arrive(&self, place: (&'static str, &'static str), ids: impl Iterator<Item = String>) {
        let under_way = &mut self.0.lock().unwrap().under_way;
        for id in ids {
            let event = (place.0, place.1, id);
            match under_way.get_mut(&event) {
                Some(times) if *times > 1 => *times -= 1,
                _ => drop(under_way.remove(&event)),
            }
        }
    }
}

/// A publisher that counts what is taken.
struct Beginning {
    inner: Arc<dyn Publisher>,
    traffic: Arc<Traffic>,
}

#[async_trait]
impl Publisher for Beginning {
    async fn publish(&self, records: &[Arc<Record>]) -> Vec<Result<(), Fault>> {
        let results = self.inner.publish(records).await;
        let taken = records.iter().zip(&results).filter(|(_, result)| result.is_ok());
        taken.for_each(|(record, _)| self.traffic.depart(record));
        results
    }
}

/// An inlet that counts what is settled.
struct End {
    inner: Box<dyn Inlet>,
    consumer: &'static str,
    traffic: Arc<Traffic>,
    /// Polled, and neither settled nor rewound.
    polled: Vec<String>,
}

#[async_trait]
impl Inlet for End {
    fn source(&self) -> &'static str {
        self.inner.source()
    }

    fn consumer_keeps_cursor(&self) -> bool {
        self.inner.consumer_keeps_cursor()
    }

    async fn poll(&mut self, limit: usize) -> Result<Vec<Delivery>, Fault> {
        let mut deliveries = self.inner.poll(limit).await?;
        deliveries.retain(|delivery| self.traffic.knows(&delivery.record));
        self.polled.extend(deliveries.iter().map(|delivery| delivery.record.id()));
        Ok(deliveries)
    }

    async fn settle(&mut self) -> Result<(), Fault> {
        self.inner.settle().await?;
        let place = (self.consumer, self.inner.source());
        self.traffic.arrive(place, self.polled.drain(..));
        Ok(())
    }

    async fn rewind(&mut self) {
        self.polled.clear();
        self.inner.rewind().await;
    }
}
