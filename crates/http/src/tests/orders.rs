//! Orders for tests.

use jiff::{SignedDuration, Timestamp};
use orders::forms::{FormSettings, parse};
use orders::{Content, Line, Order};
use uuid::Uuid;

use super::{NOW, usd};

/// A full document, as another system sends it.
pub(crate) const DOCUMENT: &str = include_str!("../../../orders/src/forms/tests/full-document.json");

const ID: Uuid = Uuid::from_u128(0x0199_ffd1_4c00_7000_8000_0000_0000_0001);

fn content() -> Content {
    Content {
        customer_id: Some("customer-123".into()),
        customer_name: None,
        lines: vec![line("product-1", 2, 1050), line("product-2", 1, 2500)],
        total: 4600,
        currency: usd(),
        delivery: None,
        payment_method: None,
        external_id: None,
        metadata: serde_json::Map::new(),
        document: None,
    }
}

fn line(product: &str, quantity: u32, price: i64) -> Line {
    let total = i64::from(quantity) * price;
    Line { product_id: product.into(), name: None, quantity, price: Some(price), total: Some(total) }
}

/// A minute ago more than what makes an order stuck.
fn long_ago() -> Timestamp {
    NOW - SignedDuration::from_mins(6)
}

/// An order of two lines that nobody has to pay.
pub(crate) fn priced_order() -> Order {
    Order::new(ID, content(), false, NOW)
}

/// The same, to be paid, and waiting for long.
pub(crate) fn payable_order() -> Order {
    Order::new(ID, Content { payment_method: Some("card".into()), ..content() }, false, long_ago())
}

/// One of several orders, the customer named like its number.
pub(crate) fn numbered_order(number: u8) -> Order {
    let id = Uuid::from_u128(ID.as_u128() + u128::from(number));
    Order::new(id, Content { customer_id: Some(number.to_string()), ..content() }, false, NOW)
}

/// An order that came as a full document.
pub(crate) fn document_order() -> Order {
    let settings = FormSettings { default_currency: usd(), check_document_sums: false };
    let place = parse(DOCUMENT.as_bytes(), &settings).unwrap();
    let line = |line: orders::place::LineRequest| Line {
        product_id: line.product_id,
        name: line.name,
        quantity: line.quantity,
        price: line.price,
        total: line.total,
    };
    let orders::place::Pricing::Declared { total } = place.pricing else {
        panic!("a document declares its total")
    };
    let content = Content {
        customer_id: place.customer_id,
        lines: place.lines.into_iter().map(line).collect(),
        total,
        currency: place.currency.unwrap(),
        delivery: place.delivery,
        external_id: place.external_id,
        document: place.document,
        ..content()
    };
    Order::new(Uuid::from_u128(ID.as_u128() + 100), content, false, NOW)
}
