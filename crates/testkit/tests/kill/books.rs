//! The books: what became of the orders that were acknowledged, and what was charged for them.

use std::collections::BTreeMap;

use serde_json::Value;
use testkit::binary::Client;

/// Every order has been processed, and those that are paid were charged their total once.
pub async fn every_order_ended_and_was_charged_once(shop: &str, provider: &str, acknowledged: &[String]) {
    let client = Client::new(shop.to_owned());
    let mut totals = BTreeMap::new();
    for id in acknowledged {
        let order = client.until_terminal(id).await;
        assert_eq!(order["status"], "PROCESSED", "order {id}: {order}");
        if order["payment_method"].is_string() {
            totals.insert(id.clone(), order["total_amount"].to_string());
        }
    }
    charged_exactly_once(&totals, &Client::new(provider.to_owned()).ledger().await);
}

/// Every paid order has one captured charge of its total, and nothing else is captured but for orders whose answer
/// nobody saw.
fn charged_exactly_once(totals: &BTreeMap<String, String>, ledger: &[Value]) {
    let mut charges: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for charge in ledger.iter().filter(|charge| charge["status"] == "captured") {
        let order = charge["order_id"].as_str().unwrap().to_owned();
        charges.entry(order).or_default().push(charge["amount"].to_string());
    }
    for (order, charged) in &charges {
        assert_eq!(charged.len(), 1, "order {order} was charged {} times", charged.len());
    }
    for (order, total) in totals {
        assert_eq!(charges.get(order).map(|charged| &charged[0]), Some(total), "order {order}");
    }
    println!("{} paid orders, each charged once", totals.len());
}
