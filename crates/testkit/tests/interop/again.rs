//! A message that RabbitMQ delivers again, to another process: what the first one has committed and could not acknowledge. With
//! no timestamp it makes another id there, so that only what it is known by keeps it from being placed twice.

use lapin::BasicProperties;
use lapin::types::ShortString;
use testkit::binary::{Client, Engine, Fleet, free_port};
use testkit::patience::{until, within};
use testkit::proxy::Proxy;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use super::over_rabbitmq::OverRabbit;
use super::{orders, run};

/// How many messages the orders service has told to be duplicates.
const DUPLICATES: &str = r#"messages_total{service="orders",verdict="duplicate"}"#;

#[test]
#[ignore = "needs the release binary and scripts/services up postgres rabbitmq"]
fn an_order_that_is_named_and_delivered_again_is_placed_once() {
    run(deliver_again(BasicProperties::default().with_message_id(ShortString::from("theirs-1"))));
}

#[test]
#[ignore = "needs the release binary and scripts/services up postgres rabbitmq"]
fn an_order_that_has_no_name_and_is_delivered_again_is_placed_once() {
    run(deliver_again(BasicProperties::default()));
}

/// The first process is killed between its commit and its acknowledgement: the line to RabbitMQ falls silent while its
/// transaction waits for a lock that this test has.
async fn deliver_again(properties: BasicProperties) {
    let mut fleet = Fleet::on(Engine::RabbitMq).await;
    let theirs = OverRabbit::of(fleet.ground()).await;
    let url = fleet.ground().broker_url();
    let authority = url.rsplit_once('@').and_then(|(_, behind)| behind.split('/').next()).unwrap();
    let line = Proxy::to(authority.parse().unwrap()).await;
    let mut shop = fleet.shop(None).await;
    shop.stop().await;

    fleet.say("ORDO_BROKER_URL", &url.replace(authority, &line.address().to_string()));
    let mut first = fleet.instance("orders", free_port()).await;
    let database = Database::of(&fleet).await;
    database.tell("BEGIN; LOCK TABLE orders.orders IN EXCLUSIVE MODE").await;
    theirs.place(r#"{"customer_name": "Again", "total_amount": 5}"#, properties).await;
    let waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'orders.orders'::regclass";
    until("the order waits for its commit", async || database.has(waits).await.then_some(())).await;
    line.silence().await;
    database.tell("COMMIT").await;
    let placed = "SELECT FROM orders.orders";
    until("the order is committed", async || database.has(placed).await.then_some(())).await;
    first.kill();
    within("RabbitMQ hears that nobody is there", line.cut()).await;

    fleet.say("ORDO_BROKER_URL", &url);
    let mut second = fleet.shop(None).await;
    let client = Client::new(fleet.shop_url());
    let again = async || (client.count(DUPLICATES).await > 0).then_some(());
    client.until("the message is delivered again", again).await;
    let all = orders(&client).await;
    assert_eq!(all.len(), 1, "{all:?}");
    client.until_terminal(all[0]["id"].as_str().unwrap()).await;
    second.stop().await;
    fleet.audit();
    fleet.close().await;
}

/// The fleet's database, as its operator sees it.
struct Database {
    client: tokio_postgres::Client,
    _work: JoinSet<()>,
}

impl Database {
    async fn of(fleet: &Fleet) -> Self {
        let (client, connection) =
            tokio_postgres::connect(&fleet.ground().database_url(), NoTls).await.unwrap();
        let mut work = JoinSet::new();
        // It ends with the database, or with this.
        work.spawn(async move { drop(connection.await) });
        Self { client, _work: work }
    }

    async fn tell(&self, statements: &str) {
        self.client.batch_execute(statements).await.unwrap();
    }

    async fn has(&self, rows: &str) -> bool {
        !self.client.query(rows, &[]).await.unwrap().is_empty()
    }
}
