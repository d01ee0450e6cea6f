//! Orders as rows of a table (RFC 4180). The names of the columns stay as they are; new ones come at the end.

use std::fmt::Write;

use contract::Delivery;
use orders::{Content, Order};

use crate::view::money::Amount;

/// The columns, in their order.
const COLUMNS: [&str; 26] = [
    "id",
    "status",
    "payment_status",
    "processing_status",
    "reason_code",
    "reason_message",
    "customer_id",
    "customer_name",
    "total_amount",
    "currency",
    "paid_amount",
    "refunded_amount",
    "payment_method",
    "external_id",
    "items",
    "delivery_name",
    "delivery_phone",
    "delivery_zip",
    "delivery_city",
    "delivery_address",
    "delivery_region",
    "delivery_email",
    "metadata",
    "version",
    "created_at",
    "updated_at",
];

/// The row of the columns' names.
pub(super) fn heads() -> Vec<u8> {
    format!("{}\r\n", COLUMNS.join(",")).into_bytes()
}

/// Writes an order's row.
pub(super) fn row(out: &mut Vec<u8>, order: &Order) {
    let Order { content, facts, .. } = order;
    let amount = |minor| Amount::new(minor, content.currency).to_string();
    let metadata = if content.metadata.is_empty() { String::new() } else { text_of(&content.metadata) };
    let (reason, delivery) = (facts.reason(), content.delivery.as_ref());
    let part =
        |part: fn(&Delivery) -> &Option<String>| delivery.and_then(|delivery| part(delivery).as_deref());
    let cells: [&str; COLUMNS.len()] = [
        &order.id.to_string(),
        facts.status().as_str(),
        facts.payment_status().as_str(),
        facts.processing_status().as_str(),
        reason.map_or("", |reason| &reason.code),
        reason.map_or("", |reason| &reason.message),
        content.customer_id.as_deref().unwrap_or_default(),
        content.customer_name.as_deref().unwrap_or_default(),
        &amount(content.total),
        content.currency.code(),
        &amount(facts.paid),
        &amount(facts.refunded),
        content.payment_method.as_deref().unwrap_or_default(),
        content.external_id.as_deref().unwrap_or_default(),
        &items(content),
        part(|delivery| &delivery.name).unwrap_or_default(),
        part(|delivery| &delivery.phone).unwrap_or_default(),
        part(|delivery| &delivery.zip).unwrap_or_default(),
        part(|delivery| &delivery.city).unwrap_or_default(),
        part(|delivery| &delivery.address).unwrap_or_default(),
        part(|delivery| &delivery.region).unwrap_or_default(),
        part(|delivery| &delivery.email).unwrap_or_default(),
        &metadata,
        &order.version.to_string(),
        &order.created_at.to_string(),
        &order.updated_at.to_string(),
    ];
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write_cell(out, cell);
    }
    out.extend_from_slice(b"\r\n");
}

/// The lines of an order: `2 x product-1 at 10.50; 1 x margherita`.
fn items(content: &Content) -> String {
    let mut items = String::new();
    for line in &content.lines {
        let gap = if items.is_empty() { "" } else { "; " };
        // Nothing can go wrong in memory.
        let _ = write!(items, "{gap}{} x {}", line.quantity, line.product_id);
        if let Some(price) = line.price {
            let _ = write!(items, " at {}", Amount::new(price, content.currency));
        }
    }
    items
}

fn text_of(metadata: &serde_json::Map<String, serde_json::Value>) -> String {
    serde_json::to_string(metadata).unwrap_or_default()
}

/// Writes a cell, in quotes where it needs them. Spreadsheets calculate what begins like a formula, and an apostrophe keeps
/// them from it.
fn write_cell(out: &mut Vec<u8>, cell: &str) {
    let begins_like_a_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let needs_quotes = cell.contains(['"', ',', '\r', '\n']) || cell.trim() != cell;
    if needs_quotes {
        out.push(b'"');
    }
    if begins_like_a_formula {
        out.push(b'\'');
    }
    match cell.contains('"') {
        true => out.extend_from_slice(cell.replace('"', "\"\"").as_bytes()),
        false => out.extend_from_slice(cell.as_bytes()),
    }
    if needs_quotes {
        out.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut out = Vec::new();
        write_cell(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_cell_is_quoted_where_it_has_to_be() {
        assert_eq!(cell("Ann"), "Ann");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(cell("a\nb"), "\"a\nb\"");
        assert_eq!(cell(" a"), "\" a\"");
        assert_eq!(cell(""), "");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("+7900", "'+7900"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("=a,b", "\"'=a,b\""),
            ("\t=1", "\"'\t=1\""),
            ("1=1", "1=1"),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
