//! The provider's bodies, for the description only: [`provider::wire`] is what reads and writes them.
#![expect(dead_code, reason = "these describe what is read and written elsewhere and are never made")]

use utoipa::ToSchema;

/// Charge the buyer.
#[derive(ToSchema)]
#[schema(as = ProviderCharge)]
pub(crate) struct Charge {
    /// The caller's name for the order.
    order_id: String,
    /// How much, above 0: a number or a decimal string.
    #[schema(example = 10.50)]
    amount: f64,
    /// ISO 4217; a default if left out.
    currency: Option<String>,
    /// The buyer's means; `card` if left out. `card-declined`, `card-timeout` and `card-error` do what they say.
    payment_method: Option<String>,
}

/// See to it that nothing is charged under a key.
#[derive(ToSchema)]
#[schema(as = ProviderVoid)]
pub(crate) struct Void {
    /// The key of the charge.
    charge_key: String,
}

/// Give back what a charge captured, or a part of it.
#[derive(ToSchema)]
#[schema(as = ProviderRefund)]
pub(crate) struct Refund {
    /// The key of the charge.
    charge_key: String,
    /// How much, above 0: a number or a decimal string.
    amount: f64,
    /// ISO 4217; a default if left out.
    currency: Option<String>,
}

/// What the provider did.
#[derive(ToSchema)]
#[schema(as = ProviderAnswer)]
pub(crate) struct PaymentAnswer {
    /// `captured`, `declined`, `voided` or `refunded`.
    status: String,
    /// The provider's name for the charge or the refund.
    #[schema(required)]
    reference: Option<String>,
    /// Why it was declined, in a word.
    #[schema(required)]
    code: Option<String>,
    /// Why it was declined, in a sentence.
    #[schema(required)]
    message: Option<String>,
    /// How much.
    #[schema(required)]
    amount: Option<f64>,
    /// ISO 4217.
    #[schema(required)]
    currency: Option<String>,
}

/// How the provider behaves.
#[derive(ToSchema)]
#[schema(as = ProviderSettings)]
pub(crate) struct Settings {
    /// The share of requests that get an error, from 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    failure_rate: f64,
    /// The share of requests that get no answer in time, from 0 to 1. Half of them are done.
    #[schema(minimum = 0, maximum = 1)]
    timeout_rate: f64,
    /// How long every request takes, in milliseconds.
    #[schema(maximum = 3_600_000)]
    delay_ms: u64,
    /// Whether every request is turned away.
    outage: bool,
}

/// How the provider is to behave. What is left out goes back to 0 or false.
#[derive(ToSchema)]
#[schema(as = ProviderSettingsChange)]
pub(crate) struct SettingsChange {
    /// The share of requests that get an error, from 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    failure_rate: Option<f64>,
    /// The share of requests that get no answer in time, from 0 to 1. Half of them are done.
    #[schema(minimum = 0, maximum = 1)]
    timeout_rate: Option<f64>,
    /// How long every request takes, in milliseconds.
    #[schema(maximum = 3_600_000)]
    delay_ms: Option<u64>,
    /// Whether every request is turned away.
    outage: Option<bool>,
}

/// A page of the ledger.
#[derive(ToSchema)]
#[schema(as = LedgerPage)]
pub(crate) struct LedgerPage {
    /// The charges of the page.
    entries: Vec<LedgerEntry>,
    /// What to give as `after` for the next page. Null: this is the last one.
    #[schema(required)]
    next: Option<String>,
    /// What all charges come to.
    totals: Totals,
}

/// All that is known under one key.
#[derive(ToSchema)]
#[schema(as = LedgerEntry)]
pub(crate) struct LedgerEntry {
    /// The charge's key.
    key: String,
    /// `captured`, `declined` or `voided`.
    status: String,
    #[schema(required)]
    order_id: Option<String>,
    #[schema(required)]
    amount: Option<f64>,
    #[schema(required)]
    refunded_amount: Option<f64>,
    #[schema(required)]
    currency: Option<String>,
    #[schema(required)]
    payment_method: Option<String>,
    #[schema(required)]
    reference: Option<String>,
    #[schema(required)]
    code: Option<String>,
    #[schema(required)]
    message: Option<String>,
    /// What was given back, the oldest first.
    refunds: Vec<RefundLine>,
    /// When the key was first heard of.
    #[schema(format = DateTime)]
    at: String,
}

/// One refund of a charge.
#[derive(ToSchema)]
#[schema(as = LedgerRefund)]
pub(crate) struct RefundLine {
    key: String,
    amount: f64,
    reference: String,
    #[schema(format = DateTime)]
    at: String,
}

/// What all charges come to.
#[derive(ToSchema)]
#[schema(as = LedgerTotals)]
pub(crate) struct Totals {
    captured: u64,
    declined: u64,
    voided: u64,
    /// The money, one line per currency.
    turnover: Vec<Turnover>,
}

/// The money of one currency.
#[derive(ToSchema)]
#[schema(as = LedgerTurnover)]
pub(crate) struct Turnover {
    currency: String,
    captured_amount: f64,
    refunded_amount: f64,
}
