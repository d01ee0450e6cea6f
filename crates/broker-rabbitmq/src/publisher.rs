//! Publishing with confirms.
//!
//! It guarantees that a record counts as taken only when the server has confirmed it, and that one which the server does
//! not take as it is holds up no other. The server closes the channel over such a record and does not say which it was, so
//! it is looked for: the largest goes alone, until one gets through.
//!
//! An event that no queue takes is lost to nobody, if nobody of ours reads its type. If somebody does, his queue is missing,
//! and the event was not taken.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use engine::{Fault, Publisher, Record};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{Channel, Confirmation, Error};
use tokio::time::timeout;

use crate::failure::{Failure, is_precondition, said, within};
use crate::flight::Flight;
use crate::link::Link;
use crate::message::properties;
use crate::topology::Topology;

/// Publishes to the exchange. Each call has a channel to itself meanwhile, so that none disturbs another.
pub(crate) struct RabbitPublisher {
    link: Arc<Link>,
    topology: Arc<Topology>,
    /// For each step but the confirms.
    limit: Duration,
    /// For a whole call.
    publish_limit: Duration,
    /// Open channels that nobody uses just now, at most as many as there ever were calls at a time.
    idle: Mutex<Vec<Channel>>,
}

impl RabbitPublisher {
    /// A publisher over this link.
    pub fn new(link: Arc<Link>, topology: Arc<Topology>, limit: Duration, publish_limit: Duration) -> Self {
        Self { link, topology, limit, publish_limit, idle: Mutex::default() }
    }

    /// Sends until it is known of each record what became of it. Each round settles at least one.
    async fn fly(&self, flight: &mut Flight<'_>) -> Result<(), Failure> {
        while !self.send(flight, &flight.open()).await? {
            self.single_out(flight).await?;
        }
        Ok(())
    }

    /// Sends the largest alone, until one gets through.
    async fn single_out(&self, flight: &mut Flight<'_>) -> Result<(), Failure> {
        for item in flight.open() {
            self.send(flight, &[item]).await?;
            if !flight.is_rejected(item) {
                break;
            }
        }
        Ok(())
    }

    /// Sends these together. False: the server does not take one of them, nobody knows which, and some are still open.
    async fn send(&self, flight: &mut Flight<'_>, items: &[usize]) -> Result<bool, Failure> {
        if items.is_empty() {
            return Ok(true);
        }
        let channel = self.channel().await?;
        let end = self.confirmed(flight, items, &channel).await;
        match (end, items) {
            (None, _) => self.idle().push(channel),
            (Some(error), [item]) if is_precondition(&error) => {
                flight.settle(*item, Err(Fault::Rejected(format!("RabbitMQ: {}", said(&error)))));
            }
            (Some(error), _) if is_precondition(&error) => {
                self.leave().await;
                return Ok(false);
            }
            (Some(error), _) => {
                self.declare_again();
                return Err(error.into());
            }
        }
        Ok(true)
    }

    /// Hands these over and waits for the confirms. Answers what ended the channel, if anything did.
    async fn confirmed(&self, flight: &mut Flight<'_>, items: &[usize], channel: &Channel) -> Option<Error> {
        let records = flight.records;
        let hand_over = async |item: usize| (item, self.hand_over(channel, &records[item]).await);
        let mut sent: FuturesUnordered<_> = items.iter().map(|item| hand_over(*item)).collect();
        let mut end: Option<Error> = None;
        while let Some((item, confirmed)) = sent.next().await {
            match confirmed {
                Ok(confirmation) => land(flight, item, confirmation),
                Err(error) => end = Some(end.filter(is_precondition).unwrap_or(error)),
            }
        }
        end
    }

    async fn hand_over(&self, channel: &Channel, record: &Record) -> lapin::Result<Confirmation> {
        let key = ShortString::try_new(record.kind.as_str()).unwrap_or_default();
        let mandatory = self.topology.is_read(&record.kind);
        let options = BasicPublishOptions { mandatory, ..BasicPublishOptions::default() };
        let (exchange, body) = (self.topology.exchange.clone(), record.data.as_bytes());
        channel.basic_publish(exchange, key, options, body, properties(record)).await?.await
    }

    /// Leaves a connection on which frames of a closed channel may still be on their way: the client does not take them back,
    /// and the server closes the connection over them.
    async fn leave(&self) {
        self.idle().clear();
        self.link.leave().await;
    }

    /// Something may be missing: the next channel comes when it is there.
    fn declare_again(&self) {
        self.idle().clear();
        self.link.declare_again();
    }

    async fn channel(&self) -> Result<Channel, Failure> {
        if let Some(channel) = self.idle_channel() {
            return Ok(channel);
        }
        let channel = self.link.channel().await?;
        within(self.limit, channel.confirm_select(ConfirmSelectOptions::default())).await?;
        Ok(channel)
    }

    fn idle_channel(&self) -> Option<Channel> {
        let mut idle = self.idle();
        idle.retain(|channel| channel.status().connected());
        idle.pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Channel>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Publisher for RabbitPublisher {
    async fn publish(&self, records: &[Arc<Record>]) -> Vec<Result<(), Fault>> {
        let mut flight = Flight::new(records);
        let flown = timeout(self.publish_limit, self.fly(&mut flight)).await;
        let end = flown.unwrap_or(Err(Failure::Late(self.publish_limit)));
        if flight.take_back() {
            self.declare_again();
        }
        flight.results(end.err().unwrap_or(Failure::Lost))
    }
}

fn land(flight: &mut Flight<'_>, item: usize, confirmation: Confirmation) {
    let is_kept = confirmation.is_ack();
    if let Some(returned) = confirmation.take_message() {
        flight.note_returned(returned.delivery.routing_key.as_str());
    }
    let lost = || Fault::Unavailable("RabbitMQ: the server could not keep it".to_owned());
    flight.settle(item, is_kept.then_some(()).ok_or_else(lost));
}
