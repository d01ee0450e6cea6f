//! The walk through a whole document, fields that no form knows included.
//!
//! It refuses what is refused anywhere: a duplicate key, a U+0000, nesting beyond [`MAX_DEPTH`]. On its way it writes
//! the canonical content, from which the fingerprint is made: keys sorted, no spacing, strings and numbers in one
//! spelling, so that `10.50` and `1.05e1` are the same content. The grammar is known to hold, so the walk only looks
//! for where scalars begin and end, and leaves reading them to `serde_json`: one pass, however deep the document.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use contract::money::Decimal;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::error::{Report, code};
use super::node::{Kind, Node, check_keys, readable, readable_key};
use super::path::Path;

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

struct Walk<'a, 'r> {
    /// Text that `serde_json` has found to be one JSON value, and how far it has been walked.
    text: &'a str,
    at: usize,
    report: &'r mut Report,
    canonical: String,
    as_values: bool,
}

/// Steps end with `None` once the document has turned out to be unreadable.
impl<'a, 'r> Walk<'a, 'r> {
    fn through(node: Node<'a, '_>, depth: usize, as_values: bool, report: &'r mut Report) -> String {
        let text = node.raw.get();
        let mut walk = Self { text, at: 0, report, canonical: String::with_capacity(text.len()), as_values };
        walk.value(node.path, depth);
        walk.canonical
    }

    fn value(&mut self, path: Path<'_>, depth: usize) -> Option<()> {
        match self.peek()? {
            b'{' | b'[' if depth == MAX_DEPTH => {
                self.report.not_json(&format!("it is nested deeper than {MAX_DEPTH} levels"));
                None
            }
            b'{' => self.object(path, depth + 1),
            b'[' => self.array(path, depth + 1),
            _ => {
                let node = Node { raw: self.scalar()?, path };
                match node.kind() {
                    Kind::String => self.string(node),
                    Kind::Number => self.number(node),
                    _ => self.canonical.push_str(node.raw.get()),
                }
                Some(())
            }
        }
    }

    fn array(&mut self, path: Path<'_>, depth: usize) -> Option<()> {
        self.open('[');
        for n in 0.. {
            if self.is_closed(b']')? {
                break;
            }
            self.value(path.index(n), depth)?;
            self.canonical.push(',');
        }
        self.canonical.push(']');
        Some(())
    }

    fn object(&mut self, path: Path<'_>, depth: usize) -> Option<()> {
        let mut members = Vec::new();
        self.open('{');
        while !self.is_closed(b'}')? {
            let key = readable_key(self.scalar()?, self.report)?;
            self.peek()?;
            self.at += 1; // the colon
            let start = self.canonical.len();
            self.quoted(&key);
            self.canonical.push(':');
            self.value(path.key(&key), depth)?;
            self.canonical.push(',');
            members.push((key, start..self.canonical.len()));
        }
        check_keys(path, &members, self.report);
        self.sort(members);
        self.canonical.push('}');
        Some(())
    }

    /// Puts the members just written into the order of their keys.
    fn sort(&mut self, mut members: Vec<(Cow<'a, str>, Range<usize>)>) {
        let Some(start) = members.first().map(|(_, range)| range.start) else { return };
        if members.is_sorted_by(|(left, _), (right, _)| left <= right) {
            return;
        }
        members.sort_by(|(left, _), (right, _)| left.cmp(right));
        let written = self.canonical.split_off(start);
        for (_, range) in members {
            self.canonical.push_str(written.get(range.start - start..range.end - start).unwrap_or_default());
        }
    }

    fn open(&mut self, bracket: char) {
        self.at += 1;
        self.canonical.push(bracket);
    }

    /// Passes over a comma, or over the closing bracket.
    fn is_closed(&mut self, bracket: u8) -> Option<bool> {
        match self.peek()? {
            byte if byte == bracket => {
                self.at += 1;
                return Some(true);
            }
            b',' => {
                self.at += 1;
                self.peek()?;
            }
            _ => {}
        }
        Some(false)
    }

    /// The first byte of what comes next, past the spacing.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let spacing = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        self.at += spacing;
        rest.get(spacing).copied()
    }

    /// The string, number or word that comes next, handed to `serde_json`.
    fn scalar(&mut self) -> Option<&'a RawValue> {
        let rest = self.text.get(self.at..)?;
        let end = match rest.strip_prefix('"') {
            Some(inner) => string_end(inner) + 1,
            None => rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(rest.len()),
        };
        self.at += end;
        readable(serde_json::from_str(rest.get(..end)?), self.report)
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

/// How many bytes of `inner`, which follows a quote, belong to the string, its closing quote included.
fn string_end(inner: &str) -> usize {
    let mut escaped = false;
    for (n, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return n + 1,
            _ => {}
        }
    }
    inner.len()
}

/// Whether a `serde_json::Value` holds the number: within range, and not rounded if it is whole.
fn is_value(text: &str) -> bool {
    let whole = !text.contains(['.', 'e', 'E']);
    serde_json::from_str::<serde_json::Number>(text)
        .is_ok_and(|number| !whole || !number.is_f64() || text == "-0")
}
