//! Orders that have something of everything in common with each other.

use contract::{Delivery, Reason};
use jiff::{SignedDuration, Timestamp};
use orders::{Content, Line, Order, PaymentFact, ProcessingFact};
use uuid::Uuid;

use crate::conformance::at;

/// When the first one was created.
pub fn begin() -> Timestamp {
    at(1_700_000_000)
}

/// So many orders, some of them within one millisecond, not in the order of their ids.
pub fn orders(count: u64) -> Vec<Order> {
    let mut orders: Vec<_> = (0..count).map(order).collect();
    // 7 has no divisor in common with any count that is asked for.
    orders.sort_by_key(|order| (order.id.as_u128() & 0xffff) * 7 % u128::from(count));
    orders
}

fn order(number: u64) -> Order {
    let ms = 1_700_000_000_000 + u128::from(number / 3) * 250;
    let id = Uuid::from_u128(ms << 80 | 0x7 << 76 | 0x2 << 62 | u128::from(number));
    let created = begin() + SignedDuration::from_millis(i64::try_from(number / 3 * 250).expect("small"));
    let mut order = Order::new(id, content(number), false, created);
    match number % 5 {
        0 => order.facts.processing = ProcessingFact::Processed,
        1 => order.facts.payment = PaymentFact::Paid,
        2 => order.facts.payment = PaymentFact::Failed(Reason::new("declined", "It was declined.")),
        3 => order.facts.cancelled = Some(Reason::new("changed_mind", "He left.")),
        _ => {}
    }
    order
}

fn content(number: u64) -> Content {
    let line = |number: u64| Line {
        product_id: format!("p-{}", number % 4),
        name: number.is_multiple_of(2).then(|| format!("Pizza {number}")),
        quantity: 1,
        price: Some(100),
        total: Some(100),
    };
    let streets = ["Ploshad Mira", "Улица Ленина", "Main Street"];
    let delivery = Delivery {
        name: None,
        phone: Some(format!("+7900{number:06}")),
        zip: None,
        city: Some("Kazan".to_owned()),
        address: Some(format!("{} {}", streets[usize::try_from(number % 3).expect("small")], number % 10)),
        region: None,
        email: None,
    };
    let document =
        (number % 6 == 1).then(|| format!("{{\"track_number\": \"TRACK-{number}\", \"items\": []}}"));
    Content {
        customer_id: (!number.is_multiple_of(4)).then(|| format!("c-{}", number % 7)),
        customer_name: Some("Ann".to_owned()),
        lines: vec![line(number), line(number + 1)],
        total: i64::try_from(number % 9 * 100).expect("small"),
        currency: if number.is_multiple_of(8) { "JPY" } else { "USD" }.parse().expect("a currency"),
        delivery: number.is_multiple_of(2).then_some(delivery),
        payment_method: None,
        external_id: document.is_some().then(|| format!("ext-{number}")),
        metadata: serde_json::Map::new(),
        document,
    }
}
