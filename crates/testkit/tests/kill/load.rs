//! The load: buyers who place orders one after the other, and repeat an order under its key until it is acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use testkit::binary::Client;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// Buyers at the same time.
const BUYERS: usize = 8;
/// Orders of a buyer at the most, so that the load ends by itself.
const ORDERS: usize = 20_000;
/// How long a buyer waits before repeating what nobody answered.
const REPEAT: Duration = Duration::from_millis(20);

pub struct Load {
    buyers: JoinSet<Vec<String>>,
    desk: Arc<Desk>,
}

/// What buyers are told, and what they tell.
#[derive(Default)]
struct Desk {
    on: AtomicBool,
    ended: AtomicBool,
    acknowledged: AtomicUsize,
}

impl Load {
    /// Buyers who wait until they are aimed, and between two orders so long. A buyer whom one server does not answer asks the
    /// next.
    #[allow(dead_code, reason = "not every test that is made of this talks to servers")]
    pub fn start(urls: &[String], pause: Duration) -> Self {
        Self::begin(urls, pause, false)
    }

    /// The same through a gateway, which answers for servers that do not.
    #[allow(dead_code, reason = "not every test that is made of this has a gateway")]
    pub fn through(gateway: String, pause: Duration) -> Self {
        Self::begin(&[gateway], pause, true)
    }

    fn begin(urls: &[String], pause: Duration, gateway: bool) -> Self {
        let desk = Arc::new(Desk::default());
        let mut buyers = JoinSet::new();
        for buyer in 0..BUYERS {
            let desk = Arc::clone(&desk);
            let clients: Vec<_> = urls.iter().map(|url| Client::new(url.clone())).collect();
            buyers.spawn(async move { Buyer { number: buyer, gateway }.buy(&clients, &desk, pause).await });
        }
        Self { buyers, desk }
    }

    pub fn aim(&self, on: bool) {
        self.desk.on.store(on, Ordering::Release);
    }

    /// How many orders were acknowledged so far.
    #[allow(dead_code, reason = "not every test that is made of this asks")]
    pub fn acknowledged(&self) -> usize {
        self.desk.acknowledged.load(Ordering::Acquire)
    }

    /// Ends the load. Every order that was begun is acknowledged; these are their ids.
    pub async fn finish(self) -> Vec<String> {
        self.desk.ended.store(true, Ordering::Release);
        self.buyers.join_all().await.into_iter().flatten().collect()
    }
}

/// Who places orders.
struct Buyer {
    number: usize,
    /// Whether a gateway answers for servers that do not.
    gateway: bool,
}

impl Buyer {
    /// Whether the order is to be repeated. The server has too much to do, or the first request under the key is still under
    /// way; and a gateway may know no more than that nobody answered.
    fn repeats(&self, status: u16) -> bool {
        matches!(status, 409 | 429 | 503) || (self.gateway && matches!(status, 502 | 504))
    }

    async fn buy(&self, clients: &[Client], desk: &Desk, pause: Duration) -> Vec<String> {
        let buyer = self.number;
        let mut turn = buyer;
        let mut acknowledged = Vec::new();
        let mut ticks = tokio::time::interval(REPEAT);
        let mut pauses = tokio::time::interval(pause.max(Duration::from_millis(1)));
        pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in 0..ORDERS {
            if desk.ended.load(Ordering::Acquire) {
                break;
            }
            if !pause.is_zero() {
                pauses.tick().await;
            }
            let key = format!("buyer-{buyer}-order-{number}");
            let body = body(buyer, number);
            loop {
                let client = &clients[turn % clients.len()];
                turn += 1;
                if desk.on.load(Ordering::Acquire)
                    && let Some((status, order)) = client.post("/api/v1/orders", &key, &body).await
                {
                    match status {
                        201 => {
                            desk.acknowledged.fetch_add(1, Ordering::AcqRel);
                            acknowledged.push(order["id"].as_str().expect("an id").to_owned());
                            break;
                        }
                        again if self.repeats(again) => {}
                        other => panic!("order {key} was answered with {other}: {order}"),
                    }
                }
                ticks.tick().await;
            }
        }
        acknowledged
    }
}

/// Two of three orders are paid by card.
fn body(buyer: usize, number: usize) -> String {
    match number % 3 {
        0 => format!(
            r#"{{"customer_id": "buyer-{buyer}", "items": [{{"product_id": "p", "quantity": 2, "price": 10.50}}]}}"#
        ),
        1 => r#"{"items": [{"pizzaId": "margherita", "quantity": 1}], "paymentMethod": "card"}"#.to_owned(),
        _ => format!(
            r#"{{"customer_name": "Buyer {buyer}", "total_amount": {number}.25, "payment_method": "card"}}"#
        ),
    }
}
