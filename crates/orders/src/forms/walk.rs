//! The walk through a whole document, fields that no form knows included.
//!
//! It refuses what is refused anywhere: a duplicate key, a U+0000, nesting beyond [`MAX_DEPTH`]. On its way it writes
//! the canonical content, from which the fingerprint is made: keys sorted, no spacing, strings and numbers in one
//! spelling, so that `10.50` and `1.05e1` are the same content. Each level is scanned again for the level below it,
//! so the time is at most the depth limit times the size.

use std::fmt::Write;

use contract::money::Decimal;
use sha2::{Digest, Sha256};

use super::error::{Report, code};
use super::node::{Kind, Node};

/// Deeper nesting is refused: no order needs it, and what stores or wraps a document has limits of its own.
const MAX_DEPTH: usize = 32;

/// Reports what is refused anywhere in `node`.
pub(super) fn inspect(node: Node<'_, '_>, report: &mut Report) {
    Walk::through(node, 0, false, report);
}

/// The same for a member of the document, and numbers that a `serde_json::Value` would not hold as they are: beyond its range, or whole and longer
/// than 64 bits.
pub(super) fn inspect_values(node: Node<'_, '_>, report: &mut Report) {
    Walk::through(node, 1, true, report);
}

/// SHA-256 of the canonical content in lower-case hex; reports as [`inspect`] does.
pub(super) fn fingerprint(node: Node<'_, '_>, report: &mut Report) -> String {
    let canonical = Walk::through(node, 0, false, report);
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(canonical.as_bytes()) {
        for digit in [byte >> 4, byte & 15] {
            hex.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    hex
}

struct Walk<'r> {
    report: &'r mut Report,
    canonical: String,
    as_values: bool,
}

impl<'r> Walk<'r> {
    fn through(node: Node<'_, '_>, depth: usize, as_values: bool, report: &'r mut Report) -> String {
        let mut walk = Self { report, canonical: String::with_capacity(node.raw.get().len()), as_values };
        walk.value(node, depth);
        walk.canonical
    }

    fn value(&mut self, node: Node<'_, '_>, depth: usize) {
        match node.kind() {
            Kind::Null | Kind::Boolean => self.canonical.push_str(node.raw.get()),
            Kind::Number => self.number(node),
            Kind::String => self.string(node),
            _ if depth == MAX_DEPTH => {
                self.report.not_json(&format!("it is nested deeper than {MAX_DEPTH} levels"));
            }
            Kind::Array => self.array(node, depth + 1),
            Kind::Object => self.object(node, depth + 1),
        }
    }

    fn array(&mut self, node: Node<'_, '_>, depth: usize) {
        self.canonical.push('[');
        for (n, raw) in node.array(self.report).into_iter().flatten().enumerate() {
            if self.report.is_unreadable() {
                return;
            }
            self.value(Node { raw, path: node.path.index(n) }, depth);
            self.canonical.push(',');
        }
        self.canonical.push(']');
    }

    fn object(&mut self, node: Node<'_, '_>, depth: usize) {
        let Some(mut fields) = node.object(self.report) else { return };
        fields.members.sort_by(|(left, _), (right, _)| left.cmp(right));
        self.canonical.push('{');
        for (key, raw) in &fields.members {
            if self.report.is_unreadable() {
                return;
            }
            self.quoted(key);
            self.canonical.push(':');
            self.value(Node { raw, path: fields.path.key(key) }, depth);
            self.canonical.push(',');
        }
        self.canonical.push('}');
    }

    fn string(&mut self, node: Node<'_, '_>) {
        if let Some(text) = node.string(self.report) {
            self.quoted(&text);
        }
    }

    /// Quotes and backslashes are escaped, so that no text can pass for two.
    fn quoted(&mut self, text: &str) {
        self.canonical.push('"');
        if text.contains(['"', '\\']) {
            self.canonical.push_str(&text.replace('\\', "\\\\").replace('"', "\\\""));
        } else {
            self.canonical.push_str(text);
        }
        self.canonical.push('"');
    }

    fn number(&mut self, node: Node<'_, '_>) {
        let text = node.raw.get();
        if self.as_values && !is_value(text) {
            node.refuse(
                code::OUT_OF_RANGE,
                "this number cannot be kept as it is; send it as a string",
                self.report,
            );
        }
        let written = Decimal::parse(text).map(|decimal| write!(self.canonical, "{decimal}"));
        debug_assert!(matches!(written, Some(Ok(()))), "the grammar was checked before");
    }
}

/// Whether a `serde_json::Value` holds the number: within range, and not rounded if it is whole.
fn is_value(text: &str) -> bool {
    let whole = !text.contains(['.', 'e', 'E']);
    serde_json::from_str::<serde_json::Number>(text)
        .is_ok_and(|number| !whole || !number.is_f64() || text == "-0")
}
