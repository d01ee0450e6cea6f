//! Why an order does not move, and what to do: one pure function of what is known.

use contract::{PaymentStatus, ProcessingStatus, Reason};
use orders::{Order, StockFact};

/// What is known about an order that does not move.
pub(super) struct Situation<'a> {
    /// The order.
    pub order: &'a Order,
    /// Its first dead letter: whose, and why.
    pub dead: Option<(&'static str, &'a Reason)>,
    /// Whether the breaker before the payment provider is open.
    pub provider_is_away: bool,
}

/// What that means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Diagnosis {
    /// The step the order is at.
    pub step: &'static str,
    /// Why it does not move.
    pub reason: Reason,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Situation<'_> {
    /// A dead letter explains everything; then the provider's absence; then the step that is waited for.
    pub fn diagnose(&self) -> Diagnosis {
        let step = self.step();
        if let Some((consumer, reason)) = self.dead {
            let step = if consumer == "payments" && step == "order" { "refund" } else { step };
            return Diagnosis {
                step,
                reason: reason.clone(),
                remedy: "Find out the cause; then cancel the order, which voids its charge and gives back what was captured.",
            };
        }
        let (code, message, remedy) = match step {
            "stock" => (
                "awaiting_stock",
                "Its pieces are neither reserved nor refused.",
                "See that the catalog runs and consumes order events.",
            ),
            "payment" | "refund" if self.provider_is_away => (
                "provider_away",
                "The payment provider does not work, and calls to it are held back.",
                "It goes on by itself when the provider works again.",
            ),
            "payment" if self.order.facts.payment_status() == PaymentStatus::Unknown => (
                "payment_unknown",
                "It is not known whether the charge was captured; that is being found out.",
                "Look at the payment's exchanges, and at the provider's ledger.",
            ),
            "payment" => (
                "awaiting_payment",
                "The charge has not been answered.",
                "Look at the payment's exchanges; cancel the order if it is not to be paid.",
            ),
            "processing" => (
                "awaiting_processing",
                "Nobody has said that the order is processed.",
                "See that the processor runs and consumes order events.",
            ),
            "refund" => (
                "awaiting_refund",
                "Money that is to be given back is still on its way.",
                "Look at the payment's exchanges, and at the provider's ledger.",
            ),
            _ => ("awaiting_event", "The last step was not told to the order.", "See that the services run."),
        };
        Diagnosis { step, reason: Reason::new(code, message), remedy }
    }

    fn step(&self) -> &'static str {
        let facts = &self.order.facts;
        if self.order.status().is_terminal() {
            return "refund";
        }
        if facts.stock == StockFact::Pending {
            return "stock";
        }
        match (facts.payment_status(), facts.processing_status()) {
            (PaymentStatus::Pending | PaymentStatus::Unknown, _) => "payment",
            (_, ProcessingStatus::Pending) => "processing",
            _ => "order",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use orders::PaymentFact;

    use super::*;
    use crate::tests::orders::{payable_order, priced_order};

    fn with(order: &Order, fact: PaymentFact) -> Order {
        let mut order = order.clone();
        order.facts.payment = fact;
        order.updated_at = Timestamp::UNIX_EPOCH;
        order
    }

    #[test]
    fn every_situation_has_a_step_and_a_remedy() {
        let (payable, free) = (payable_order(), priced_order());
        let mut tracked = payable.clone();
        tracked.facts.stock = StockFact::Pending;
        let mut cancelled = payable.clone();
        cancelled.facts.cancelled = Some(Reason::new("cancelled", "x"));
        let dead = Reason::new("exhausted", "the provider answers errors");
        for (order, dead, provider_is_away, step, code) in [
            (&payable, None, false, "payment", "awaiting_payment"),
            (&payable, None, true, "payment", "provider_away"),
            (&with(&payable, PaymentFact::Unknown), None, false, "payment", "payment_unknown"),
            (&with(&payable, PaymentFact::Paid), None, true, "processing", "awaiting_processing"),
            (&tracked, None, true, "stock", "awaiting_stock"),
            (&free, None, false, "processing", "awaiting_processing"),
            (&cancelled, None, false, "refund", "awaiting_refund"),
            (&payable, Some(("payments", &dead)), true, "payment", "exhausted"),
        ] {
            let diagnosis = Situation { order, dead, provider_is_away }.diagnose();
            assert_eq!((diagnosis.step, diagnosis.reason.code.as_ref()), (step, code));
            assert!(!diagnosis.remedy.is_empty());
        }
    }
}
