//! The ledger as it is read over HTTP.

use contract::{Currency, DecimalNumber, Money};
use jiff::Timestamp;
use serde::Serialize;

use crate::charge::{Capture, Charge, Decline, Purchase, Status};
use crate::queries::{Totals, Turnover};

/// A page of the ledger.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerPage {
    /// The charges of the page.
    pub entries: Vec<LedgerEntry>,
    /// What to give as `after` for the next page. None: this is the last one.
    pub next: Option<String>,
    /// What all charges of the ledger come to, not of this page alone.
    pub totals: TotalsAnswer,
}

/// All that is known under one key.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerEntry {
    /// The idempotency key of the charge.
    pub key: String,
    /// What became of it.
    pub status: EntryStatus,
    /// The caller's name for the order. None for what is voided, as are the following.
    pub order_id: Option<String>,
    /// What was to be paid.
    pub amount: Option<DecimalNumber>,
    /// What of it was given back.
    pub refunded_amount: Option<DecimalNumber>,
    /// The currency of the amounts.
    pub currency: Option<Currency>,
    /// The buyer's means.
    pub payment_method: Option<String>,
    /// The provider's name for the charge.
    pub reference: Option<String>,
    /// Why it was declined, in a word.
    pub code: Option<String>,
    /// Why it was declined, in a sentence.
    pub message: Option<String>,
    /// What was given back, the oldest first.
    pub refunds: Vec<RefundLine>,
    /// When the key was first heard of.
    pub at: Timestamp,
}

/// What became of a charge, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// The money was taken.
    Captured,
    /// The buyer's bank said no.
    Declined,
    /// Nothing was charged, and nothing will be.
    Voided,
}

/// One refund.
#[derive(Clone, Debug, Serialize)]
pub struct RefundLine {
    /// The idempotency key of the refund.
    pub key: String,
    /// How much was given back.
    pub amount: DecimalNumber,
    /// The provider's name for the refund.
    pub reference: String,
    /// When it was given back.
    pub at: Timestamp,
}

/// What all charges come to.
#[derive(Clone, Debug, Serialize)]
pub struct TotalsAnswer {
    /// How many charges were captured.
    pub captured: u64,
    /// How many charges were declined.
    pub declined: u64,
    /// How many keys were voided.
    pub voided: u64,
    /// The money, one line per currency.
    pub turnover: Vec<TurnoverLine>,
}

/// The money of one currency.
#[derive(Clone, Debug, Serialize)]
pub struct TurnoverLine {
    /// The currency.
    pub currency: Currency,
    /// What was captured.
    pub captured_amount: DecimalNumber,
    /// What of it was given back.
    pub refunded_amount: DecimalNumber,
}

impl From<Charge> for LedgerEntry {
    fn from(charge: Charge) -> Self {
        let bare = Self::bare(&charge);
        match charge.status {
            Status::Captured(capture) => bare.captured(capture),
            Status::Declined { purchase, reference, decline } => bare.declined(purchase, reference, decline),
            Status::Voided => bare,
        }
    }
}

impl LedgerEntry {
    fn bare(charge: &Charge) -> Self {
        Self {
            key: charge.key.to_string(),
            status: EntryStatus::Voided,
            order_id: None,
            amount: None,
            refunded_amount: None,
            currency: None,
            payment_method: None,
            reference: None,
            code: None,
            message: None,
            refunds: Vec::new(),
            at: charge.at,
        }
    }

    fn captured(self, capture: Capture) -> Self {
        let currency = capture.purchase.amount.currency;
        let refunded = decimal(capture.refunded(), currency);
        let refunds = capture.refunds.into_iter().map(|refund| RefundLine {
            key: refund.key,
            amount: decimal(refund.amount, currency),
            reference: refund.reference,
            at: refund.at,
        });
        Self {
            refunds: refunds.collect(),
            refunded_amount: Some(refunded),
            ..self.purchase(EntryStatus::Captured, capture.purchase, capture.reference)
        }
    }

    fn declined(self, purchase: Purchase, reference: String, decline: Decline) -> Self {
        Self {
            code: Some(decline.code),
            message: Some(decline.message),
            ..self.purchase(EntryStatus::Declined, purchase, reference)
        }
    }

    fn purchase(self, status: EntryStatus, purchase: Purchase, reference: String) -> Self {
        Self {
            status,
            order_id: Some(purchase.order_id),
            amount: Some(DecimalNumber(purchase.amount)),
            refunded_amount: Some(decimal(0, purchase.amount.currency)),
            currency: Some(purchase.amount.currency),
            payment_method: Some(purchase.method),
            reference: Some(reference),
            ..self
        }
    }
}

impl From<Totals> for TotalsAnswer {
    fn from(totals: Totals) -> Self {
        let turnover = totals.turnover.into_iter().map(TurnoverLine::from).collect();
        Self { captured: totals.captured, declined: totals.declined, voided: totals.voided, turnover }
    }
}

impl From<Turnover> for TurnoverLine {
    fn from(turnover: Turnover) -> Self {
        let currency = turnover.currency;
        Self {
            currency,
            captured_amount: decimal(turnover.captured, currency),
            refunded_amount: decimal(turnover.refunded, currency),
        }
    }
}

fn decimal(minor: i64, currency: Currency) -> DecimalNumber {
    DecimalNumber(Money { minor, currency })
}
