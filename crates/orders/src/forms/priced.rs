//! Form 2, priced lines: `{"customer_id": "c-1", "items": [{"product_id": "p-1", "quantity": 2, "price": 10.50}]}`.
//!
//! The total is the sum of quantity times price; that it stays within range is checked here.

use contract::{Currency, MAX_MINOR, Money};

use super::FormSettings;
use super::error::{Report, code};
use super::lines;
use super::node::Fields;
use super::optional::{KEYS, Optional};
use super::path::ITEMS;
use crate::place::{LineRequest, PlaceOrder, Pricing};

/// Reads the form.
pub(super) fn read(
    fields: &Fields<'_, '_>,
    items: &[Fields<'_, '_>],
    settings: &FormSettings,
    report: &mut Report,
) -> Option<PlaceOrder> {
    fields.refuse_unknown(&["customer_id", "items"], &KEYS, report);
    let customer_id = fields.required("customer_id", report).and_then(|node| node.name(report));
    let optional = Optional::read(fields, settings, report)?;
    let lines: Vec<_> = items.iter().filter_map(|item| line(item, optional.currency, report)).collect();
    let total: i128 = lines.iter().filter_map(|line| line.total).map(i128::from).sum();
    if total > i128::from(MAX_MINOR) {
        report.add(ITEMS, code::OUT_OF_RANGE, "the total is greater than this system counts");
    }
    let order = optional.into_order(Pricing::Priced, lines);
    Some(PlaceOrder { customer_id, ..order })
}

fn line(item: &Fields<'_, '_>, currency: Currency, report: &mut Report) -> Option<LineRequest> {
    item.refuse_unknown(&["product_id", "quantity", "price"], &[], report);
    let product = lines::product(item, report);
    let price = item.required("price", report).and_then(|node| node.amount(currency, report));
    let ((product_id, quantity), price) = product.zip(price)?;
    let total = total(item, price, quantity, report)?;
    Some(LineRequest { product_id, name: None, quantity, price: Some(price.minor), total: Some(total.minor) })
}

fn total(item: &Fields<'_, '_>, price: Money, quantity: u32, report: &mut Report) -> Option<Money> {
    let total = price.checked_mul(quantity);
    let message = "quantity times price is greater than this system counts";
    total.map_err(|_| report.add(item.path.key("quantity"), code::OUT_OF_RANGE, message)).ok()
}
