//! Form 3, catalogue lines: `{"items": [{"pizzaId": "margherita", "quantity": 1}], "deliveryAddress": "Test Street 1"}`.
//!
//! The prices come from the catalogue later, and with them the currency if the caller named none.

use super::FormSettings;
use super::error::{Report, code};
use super::lines;
use super::node::Fields;
use super::optional::{KEYS, Optional};
use crate::place::{LineRequest, PlaceOrder, Pricing};

/// Reads the form. `expected_total` without a currency is read in the default one.
pub(super) fn read(
    fields: &Fields<'_, '_>,
    items: &[Fields<'_, '_>],
    settings: &FormSettings,
    report: &mut Report,
) -> Option<PlaceOrder> {
    fields.refuse_unknown(&["customer_id", "userId", "items"], &KEYS, report);
    let customer_id = fields.either("customer_id", "userId", report).and_then(|node| node.name(report));
    let lines = items.iter().filter_map(|item| line(item, report)).collect();
    let optional = Optional::read(fields, settings, report)?;
    let currency = optional.named;
    let order = optional.into_order(Pricing::Catalogue, lines);
    Some(PlaceOrder { customer_id, currency, ..order })
}

fn line(item: &Fields<'_, '_>, report: &mut Report) -> Option<LineRequest> {
    item.refuse_unknown(&["product_id", "pizzaId", "quantity"], &[], report);
    let product = item.either("product_id", "pizzaId", report);
    if product.is_none() {
        report.add(item.path.key("product_id"), code::REQUIRED, "name the product, as product_id or pizzaId");
    }
    let product_id = product.and_then(|node| node.name(report));
    let (product_id, quantity) = product_id.zip(lines::quantity(item, report))?;
    Some(LineRequest { product_id, name: None, quantity, price: None, total: None })
}
