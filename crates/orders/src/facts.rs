//! The facts an order's status is computed from. They may arrive in any order; the same fact twice changes nothing.

use contract::{PaymentStatus, ProcessingStatus, Reason, Status};
use serde::{Deserialize, Serialize};

/// All that is known about an order's fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What is known about the pieces it needs.
    #[serde(default, skip_serializing_if = "StockFact::is_none")]
    pub stock: StockFact,
    /// What is known about its payment.
    pub payment: PaymentFact,
    /// What is known about its processing.
    pub processing: ProcessingFact,
    /// Why it was called off, if it was.
    pub cancelled: Option<Reason>,
    /// Minor units captured so far.
    pub paid: i64,
    /// Minor units given back so far.
    pub refunded: i64,
}

/// What is known about the pieces that an order needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockFact {
    /// Nobody counts them.
    #[default]
    None,
    /// Nothing yet.
    Pending,
    /// They are kept for it.
    Reserved,
    /// There are not enough.
    Rejected(Reason),
}

impl StockFact {
    /// Whether nobody counts them.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// What is known about a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFact {
    /// Nothing is to be paid here.
    None,
    /// Nothing yet.
    Pending,
    /// Whether it was charged is being found out.
    Unknown,
    /// It is paid.
    Paid,
    /// It will not be paid.
    Failed(Reason),
}

/// What is known about processing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessingFact {
    /// Nothing yet.
    Pending,
    /// It went well.
    Processed,
    /// It did not.
    Rejected(Reason),
}

impl Facts {
    /// The facts of a new order.
    pub fn new(tracked: bool, payable: bool) -> Self {
        let stock = if tracked { StockFact::Pending } else { StockFact::None };
        let payment = if payable { PaymentFact::Pending } else { PaymentFact::None };
        Self { stock, payment, processing: ProcessingFact::Pending, cancelled: None, paid: 0, refunded: 0 }
    }

    /// Where the order stands. The one function that says so.
    pub fn status(&self) -> Status {
        if self.cancelled.is_some() {
            return Status::Cancelled;
        }
        let is_kept = matches!(self.stock, StockFact::None | StockFact::Reserved);
        match (&self.stock, &self.payment, &self.processing) {
            (StockFact::Rejected(_), ..)
            | (_, PaymentFact::Failed(_), _)
            | (.., ProcessingFact::Rejected(_)) => Status::Failed,
            (_, PaymentFact::None | PaymentFact::Paid, ProcessingFact::Processed) if is_kept => {
                Status::Processed
            }
            (_, PaymentFact::Paid, _) => Status::Paid,
            _ => Status::Pending,
        }
    }

    /// Whether the order has ended and the question of its charge with it, so that it rarely changes any more. What may still
    /// come is late: money that is given back, or a payment of a cancelled order.
    pub fn is_settled(&self) -> bool {
        self.status().is_terminal() && !matches!(self.payment, PaymentFact::Pending | PaymentFact::Unknown)
    }

    /// Where the money stands.
    pub fn payment_status(&self) -> PaymentStatus {
        match &self.payment {
            PaymentFact::None => PaymentStatus::None,
            PaymentFact::Pending => PaymentStatus::Pending,
            PaymentFact::Unknown => PaymentStatus::Unknown,
            PaymentFact::Failed(_) => PaymentStatus::Failed,
            PaymentFact::Paid if self.refunded == 0 => PaymentStatus::Paid,
            PaymentFact::Paid if self.refunded < self.paid => PaymentStatus::PartiallyRefunded,
            PaymentFact::Paid => PaymentStatus::Refunded,
        }
    }

    /// Where the processing stands.
    pub fn processing_status(&self) -> ProcessingStatus {
        match &self.processing {
            ProcessingFact::Pending => ProcessingStatus::Pending,
            ProcessingFact::Processed => ProcessingStatus::Processed,
            ProcessingFact::Rejected(_) => ProcessingStatus::Rejected,
        }
    }

    /// Why the order failed or was called off, if it did.
    pub fn reason(&self) -> Option<&Reason> {
        if self.cancelled.is_some() {
            return self.cancelled.as_ref();
        }
        if let StockFact::Rejected(reason) = &self.stock {
            return Some(reason);
        }
        match (&self.payment, &self.processing) {
            (PaymentFact::Failed(reason), _) | (_, ProcessingFact::Rejected(reason)) => Some(reason),
            _ => None,
        }
    }

    /// Learns something about the pieces. The first word is the last.
    pub fn learn_stock(&mut self, fact: StockFact) {
        if self.stock == StockFact::Pending {
            self.stock = fact;
        }
    }

    /// Learns something about the payment. What is known for good is not unlearnt.
    pub fn learn_payment(&mut self, fact: PaymentFact) {
        let settled = matches!(self.payment, PaymentFact::Paid | PaymentFact::Failed(_));
        let paid_after_all = fact == PaymentFact::Paid && self.cancelled.is_some();
        if !settled || paid_after_all {
            self.payment = fact;
        }
    }

    /// Learns something about the processing. The first word is the last.
    pub fn learn_processing(&mut self, fact: ProcessingFact) {
        if self.processing == ProcessingFact::Pending {
            self.processing = fact;
        }
    }
}
