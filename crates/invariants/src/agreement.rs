//! Whether the services agree about an order, and the order with itself.

use catalog::queries::Stocked;
use catalog::{Reservation, Stage as Stock};
use contract::Status;
use engine::Key;
use orders::{Facts, Order, PaymentFact, ProcessingFact, StockFact};
use payments::{Payment, PaymentState};
use processing::{Record, Stage};

use crate::violation::Violation;

/// Promise 3: once a payment is settled the order knows how it ended, and how much moved. Whoever names a payment method
/// has a payment, nobody else.
pub fn order_agrees_with_payment(order: &Order, payment: Option<&Payment>) -> Vec<Violation> {
    let says = |what: String| vec![Violation::new(3, order.id, what)];
    let payment = match (order.content.is_payable(), payment) {
        (false, None) => return Vec::new(),
        (false, Some(_)) => return says("nothing is to be paid, and there is a payment".to_owned()),
        // It is to be paid when its pieces are reserved.
        (true, None) if order.facts.stock == StockFact::Pending => return Vec::new(),
        (true, None) => return says("it is to be paid, and payments knows nothing of it".to_owned()),
        (true, Some(payment)) => payment,
    };
    if !payment.is_settled() {
        return Vec::new();
    }
    let mut broken = Vec::new();
    let (known, moved) = ((order.facts.paid, order.facts.refunded), (payment.captured, payment.refunded()));
    if known != moved {
        broken.extend(says(format!("it knows of {known:?} paid and refunded, the payment of {moved:?}")));
    }
    let agrees = match (&payment.state, &order.facts.payment) {
        (PaymentState::Captured { .. }, fact) => *fact == PaymentFact::Paid,
        (PaymentState::Failed(_), fact) => matches!(fact, PaymentFact::Failed(_)),
        _ => true,
    };
    if !agrees {
        broken.extend(says(format!("the payment is {:?}, it says {:?}", payment.state, order.facts.payment)));
    }
    broken
}

/// Promise 7: what is reserved for an order, and what became of it, is what the order knows of it. Pieces are counted for
/// tracked orders, and for no other.
pub fn order_agrees_with_stock(order: &Order, reservation: Option<&Reservation>) -> Vec<Violation> {
    let (fact, status) = (&order.facts.stock, order.status());
    let stage = reservation.map(|reservation| &reservation.stage);
    let agrees = match (fact, stage) {
        (StockFact::None, None) => true,
        (StockFact::Rejected(_), Some(Stock::Rejected(_))) => true,
        (StockFact::Reserved, Some(Stock::Reserved)) => !status.is_terminal(),
        (StockFact::Reserved, Some(Stock::Consumed)) => status == Status::Processed,
        (StockFact::Reserved, Some(Stock::Released)) => matches!(status, Status::Failed | Status::Cancelled),
        _ => false,
    };
    if agrees {
        return Vec::new();
    }
    vec![Violation::new(
        7,
        order.id,
        format!("its pieces are {stage:?}, the order is {status} and says {fact:?}"),
    )]
}

/// Promise 7: what is kept of a product is what open reservations say, piece by piece. That stock is not below zero is its type.
pub fn stock_is_conserved(stocked: &Stocked) -> Option<Violation> {
    let Stocked { item, kept } = stocked;
    (item.reserved != *kept).then(|| {
        let what = format!("{} pieces of it are kept, open reservations have {kept}", item.reserved);
        Violation::new(7, Key::name(&item.product.id), what)
    })
}

/// Promise 4: what processing says has ended, has ended so for the order; and what waits for nothing else is known to
/// processing.
pub fn order_agrees_with_processing(order: &Order, record: Option<&Record>) -> Vec<Violation> {
    let fact = &order.facts.processing;
    let agrees = match record.map(|record| &record.stage) {
        Some(Stage::Completed) => *fact == ProcessingFact::Processed,
        Some(Stage::Failed(_)) => matches!(fact, ProcessingFact::Rejected(_)),
        Some(Stage::Working) => *fact == ProcessingFact::Pending,
        Some(Stage::Cancelled) => *fact == ProcessingFact::Pending && order.facts.cancelled.is_some(),
        None => {
            let ready = matches!(order.facts.payment, PaymentFact::None | PaymentFact::Paid)
                && matches!(order.facts.stock, StockFact::None | StockFact::Reserved);
            *fact == ProcessingFact::Pending && (!ready || order.facts.cancelled.is_some())
        }
    };
    if agrees {
        return Vec::new();
    }
    let stage = record.map(|record| &record.stage);
    vec![Violation::new(4, order.id, format!("processing says {stage:?}, the order {fact:?}"))]
}

/// Promise 4: the status is what the design says it is, whatever the code that computes it; and what ended badly says why.
pub fn status_is_the_function_of_the_facts(order: &Order) -> Vec<Violation> {
    let facts = &order.facts;
    let mut broken = Vec::new();
    let mut claim = |holds: bool, what: String| {
        if !holds {
            broken.push(Violation::new(4, order.id, what));
        }
    };
    let expected = expected_status(facts);
    claim(order.status() == expected, format!("the facts make it {expected}, it is {}", order.status()));
    let ended_badly = matches!(expected, Status::Failed | Status::Cancelled);
    claim(
        ended_badly == order.reason().is_some(),
        format!("it is {expected}, its reason is {:?}", order.reason()),
    );
    claim(
        (facts.payment == PaymentFact::None) != order.content.is_payable(),
        format!("its payment is {:?}", facts.payment),
    );
    claim(
        0 <= facts.refunded && facts.refunded <= facts.paid && facts.paid <= order.content.total,
        format!("{} paid and {} refunded of {}", facts.paid, facts.refunded, order.content.total),
    );
    claim(
        order.version >= 1 && order.updated_at >= order.created_at,
        "its version or its times run backwards".into(),
    );
    broken
}

/// Section 4 of the design, in other words than the service's.
fn expected_status(facts: &Facts) -> Status {
    let paid = matches!(facts.payment, PaymentFact::None | PaymentFact::Paid);
    let failed = matches!(facts.payment, PaymentFact::Failed(_));
    let rejected = matches!(facts.processing, ProcessingFact::Rejected(_));
    let processed = facts.processing == ProcessingFact::Processed;
    if facts.cancelled.is_some() {
        Status::Cancelled
    } else if failed || rejected || matches!(facts.stock, StockFact::Rejected(_)) {
        Status::Failed
    } else if processed && paid && matches!(facts.stock, StockFact::None | StockFact::Reserved) {
        Status::Processed
    } else if facts.payment == PaymentFact::Paid {
        Status::Paid
    } else {
        Status::Pending
    }
}
