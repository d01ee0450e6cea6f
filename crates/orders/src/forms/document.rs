//! Form 5, a full document from another system, kept whole and given back whole.
//!
//! Every field it must have is checked; fields beyond these are kept and only looked at for what is refused anywhere
//! (duplicate keys, U+0000, too deep a nesting). `order_uid` is the external id. Each item is one line of one piece,
//! whose product is its `chrt_id`. Amounts are whole numbers of whole units. Such an order is never payable here: the
//! document tells of a payment that has been made elsewhere.

use contract::{Currency, Delivery, Language, Money};

use super::FormSettings;
use super::error::{Report, code};
use super::lines;
use super::node::Fields;
use super::path::ITEMS;
use super::values::MAX_TEXT;
use crate::place::{LineRequest, PlaceOrder, Pricing};

/// Names and ids at the top that must be there and not be empty, besides those the order takes.
const NAMES: [&str; 5] = ["track_number", "entry", "delivery_service", "shardkey", "oof_shard"];
const PAYMENT_NAMES: [&str; 3] = ["transaction", "provider", "bank"];
const ITEM_NAMES: [&str; 4] = ["track_number", "rid", "size", "brand"];

/// Reads the form; `text` is the whole document.
pub(super) fn read(
    fields: &Fields<'_, '_>,
    text: &str,
    settings: &FormSettings,
    report: &mut Report,
) -> Option<PlaceOrder> {
    let external_id = name(fields, "order_uid", report);
    let customer_id = name(fields, "customer_id", report);
    let locale = name(fields, "locale", report);
    check_rest(fields, report);
    let delivery = delivery(fields, report);
    let payment = payment(fields, report);
    let currency = payment.as_ref().and_then(|payment| payment.currency);
    let items = fields.required("items", report).and_then(|node| lines::open(node, &ITEMS, report));
    let lines: Vec<_> = items.iter().flatten().filter_map(|item| line(item, currency, report)).collect();
    let payment = payment?;
    if settings.check_document_sums && report.is_clean() {
        check_sums(&payment, &lines, fields, report);
    }
    Some(PlaceOrder {
        customer_id,
        customer_name: None,
        pricing: Pricing::Declared { total: payment.amount?.minor },
        lines,
        currency,
        expected_total: None,
        delivery,
        payment_method: None,
        external_id,
        metadata: serde_json::Map::new(),
        language: locale.as_deref().and_then(Language::of_tag),
        document: Some(text.to_owned()),
        fingerprint: String::new(),
    })
}

/// Checks what the order has no use for and the document must have.
fn check_rest(fields: &Fields<'_, '_>, report: &mut Report) {
    check_names(fields, &NAMES, report);
    may_be_empty(fields, "internal_signature", report);
    fields.required("sm_id", report).and_then(|node| node.at_least(0, report));
    fields.required("date_created", report).and_then(|node| node.time(report));
}

fn delivery(fields: &Fields<'_, '_>, report: &mut Report) -> Option<Delivery> {
    let fields = fields.required("delivery", report)?.object(report)?;
    Some(Delivery {
        name: name(&fields, "name", report),
        phone: name(&fields, "phone", report),
        zip: name(&fields, "zip", report),
        city: name(&fields, "city", report),
        address: fields.required("address", report).and_then(|node| node.bounded(1, MAX_TEXT, report)),
        region: name(&fields, "region", report),
        email: fields.required("email", report).and_then(|node| node.email(report)),
    })
}

/// The amounts of a document's payment, where they are valid.
struct Payment {
    currency: Option<Currency>,
    amount: Option<Money>,
    delivery_cost: Option<Money>,
    goods_total: Option<Money>,
    custom_fee: Option<Money>,
}

fn payment(fields: &Fields<'_, '_>, report: &mut Report) -> Option<Payment> {
    let fields = fields.required("payment", report)?.object(report)?;
    check_names(&fields, &PAYMENT_NAMES, report);
    may_be_empty(&fields, "request_id", report);
    fields.required("payment_dt", report).and_then(|node| node.at_least(1, report));
    let currency = fields.required("currency", report).and_then(|node| node.currency(report));
    Some(Payment {
        currency,
        amount: units(&fields, "amount", currency, report),
        delivery_cost: units(&fields, "delivery_cost", currency, report),
        goods_total: units(&fields, "goods_total", currency, report),
        custom_fee: units(&fields, "custom_fee", currency, report),
    })
}

fn line(item: &Fields<'_, '_>, currency: Option<Currency>, report: &mut Report) -> Option<LineRequest> {
    check_names(item, &ITEM_NAMES, report);
    for key in ["nm_id", "status"] {
        item.required(key, report).and_then(|node| node.not_zero(report));
    }
    item.required("sale", report).and_then(|node| node.at_least(0, report));
    let product_id = item.required("chrt_id", report).and_then(|node| node.not_zero(report));
    let name = name(item, "name", report);
    let price = units(item, "price", currency, report);
    let total = units(item, "total_price", currency, report);
    Some(LineRequest {
        product_id: product_id?.to_string(),
        name,
        quantity: 1,
        price: Some(price?.minor),
        total: Some(total?.minor),
    })
}

/// `goods_total` is the sum of the items, and `amount` that with the delivery and the fee.
fn check_sums(payment: &Payment, lines: &[LineRequest], fields: &Fields<'_, '_>, report: &mut Report) {
    let minor = |money: Option<Money>| money.map_or(0, |money| i128::from(money.minor));
    let goods: i128 = lines.iter().filter_map(|line| line.total).map(i128::from).sum();
    let path = fields.path.key("payment");
    if goods != minor(payment.goods_total) {
        let message = "this must be the sum of the items' total_price";
        report.add(path.key("goods_total"), code::SUM_MISMATCH, message);
    }
    let parts = [payment.goods_total, payment.delivery_cost, payment.custom_fee];
    if parts.into_iter().map(minor).sum::<i128>() != minor(payment.amount) {
        let message = "this must be the sum of goods_total, delivery_cost and custom_fee";
        report.add(path.key("amount"), code::SUM_MISMATCH, message);
    }
}

fn name(fields: &Fields<'_, '_>, key: &str, report: &mut Report) -> Option<String> {
    fields.required(key, report)?.name(report)
}

fn units(
    fields: &Fields<'_, '_>,
    key: &str,
    currency: Option<Currency>,
    report: &mut Report,
) -> Option<Money> {
    fields.required(key, report)?.units(currency, report)
}

fn check_names(fields: &Fields<'_, '_>, keys: &[&str], report: &mut Report) {
    for key in keys {
        name(fields, key, report);
    }
}

fn may_be_empty(fields: &Fields<'_, '_>, key: &str, report: &mut Report) {
    fields.required(key, report).and_then(|node| node.bounded(0, MAX_TEXT, report));
}
