//! A channel with a consumer on it, from its beginning to its end.

use std::sync::Arc;
use std::time::Duration;

use broker::{Arrival, Topic};
use engine::{Delivery, Position};
use futures::StreamExt;
use lapin::options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::{FieldTable, ShortString};
use lapin::{Channel, Consumer};

use crate::failure::{Failure, within};
use crate::link::Link;
use crate::message;
use crate::settled::Tag;

/// What an inlet consumes, and how.
pub(crate) struct Subscription {
    pub link: Arc<Link>,
    pub topic: &'static Topic,
    pub queue: ShortString,
    /// Messages at most that are not acknowledged.
    pub prefetch: u16,
    /// For each step.
    pub limit: Duration,
}

impl Subscription {
    /// Begins to consume, on the inlet's channel of this number.
    pub async fn begin(&self, number: u64) -> Result<Session, Failure> {
        let channel = self.link.channel().await?;
        within(self.limit, channel.basic_qos(self.prefetch, BasicQosOptions::default())).await?;
        let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
        let consumed = channel.basic_consume(self.queue.clone(), ShortString::default(), options, arguments);
        let deliveries = within(self.limit, consumed).await?;
        Ok(Session { channel, deliveries, topic: self.topic, number, acknowledged: 0, limit: self.limit })
    }
}

/// A channel with a consumer on it.
pub(crate) struct Session {
    channel: Channel,
    deliveries: Consumer,
    topic: &'static Topic,
    /// Which channel of its inlet it is.
    number: u64,
    /// The delivery through which all is acknowledged.
    acknowledged: u64,
    limit: Duration,
}

impl Session {
    /// What comes next.
    pub async fn next(&mut self) -> Result<Arrival<Tag>, Failure> {
        let delivery = self.deliveries.next().await.ok_or(Failure::Cancelled)??;
        let record = Arc::new(message::record(self.topic, &delivery));
        let position = Position { partition: 0, offset: delivery.delivery_tag };
        let tag = Tag { channel: self.number, delivery: delivery.delivery_tag };
        Ok(Arrival { delivery: Delivery { record, position }, tag })
    }

    /// Acknowledges all through this one, if it is one of this channel's and that was not done yet.
    pub async fn acknowledge(&mut self, through: Tag) -> Result<(), Failure> {
        if through.channel != self.number || through.delivery <= self.acknowledged {
            return Ok(());
        }
        let options = BasicAckOptions { multiple: true };
        within(self.limit, self.channel.basic_ack(through.delivery, options)).await?;
        self.acknowledged = through.delivery;
        Ok(())
    }

    /// Leaves in order, so that others get at once what was not acknowledged. The client would do the same when this is dropped,
    /// but not one after the other, and takes what fails then for an error of the whole connection.
    pub async fn end(self) -> Result<(), Failure> {
        let cancelled = self.channel.basic_cancel(self.deliveries.tag(), BasicCancelOptions::default());
        within(self.limit, cancelled).await?;
        within(self.limit, self.channel.close(200, "the inlet is closed".into())).await
    }
}
