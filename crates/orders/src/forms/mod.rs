//! One order, five ways to state it: the one place where JSON becomes a [`PlaceOrder`].
//!
//! 1. [`amount`]: a name and a total. 2. [`priced`]: lines with prices. 3. [`catalogue`]: lines the catalogue prices.
//! 4. [`declared`]: lines, and a total for all of them. 5. [`document`]: a full document from another system.
//!
//! The form is detected from the top-level keys, then read straight into the command; nothing past this module knows
//! which it was. Amounts are read exactly from their text. What comes out is valid in itself: types, ranges, lengths,
//! known fields, no duplicate key anywhere, no U+0000. Whether products exist or a customer may order is not asked.
//!
//! Reading takes time in proportion to the body, nesting is limited to 32 levels, and no error repeats the request.
//! A valid order of forms 1 to 4 is read once; only an invalid one is walked again, to find all there is to say.

use std::str;

use contract::Currency;
use serde_json::value::RawValue;

use crate::place::PlaceOrder;

mod amount;
mod catalogue;
mod declared;
mod detect;
mod document;
mod error;
mod lines;
mod node;
mod optional;
mod path;
mod priced;
mod text;
mod values;
mod walk;

#[cfg(test)]
mod tests;

pub use error::{FieldError, FormError, code};

use detect::Form;
use error::Report;
use node::Node;

/// What reading an order depends on besides the body.
#[derive(Clone, Copy, Debug)]
pub struct FormSettings {
    /// The currency of forms 1 to 4 when they name none.
    pub default_currency: Currency,
    /// Whether the sums of a full document must add up.
    pub check_document_sums: bool,
}

/// Reads the body of a request, a line of a batch or a message as an order in any of the five forms.
///
/// # Errors
/// [`FormError::NotJson`] if it cannot be read (400), [`FormError::Invalid`] with up to 50 fields otherwise (422).
pub fn parse(body: &[u8], settings: &FormSettings) -> Result<PlaceOrder, FormError> {
    let text = str::from_utf8(body).map_err(|error| FormError::NotJson { detail: error.to_string() })?;
    let raw: &RawValue =
        serde_json::from_str(text).map_err(|error| FormError::NotJson { detail: error.to_string() })?;
    let root = Node::root(raw);
    let mut report = Report::default();
    match read(root, text, settings, &mut report) {
        Some(order) if report.is_clean() => Ok(order),
        _ => {
            walk::inspect(root, &mut report);
            Err(report.into_error())
        }
    }
}

fn read(root: Node<'_, '_>, text: &str, settings: &FormSettings, report: &mut Report) -> Option<PlaceOrder> {
    let fields = root.object(report)?;
    let order = match detect::detect(&fields, report)? {
        Form::Amount => amount::read(&fields, settings, report),
        Form::Priced(lines) => priced::read(&fields, &lines, settings, report),
        Form::Catalogue(lines) => catalogue::read(&fields, &lines, settings, report),
        Form::Declared => declared::read(&fields, settings, report),
        Form::Document => document::read(&fields, text, settings, report),
    };
    let mut order = order?;
    if order.external_id.is_some() {
        order.fingerprint = walk::fingerprint(root, report);
    }
    Some(order)
}
