//! Which of the five forms a document is in, from its top-level keys and whether its items have prices.

use super::error::{Report, code};
use super::lines;
use super::node::Fields;
use super::path::ITEMS;

const UNKNOWN_FORM: &str = "state the order in one of five forms: an amount (customer_name, total_amount); priced \
     lines (items with product_id, quantity, price); catalogue lines (items with product_id or pizzaId, quantity); \
     lines with a declared total (user_id, amount, products); a full document (order_uid and the rest)";

/// The form, with the items where they had to be opened to tell.
pub(super) enum Form<'a> {
    /// 1: a name and a total.
    Amount,
    /// 2: every item has a price.
    Priced(Vec<Fields<'a, 'static>>),
    /// 3: no item has a price.
    Catalogue(Vec<Fields<'a, 'static>>),
    /// 4: products, and a total for all of them.
    Declared,
    /// 5: a full document from another system.
    Document,
}

/// Tells the form; reports a document that is in none, or in two at once.
pub(super) fn detect<'a>(fields: &Fields<'a, '_>, report: &mut Report) -> Option<Form<'a>> {
    if fields.has("order_uid") {
        Some(Form::Document)
    } else if fields.has("products") {
        Some(Form::Declared)
    } else if fields.has("items") {
        by_items(fields, report)
    } else if fields.has("total_amount") {
        Some(Form::Amount)
    } else {
        report.add(fields.path, code::UNKNOWN_FORM, UNKNOWN_FORM);
        None
    }
}

fn by_items<'a>(fields: &Fields<'a, '_>, report: &mut Report) -> Option<Form<'a>> {
    let lines = lines::open(fields.required("items", report)?, &ITEMS, report)?;
    let mut form = None;
    for line in &lines {
        match (form, is_priced(line)) {
            (Some(priced), Some(this)) if priced != this => {
                let message = "give every item a price, or none of them";
                report.add(line.path, code::MIXED_ITEMS, message);
                return None;
            }
            (None, this) => form = this,
            _ => {}
        }
    }
    match form {
        Some(true) => Some(Form::Priced(lines)),
        _ => Some(Form::Catalogue(lines)),
    }
}

/// `None` for an item that has neither a product nor a price: it is invalid in both forms, and decides for none.
fn is_priced(line: &Fields<'_, '_>) -> Option<bool> {
    if line.has("pizzaId") {
        Some(false)
    } else if line.has("price") {
        Some(true)
    } else {
        line.has("product_id").then_some(false)
    }
}
