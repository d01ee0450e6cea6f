//! The whole adapter against the library's own imitation of Kafka, which lives in the process.

use std::sync::Arc;
use std::time::Duration;

use broker::{Broker, Capacity, Reader, TOPICS, Topic};
use engine::{Fault, Inlet, Key, Record, Signal};
use jiff::Timestamp;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use rdkafka::{ClientConfig, TopicPartitionList};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::{Kafka, KafkaSettings, OpenError, SaslMechanism};

/// The imitation lets the first member of a group wait three seconds for others.
const LIMIT: Duration = Duration::from_secs(60);

const PARTITIONS: i32 = 2;

type Imitation = MockCluster<'static, DefaultProducerContext>;

/// Nobody signs in, and nobody waits long.
pub fn settings(servers: &str) -> KafkaSettings {
    KafkaSettings {
        servers: servers.to_owned(),
        prefix: String::new(),
        partitions: PARTITIONS,
        replication: -1,
        username: None,
        password: None,
        sasl_mechanism: SaslMechanism::Plain,
        tls: false,
        ca_file: None,
        timeout: Duration::from_secs(5),
        publish_timeout: Duration::from_secs(5),
        capacity: Capacity { messages: 2048, bytes: 32 * 1024 * 1024 },
        session_timeout: Duration::from_secs(10),
    }
}

fn imitation() -> Imitation {
    let cluster = MockCluster::new(1).unwrap();
    for name in TOPICS.iter().map(|topic| topic.name).chain(["dlq-events"]) {
        cluster.create_topic(name, PARTITIONS, 1).unwrap();
    }
    cluster
}

fn kafka(cluster: &Imitation) -> Kafka {
    Kafka::open(settings(&cluster.bootstrap_servers()), vec![reader()], Handle::current()).unwrap()
}

fn reader() -> Reader {
    Reader { consumer: "payments", topic: Topic::of("orders").unwrap() }
}

fn records(count: usize) -> Vec<Arc<Record>> {
    let record = |number| Record {
        source: "orders".to_owned(),
        key: Key::name(&format!("order-{number}")),
        sequence: Some(1),
        foreign_id: None,
        steps: None,
        kind: "order.created".to_owned(),
        time: Timestamp::UNIX_EPOCH,
        data: format!("{{\"number\":{number}}}"),
    };
    (0..count).map(|number| Arc::new(record(number))).collect()
}

/// Polls until there are so many.
async fn came(inlet: &mut dyn Inlet, signal: &Signal, count: usize) -> Vec<Record> {
    let mut came = Vec::new();
    let polling = async {
        while came.len() < count {
            let deliveries = inlet.poll(count - came.len()).await.unwrap();
            if deliveries.is_empty() {
                signal.raised().await;
            }
            came.extend(deliveries.into_iter().map(|delivery| Record::clone(&delivery.record)));
        }
    };
    timeout(LIMIT, polling).await.unwrap();
    came
}

fn refuse(cluster: &Imitation, api: RDKafkaApiKey, error: RDKafkaRespErr, times: usize) {
    cluster.request_errors(api, &vec![error; times]);
}

/// Those of the reader's topic.
fn partitions() -> TopicPartitionList {
    let mut partitions = TopicPartitionList::new();
    partitions.add_partition_range("order-events", 0, PARTITIONS - 1);
    partitions
}

/// How many messages the reader's group is done with, as Kafka knows it.
async fn committed(cluster: &Imitation) -> i64 {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers()).set("group.id", "payments.orders");
    let asking = spawn_blocking(move || {
        let client: BaseConsumer = config.create().unwrap();
        let list = client.committed_offsets(partitions(), LIMIT).unwrap();
        list.elements().iter().map(|partition| partition.offset().to_raw().unwrap().max(0)).sum()
    });
    asking.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_settled_is_committed_and_nothing_else() {
    let cluster = imitation();
    let kafka = kafka(&cluster);
    let sent = records(20);
    assert_eq!(kafka.publisher().publish(&sent).await, vec![Ok(()); 20]);

    let signal = Signal::new();
    let mut inlet = kafka.inlet(reader(), signal.clone()).await.unwrap();
    let mut all = came(&mut *inlet, &signal, 12).await;
    inlet.settle().await.unwrap();
    all.extend(came(&mut *inlet, &signal, 8).await);
    drop(inlet);
    kafka.close().await;
    assert_eq!(committed(&cluster).await, 12);

    all.sort_by_key(|record| record.key.clone());
    let mut sent: Vec<_> = sent.iter().map(|record| Record::clone(record)).collect();
    sent.sort_by_key(|record| record.key.clone());
    assert_eq!(all, sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_comes_back_is_not_paused_any_more() {
    let cluster = imitation();
    let kafka = kafka(&cluster);
    kafka.publisher().publish(&records(1)).await;
    let client = kafka.membership(reader()).client().unwrap();
    let polling = spawn_blocking(move || {
        let partitions = partitions();
        client.assign(&partitions).unwrap();
        client.pause(&partitions).unwrap();
        assert!(client.poll(Duration::from_millis(500)).is_none());
        client.context().post_rebalance(&client, &Rebalance::Assign(&partitions));
        assert!(client.poll(LIMIT).is_some_and(|message| message.is_ok()));
    });
    polling.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_not_refused_for_another_one_of_its_batch() {
    let cluster = imitation();
    let kafka = kafka(&cluster);
    let publisher = kafka.publisher();
    publisher.publish(&records(1)).await;

    refuse(&cluster, RDKafkaApiKey::Produce, RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
    assert_eq!(publisher.publish(&records(50)).await, vec![Ok(()); 50]);
    refuse(&cluster, RDKafkaApiKey::Produce, RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1);
    assert!(matches!(publisher.publish(&records(1)).await[..], [Err(Fault::Rejected(_))]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_topic_is_refused_and_nothing_else() {
    let cluster = imitation();
    let mut sent = records(3);
    Arc::make_mut(&mut sent[1]).source = "nobody".to_owned();
    let results = kafka(&cluster).publisher().publish(&sent).await;
    assert!(
        matches!(&results[..], [Ok(()), Err(Fault::Rejected(reason)), Ok(())] if reason.contains("nobody"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_that_gave_up_is_replaced() {
    let cluster = imitation();
    let kafka = kafka(&cluster);
    let publisher = kafka.publisher();
    publisher.publish(&records(1)).await;

    let lost = RDKafkaRespErr::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    refuse(&cluster, RDKafkaApiKey::Produce, lost, 1);
    assert!(matches!(publisher.publish(&records(1)).await[..], [Err(Fault::Unavailable(_))]));
    assert_eq!(publisher.publish(&records(5)).await, vec![Ok(()); 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_no_error_until_something_is_asked_of_it() {
    // Nothing listens on a port that was given out and given back.
    let servers = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let settings = KafkaSettings { timeout: Duration::from_millis(300), ..settings(&servers) };
    let kafka = Kafka::open(settings, vec![reader()], Handle::current()).unwrap();
    let inlet = kafka.inlet(reader(), Signal::new()).await;
    assert!(inlet.is_ok_and(|inlet| inlet.source() == "orders"));
    assert!(matches!(kafka.check().await, Err(Fault::Unavailable(_))));
    assert!(matches!(kafka.publisher().publish(&records(1)).await[..], [Err(Fault::Unavailable(_))]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_there_answers() {
    let cluster = imitation();
    assert_eq!(kafka(&cluster).check().await, Ok(()));
}

#[tokio::test]
async fn settings_that_cannot_be_right_are_refused_at_once() {
    let opened = Kafka::open(settings("kafka"), vec![reader()], Handle::current());
    assert_eq!(opened.err(), Some(OpenError::Servers("kafka".to_owned())));
}
