//! The fields that forms 1 to 4 have in common, all optional.

use contract::{Currency, Delivery, Language};
use serde_json::{Map, Value};

use super::FormSettings;
use super::error::{Report, code};
use super::node::{Fields, Node};
use super::values::MAX_TEXT;
use super::walk;
use crate::place::{LineRequest, PlaceOrder, Pricing};

/// The names of these fields, aliases too.
pub(super) const KEYS: [&str; 8] = [
    "currency",
    "external_id",
    "metadata",
    "expected_total",
    "delivery",
    "deliveryAddress",
    "payment_method",
    "paymentMethod",
];
const DELIVERY_KEYS: [&str; 7] = ["name", "phone", "zip", "city", "address", "region", "email"];
/// The note in which a caller says the language of whoever orders.
const LANGUAGE: &str = "language";
/// The metadata of an order takes at most this many bytes as it was sent.
const MAX_METADATA_BYTES: usize = 16 * 1024;

/// The optional fields, read.
pub(super) struct Optional {
    /// The currency the order names.
    pub(super) named: Option<Currency>,
    /// The currency to read its amounts in: the named one, or the default.
    pub(super) currency: Currency,
    external_id: Option<String>,
    metadata: Map<String, Value>,
    expected_total: Option<i64>,
    delivery: Option<Delivery>,
    payment_method: Option<String>,
}

impl Optional {
    /// Reads them. `None` if the currency is unknown, for then no amount can be judged; other errors are reported and
    /// the reading goes on.
    pub(super) fn read(
        fields: &Fields<'_, '_>,
        settings: &FormSettings,
        report: &mut Report,
    ) -> Option<Self> {
        let external_id = fields.given("external_id").and_then(|node| node.name(report));
        let metadata = fields.given("metadata").and_then(|node| metadata(node, report)).unwrap_or_default();
        let payment_method = fields.either("payment_method", "paymentMethod", report);
        let payment_method = payment_method.and_then(|node| node.name(report));
        let delivery = delivery(fields, report);
        let named = match fields.given("currency") {
            Some(node) => Some(node.currency(report)?),
            None => None,
        };
        let currency = named.unwrap_or(settings.default_currency);
        let expected_total = fields.given("expected_total").and_then(|node| node.amount(currency, report));
        let expected_total = expected_total.map(|money| money.minor);
        Some(Self { named, currency, external_id, metadata, expected_total, delivery, payment_method })
    }

    /// The command, with what the form itself says still to be set by the caller where it differs.
    pub(super) fn into_order(self, pricing: Pricing, lines: Vec<LineRequest>) -> PlaceOrder {
        let language = self.metadata.get(LANGUAGE).and_then(Value::as_str).and_then(Language::of_tag);
        PlaceOrder {
            customer_id: None,
            customer_name: None,
            pricing,
            lines,
            currency: Some(self.currency),
            expected_total: self.expected_total,
            delivery: self.delivery,
            payment_method: self.payment_method,
            external_id: self.external_id,
            metadata: self.metadata,
            language,
            document: None,
            fingerprint: String::new(),
        }
    }
}

fn metadata(node: Node<'_, '_>, report: &mut Report) -> Option<Map<String, Value>> {
    if node.raw.get().len() > MAX_METADATA_BYTES {
        report.add(node.path, code::TOO_LARGE, format!("metadata takes at most {MAX_METADATA_BYTES} bytes"));
        return None;
    }
    if node.raw.get() == "{}" {
        return Some(Map::new());
    }
    walk::inspect_values(node, report);
    if report.is_unreadable() {
        return None;
    }
    match serde_json::from_str(node.raw.get()) {
        Ok(Value::Object(metadata)) => Some(metadata),
        Ok(_) => {
            node.refuse(code::WRONG_TYPE, "this must be an object", report);
            None
        }
        // A number that is no `Value`, which the inspection has reported at its own place.
        Err(_) => None,
    }
}

fn delivery(fields: &Fields<'_, '_>, report: &mut Report) -> Option<Delivery> {
    let node = fields.either("delivery", "deliveryAddress", report)?;
    if !fields.has("delivery") {
        let address = node.bounded(1, MAX_TEXT, report);
        return Some(Delivery { address, ..Delivery::default() });
    }
    let fields = node.object(report)?;
    fields.refuse_unknown(&DELIVERY_KEYS, &[], report);
    let mut name = |key| fields.given(key).and_then(|node| node.name(report));
    Some(Delivery {
        name: name("name"),
        phone: name("phone"),
        zip: name("zip"),
        city: name("city"),
        region: name("region"),
        address: fields.given("address").and_then(|node| node.bounded(1, MAX_TEXT, report)),
        email: fields.given("email").and_then(|node| node.email(report)),
    })
}
