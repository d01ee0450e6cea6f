//! The order, everywhere.

use contract::{Currency, Delivery, PaymentStatus, ProcessingStatus, Reason, Status};
use jiff::Timestamp;
use orders::{Content, Line, Order};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::money::Amount;
use super::states;

/// An order as everybody sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Order, description = "An order.")]
pub(crate) struct OrderView<'a> {
    /// Its id (UUIDv7).
    id: Uuid,
    /// Where it stands.
    #[schema(value_type = states::Status)]
    status: Status,
    /// Where its money stands.
    #[schema(value_type = states::PaymentStatus)]
    payment_status: PaymentStatus,
    /// Where its processing stands.
    #[schema(value_type = states::ProcessingStatus)]
    processing_status: ProcessingStatus,
    /// Why it failed or was called off.
    #[schema(value_type = Option<states::Reason>, required)]
    reason: Option<&'a Reason>,
    /// Who ordered.
    #[schema(required)]
    customer_id: Option<&'a str>,
    /// Who ordered, by name.
    #[schema(required)]
    customer_name: Option<&'a str>,
    /// What was ordered.
    #[schema(value_type = Vec<LineView>)]
    items: Lines<'a>,
    /// What it costs, with the currency's decimals.
    #[schema(value_type = f64, example = 46.00)]
    total_amount: Amount,
    /// ISO 4217.
    #[schema(value_type = String, example = "USD")]
    currency: Currency,
    /// What was captured so far.
    #[schema(value_type = f64)]
    paid_amount: Amount,
    /// What was given back so far.
    #[schema(value_type = f64)]
    refunded_amount: Amount,
    /// Where it goes.
    #[schema(value_type = Option<states::Delivery>, required)]
    delivery: Option<&'a Delivery>,
    /// How it is to be paid. Null: nothing is charged.
    #[schema(required)]
    payment_method: Option<&'a str>,
    /// What another system calls it.
    #[schema(required)]
    external_id: Option<&'a str>,
    /// The caller's own notes.
    #[schema(value_type = Object)]
    metadata: &'a Map<String, Value>,
    /// How often it was changed, from 1. The `ETag` is this in quotes.
    version: u64,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A line of an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub(crate) struct LineView<'a> {
    /// The product.
    product_id: &'a str,
    /// What it was called then.
    #[schema(required)]
    name: Option<&'a str>,
    /// How many.
    quantity: u32,
    /// What one costs, if anybody said.
    #[schema(value_type = Option<f64>, required)]
    price: Option<Amount>,
    /// What the line costs, if anybody said.
    #[schema(value_type = Option<f64>, required)]
    total: Option<Amount>,
}

/// Where an order stands, in short.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderStatus)]
pub(crate) struct StatusView<'a> {
    /// The order.
    id: Uuid,
    /// Where it stands.
    #[schema(value_type = states::Status)]
    status: Status,
    /// Where its money stands.
    #[schema(value_type = states::PaymentStatus)]
    payment_status: PaymentStatus,
    /// Where its processing stands.
    #[schema(value_type = states::ProcessingStatus)]
    processing_status: ProcessingStatus,
    /// Why it failed or was called off.
    #[schema(value_type = Option<states::Reason>, required)]
    reason: Option<&'a Reason>,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// The lines of an order, written without being gathered.
struct Lines<'a>(&'a Content);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.lines.iter().map(|line| LineView::new(line, self.0.currency)))
    }
}

impl<'a> LineView<'a> {
    fn new(line: &'a Line, currency: Currency) -> Self {
        let amount = |minor| Amount::new(minor, currency);
        Self {
            product_id: &line.product_id,
            name: line.name.as_deref(),
            quantity: line.quantity,
            price: line.price.map(amount),
            total: line.total.map(amount),
        }
    }
}

impl<'a> From<&'a Order> for OrderView<'a> {
    fn from(order: &'a Order) -> Self {
        let Order { id, content, facts, version, created_at, updated_at } = order;
        let amount = |minor| Amount::new(minor, content.currency);
        Self {
            id: *id,
            status: facts.status(),
            payment_status: facts.payment_status(),
            processing_status: facts.processing_status(),
            reason: facts.reason(),
            customer_id: content.customer_id.as_deref(),
            customer_name: content.customer_name.as_deref(),
            items: Lines(content),
            total_amount: amount(content.total),
            currency: content.currency,
            paid_amount: amount(facts.paid),
            refunded_amount: amount(facts.refunded),
            delivery: content.delivery.as_ref(),
            payment_method: content.payment_method.as_deref(),
            external_id: content.external_id.as_deref(),
            metadata: &content.metadata,
            version: *version,
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }
}

impl<'a> From<&'a Order> for StatusView<'a> {
    fn from(order: &'a Order) -> Self {
        Self {
            id: order.id,
            status: order.status(),
            payment_status: order.facts.payment_status(),
            processing_status: order.facts.processing_status(),
            reason: order.reason(),
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::orders::{document_order, priced_order};

    #[test]
    fn the_order_everywhere() {
        // As text: insta's own JSON does not know numbers with decimals.
        let text = |order: &Order| serde_json::to_string_pretty(&OrderView::from(order)).unwrap();
        insta::assert_snapshot!("priced_order", text(&priced_order()));
        insta::assert_snapshot!("document_order", text(&document_order()));
    }
}
