//! Form 1, an amount order: `{"customer_name": "John Doe", "total_amount": 100.50}`.

use super::FormSettings;
use super::error::Report;
use super::node::Fields;
use super::optional::{KEYS, Optional};
use crate::place::{PlaceOrder, Pricing};

/// Reads the form.
pub(super) fn read(
    fields: &Fields<'_, '_>,
    settings: &FormSettings,
    report: &mut Report,
) -> Option<PlaceOrder> {
    fields.refuse_unknown(&["customer_name", "total_amount"], &KEYS, report);
    let customer_name = fields.required("customer_name", report).and_then(|node| node.name(report));
    let optional = Optional::read(fields, settings, report)?;
    let total = fields.required("total_amount", report)?.amount(optional.currency, report)?.minor;
    let order = optional.into_order(Pricing::Declared { total }, Vec::new());
    Some(PlaceOrder { customer_name, ..order })
}
