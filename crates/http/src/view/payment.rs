//! A payment, with its refunds and what was said to the provider about it.

use contract::{Currency, PaymentStatus, Reason};
use engine::Note;
use jiff::Timestamp;
use payments::queries::Exchange;
use payments::{Payment, PaymentState, Refund, RefundState};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::money::Amount;
use super::states;

/// A payment.
#[derive(Serialize, ToSchema)]
#[schema(as = Payment, description = "The payment of an order. There is one per order, so its id is the order's.")]
pub(crate) struct PaymentView<'a> {
    /// Its id.
    id: Uuid,
    /// The order that is paid for.
    order_id: Uuid,
    /// Where it stands.
    #[schema(value_type = states::PaymentStatus)]
    status: PaymentStatus,
    /// What is to be paid.
    #[schema(value_type = f64)]
    amount: Amount,
    /// ISO 4217.
    #[schema(value_type = String)]
    currency: Currency,
    /// The buyer's means.
    payment_method: &'a str,
    /// What was captured.
    #[schema(value_type = f64)]
    paid_amount: Amount,
    /// What was given back.
    #[schema(value_type = f64)]
    refunded_amount: Amount,
    /// The provider's name for the charge.
    #[schema(required)]
    reference: Option<&'a str>,
    /// Why it was not captured.
    #[schema(value_type = Option<states::Reason>, required)]
    reason: Option<&'a Reason>,
    /// What was, and is to be, given back.
    refunds: Vec<RefundView<'a>>,
    /// What was said to the provider, oldest first.
    exchanges: Vec<ExchangeView>,
    /// How often it was changed, from 1.
    version: u64,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was changed last.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// Money on its way back.
#[derive(Serialize, ToSchema)]
#[schema(as = Refund)]
pub(crate) struct RefundView<'a> {
    /// How much.
    #[schema(value_type = f64)]
    amount: Amount,
    /// Where it stands.
    #[schema(value_type = String, example = "done")]
    state: RefundState,
    /// Who asked for it; null: nobody did, the order ended without being processed.
    #[schema(required)]
    actor: Option<&'a str>,
    /// Why.
    #[schema(value_type = states::Reason)]
    reason: &'a Reason,
}

/// An exchange with the payment provider.
#[derive(Serialize, ToSchema)]
#[schema(as = Exchange)]
pub(crate) struct ExchangeView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What was asked: `charge`, `void`, `refund`.
    what: String,
    /// Which attempt it was, from 1; 0 when a person asked for it.
    attempt: u32,
    /// What came of it, in a word.
    result: String,
    /// What came of it, in a sentence.
    message: String,
}

impl<'a> PaymentView<'a> {
    /// The payment with what the journal has about it.
    pub fn new(payment: &'a Payment, exchanges: &[Note]) -> Self {
        let amount = |minor| Amount::new(minor, payment.currency);
        let (reference, reason) = match &payment.state {
            PaymentState::Pending | PaymentState::Unknown => (None, None),
            PaymentState::Captured { reference } => (Some(reference.as_str()), None),
            PaymentState::Failed(reason) => (None, Some(reason)),
        };
        Self {
            id: payment.order_id,
            order_id: payment.order_id,
            status: status_of(payment),
            amount: amount(payment.amount),
            currency: payment.currency,
            payment_method: &payment.method,
            paid_amount: amount(payment.captured),
            refunded_amount: amount(payment.refunded()),
            reference,
            reason,
            refunds: payment.refunds.iter().map(|refund| RefundView::new(refund, payment.currency)).collect(),
            exchanges: exchanges.iter().filter_map(ExchangeView::read).collect(),
            version: payment.version,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}

impl<'a> RefundView<'a> {
    fn new(refund: &'a Refund, currency: Currency) -> Self {
        let amount = Amount::new(refund.amount, currency);
        Self { amount, state: refund.state, actor: refund.actor.as_deref(), reason: &refund.reason }
    }
}

impl ExchangeView {
    /// A note that is not an exchange is not shown.
    fn read(note: &Note) -> Option<Self> {
        let Exchange { what, attempt, result, message } = serde_json::from_str(&note.data).ok()?;
        Some(Self { at: note.at, what, attempt, result, message })
    }
}

/// Where a payment stands, in the words of orders.
pub(crate) fn status_of(payment: &Payment) -> PaymentStatus {
    match &payment.state {
        PaymentState::Pending => PaymentStatus::Pending,
        PaymentState::Unknown => PaymentStatus::Unknown,
        PaymentState::Failed(_) => PaymentStatus::Failed,
        PaymentState::Captured { .. } => match payment.refunded() {
            0 => PaymentStatus::Paid,
            refunded if refunded < payment.captured => PaymentStatus::PartiallyRefunded,
            _ => PaymentStatus::Refunded,
        },
    }
}
