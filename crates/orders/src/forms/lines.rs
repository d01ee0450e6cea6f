//! The lines of an order: opening the list, and the product and quantity that lines of forms 2 to 4 share.

use super::error::{Report, code};
use super::node::{Fields, Node};
use super::path::Path;

/// An order has at most this many lines.
const MAX_LINES: usize = 1000;

/// Opens the list at `path`: 1 to 1000 objects. What is no object is reported and left out.
pub(super) fn open<'a>(
    list: Node<'a, '_>,
    path: &'static Path<'static>,
    report: &mut Report,
) -> Option<Vec<Fields<'a, 'static>>> {
    let lines = list.array(report)?;
    if lines.is_empty() {
        list.refuse(code::EMPTY, "order at least one line", report);
        return None;
    }
    if lines.len() > MAX_LINES {
        report.add(*path, code::TOO_MANY, format!("order at most {MAX_LINES} lines at once"));
        return None;
    }
    let nodes = lines.into_iter().enumerate().map(|(n, raw)| Node { raw, path: path.index(n) });
    Some(nodes.filter_map(|node| node.object(report)).collect())
}

/// The product of a line, and how many of it.
pub(super) fn product(line: &Fields<'_, '_>, report: &mut Report) -> Option<(String, u32)> {
    let product_id = line.required("product_id", report).and_then(|node| node.name(report));
    product_id.zip(quantity(line, report))
}

/// How many of its product a line asks for.
pub(super) fn quantity(line: &Fields<'_, '_>, report: &mut Report) -> Option<u32> {
    line.required("quantity", report)?.quantity(report)
}
