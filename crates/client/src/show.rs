//! Orders as people read them. Amounts are shown in the very digits that the server sent.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::table::{clean, table};

/// The heads of the columns of a list.
const HEADS: [&str; 6] = ["id", "status", "payment", "total", "customer", "created"];

/// An order, as far as it is shown.
#[derive(Deserialize)]
struct Order {
    id: String,
    status: String,
    payment_status: String,
    processing_status: String,
    reason: Option<Reason>,
    customer_id: Option<String>,
    customer_name: Option<String>,
    items: Vec<Item>,
    total_amount: Box<RawValue>,
    currency: String,
    paid_amount: Box<RawValue>,
    refunded_amount: Box<RawValue>,
    delivery: Option<Delivery>,
    payment_method: Option<String>,
    external_id: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize)]
struct Reason {
    code: String,
    message: String,
}

#[derive(Deserialize)]
struct Item {
    product_id: String,
    quantity: u64,
    total: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Delivery {
    name: Option<String>,
    phone: Option<String>,
    zip: Option<String>,
    city: Option<String>,
    address: Option<String>,
    region: Option<String>,
    email: Option<String>,
}

/// An order, one line for each thing there is to say about it.
///
/// # Errors
/// If it is no order.
pub fn order(answer: &[u8]) -> Result<String> {
    let order: Order = serde_json::from_slice(answer).context("the answer is no order")?;
    let facts = facts(&order).into_iter().filter(|(_, fact)| !fact.is_empty());
    Ok(facts.map(|(name, fact)| format!("{name:<14}{}\n", clean(&fact))).collect())
}

/// Orders as a table.
///
/// # Errors
/// If they are none.
pub fn orders(answer: &[u8]) -> Result<String> {
    let orders: Vec<Order> = serde_json::from_slice(answer).context("the answer is no list of orders")?;
    let mut rows = vec![HEADS.map(str::to_owned)];
    rows.extend(orders.iter().map(row));
    Ok(table(&rows))
}

/// An id as a segment of a path.
pub fn segment(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

fn facts(order: &Order) -> Vec<(&'static str, String)> {
    let (paid, refunded) = (order.paid_amount.get(), order.refunded_amount.get());
    let reason = order.reason.as_ref().map(|reason| format!("{} ({})", reason.message, reason.code));
    let mut facts = vec![
        ("order", order.id.clone()),
        ("status", order.status.clone()),
        ("reason", reason.unwrap_or_default()),
        ("payment", format!("{}, {paid} paid, {refunded} refunded", order.payment_status)),
        ("processing", order.processing_status.clone()),
        ("customer", customer(order)),
    ];
    facts.extend(order.items.iter().map(|item| ("item", self::item(item))));
    facts.extend([
        ("total", total(order)),
        ("delivery", order.delivery.as_ref().map(delivery).unwrap_or_default()),
        ("paid by", order.payment_method.clone().unwrap_or_default()),
        ("external id", order.external_id.clone().unwrap_or_default()),
        ("created", order.created_at.clone()),
        ("updated", order.updated_at.clone()),
    ]);
    facts
}

fn customer(order: &Order) -> String {
    match (&order.customer_name, &order.customer_id) {
        (Some(name), Some(id)) => format!("{name} ({id})"),
        (name, id) => name.as_ref().or(id.as_ref()).cloned().unwrap_or_default(),
    }
}

fn item(item: &Item) -> String {
    let total = item.total.as_ref().map_or_else(String::new, |total| format!(", {}", total.get()));
    format!("{} x {}{total}", item.quantity, item.product_id)
}

fn delivery(delivery: &Delivery) -> String {
    let Delivery { name, phone, zip, city, address, region, email } = delivery;
    let parts = [name, address, zip, city, region, phone, email];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn total(order: &Order) -> String {
    format!("{} {}", order.total_amount.get(), order.currency)
}

fn row(order: &Order) -> [String; 6] {
    let cells = [
        order.id.clone(),
        order.status.clone(),
        order.payment_status.clone(),
        total(order),
        customer(order),
        order.created_at.clone(),
    ];
    cells.map(|cell| clean(&cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = r#"{"id": "01", "status": "FAILED", "payment_status": "FAILED", "processing_status": "PENDING",
        "reason": {"code": "payment_failed", "message": "The card was declined."}, "customer_id": "c-1",
        "customer_name": "Ann\u001b[2J", "items": [{"product_id": "p", "name": null, "quantity": 2, "price": 10.50,
        "total": 21.00}, {"product_id": "q", "name": null, "quantity": 1, "price": null, "total": null}],
        "total_amount": 21.00, "currency": "USD", "paid_amount": 0.00, "refunded_amount": 0.00,
        "delivery": {"name": "Ann", "phone": null, "zip": null, "city": "Kazan", "address": "Test Street 1", "region": null,
        "email": null}, "payment_method": "card", "external_id": null, "metadata": {}, "version": 3,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:01Z"}"#;

    #[test]
    fn an_order_is_told_fact_by_fact() {
        let told = order(ORDER.as_bytes()).unwrap();
        let expected = "order         01
status        FAILED
reason        The card was declined. (payment_failed)
payment       FAILED, 0.00 paid, 0.00 refunded
processing    PENDING
customer      Ann\u{fffd}[2J (c-1)
item          2 x p, 21.00
item          1 x q
total         21.00 USD
delivery      Ann, Test Street 1, Kazan
paid by       card
created       2026-01-01T00:00:00Z
updated       2026-01-01T00:00:01Z
";
        assert_eq!(told, expected);
    }

    #[test]
    fn orders_are_a_table() {
        let told = orders(format!("[{ORDER}]").as_bytes()).unwrap();
        let expected = "id  status  payment  total      customer       created
01  FAILED  FAILED   21.00 USD  Ann\u{fffd}[2J (c-1)  2026-01-01T00:00:00Z
";
        assert_eq!(told, expected);
        assert_eq!(orders(b"[]").unwrap().lines().count(), 1);
        assert!(orders(b"{}").is_err() && order(b"[]").is_err());
    }
}
