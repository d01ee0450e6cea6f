//! A team that has a client of RabbitMQ.

use async_trait::async_trait;
use futures::StreamExt;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties};
use testkit::binary::Ground;
use tokio::task::JoinSet;

use super::theirs::{Theirs, said};

pub struct OverRabbit {
    connection: Connection,
    prefix: String,
}

impl OverRabbit {
    pub async fn of(ground: &Ground) -> Self {
        let connection = Connection::connect(&ground.broker_url(), ConnectionProperties::default()).await;
        Self { connection: connection.unwrap(), prefix: ground.prefix() }
    }

    /// Puts a message with these properties into the queue where orders come in.
    pub async fn place(&self, body: &str, properties: BasicProperties) {
        say(&self.channel().await, "", &self.named("orders"), body, properties).await;
    }

    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    async fn channel(&self) -> Channel {
        let channel = self.connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        channel
    }
}

#[async_trait]
impl Theirs for OverRabbit {
    async fn send(&self, body: &str) {
        self.place(body, BasicProperties::default()).await;
    }

    async fn kitchen(&self) -> JoinSet<()> {
        let (channel, queue, exchange) = (self.channel().await, self.named("kitchen"), self.named("orders"));
        let (durable, none) = (QueueDeclareOptions::durable(), FieldTable::default());
        channel.queue_declare(queue.as_str().into(), durable, none.clone()).await.unwrap();
        for key in ["order.created", "order.paid"] {
            let (queue, from) = (queue.as_str().into(), exchange.as_str().into());
            let bound =
                channel.queue_bind(queue, from, key.into(), QueueBindOptions::default(), none.clone());
            bound.await.unwrap();
        }
        let options = BasicConsumeOptions::default();
        let mut events = channel.basic_consume(queue.into(), "".into(), options, none).await.unwrap();
        let mut work = JoinSet::new();
        work.spawn(async move {
            while let Some(event) = events.next().await {
                let event = event.expect("an event");
                let said = said(&event.data);
                for said in said.iter().chain(&said) {
                    say(&channel, &exchange, "order.processed", said, BasicProperties::default()).await;
                }
                event.ack(BasicAckOptions::default()).await.expect("RabbitMQ hears it");
            }
        });
        work
    }
}

async fn say(channel: &Channel, exchange: &str, key: &str, body: &str, properties: BasicProperties) {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let said = channel.basic_publish(exchange.into(), key.into(), options, body.as_bytes(), properties);
    let confirmed = said.await.unwrap().await.unwrap();
    assert!(matches!(confirmed, Confirmation::Ack(None)), "{confirmed:?}: no queue takes it");
}
