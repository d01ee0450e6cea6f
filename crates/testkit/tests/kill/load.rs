//! The load: buyers who place orders one after the other, and repeat an order under its key until it is acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use testkit::binary::Client;
use tokio::task::JoinSet;

/// Buyers at the same time.
const BUYERS: usize = 8;
/// Orders of a buyer at the most, so that the load ends by itself.
const ORDERS: usize = 20_000;
/// How long a buyer waits before repeating what nobody answered.
const REPEAT: Duration = Duration::from_millis(20);

pub struct Load {
    buyers: JoinSet<Vec<String>>,
    on: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

impl Load {
    /// Buyers who wait until they are aimed.
    pub fn start(url: &str) -> Self {
        let (on, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let mut buyers = JoinSet::new();
        for buyer in 0..BUYERS {
            let (on, ended, client) = (Arc::clone(&on), Arc::clone(&ended), Client::new(url.to_owned()));
            buyers.spawn(async move { buy(buyer, &client, &on, &ended).await });
        }
        Self { buyers, on, ended }
    }

    pub fn aim(&self, on: bool) {
        self.on.store(on, Ordering::Release);
    }

    /// Ends the load. Every order that was begun is acknowledged; these are their ids.
    pub async fn finish(self) -> Vec<String> {
        self.ended.store(true, Ordering::Release);
        self.buyers.join_all().await.into_iter().flatten().collect()
    }
}

async fn buy(buyer: usize, client: &Client, on: &AtomicBool, ended: &AtomicBool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let mut ticks = tokio::time::interval(REPEAT);
    for number in 0..ORDERS {
        if ended.load(Ordering::Acquire) {
            break;
        }
        let key = format!("buyer-{buyer}-order-{number}");
        let body = body(buyer, number);
        loop {
            if on.load(Ordering::Acquire)
                && let Some((status, order)) = client.post("/api/v1/orders", &key, &body).await
            {
                match status {
                    201 => {
                        acknowledged.push(order["id"].as_str().expect("an id").to_owned());
                        break;
                    }
                    // Too much to do, or the first request under the key is still under way.
                    409 | 429 | 503 => {}
                    other => panic!("order {key} was answered with {other}: {order}"),
                }
            }
            ticks.tick().await;
        }
    }
    acknowledged
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
