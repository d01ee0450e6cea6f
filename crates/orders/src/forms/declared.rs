//! Form 4, lines with a declared total:
//! `{"user_id": "user_1", "amount": "140", "products": [{"product_id": "product_001", "quantity": 1}]}`.

use super::FormSettings;
use super::error::Report;
use super::lines;
use super::node::Fields;
use super::optional::{KEYS, Optional};
use super::path::PRODUCTS;
use crate::place::{LineRequest, PlaceOrder, Pricing};

/// Reads the form.
pub(super) fn read(
    fields: &Fields<'_, '_>,
    settings: &FormSettings,
    report: &mut Report,
) -> Option<PlaceOrder> {
    fields.refuse_unknown(&["user_id", "amount", "products"], &KEYS, report);
    let customer_id = fields.required("user_id", report).and_then(|node| node.name(report));
    let products = fields.required("products", report).and_then(|node| lines::open(node, &PRODUCTS, report));
    let lines = products.iter().flatten().filter_map(|product| line(product, report)).collect();
    let optional = Optional::read(fields, settings, report)?;
    let total = fields.required("amount", report)?.amount(optional.currency, report)?.minor;
    let order = optional.into_order(Pricing::Declared { total }, lines);
    Some(PlaceOrder { customer_id, ..order })
}

fn line(product: &Fields<'_, '_>, report: &mut Report) -> Option<LineRequest> {
    product.refuse_unknown(&["product_id", "quantity"], &[], report);
    let (product_id, quantity) = lines::product(product, report)?;
    Some(LineRequest { product_id, name: None, quantity, price: None, total: None })
}
