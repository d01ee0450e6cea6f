//! Facts may arrive in any order, and terminal is terminal.

use contract::{PaymentStatus, ProcessingStatus, Reason, Status};
use proptest::prelude::*;

use crate::facts::{Facts, PaymentFact, ProcessingFact, StockFact};

/// One fact.
#[derive(Clone, Debug)]
enum Fact {
    Stock(StockFact),
    Payment(PaymentFact),
    Processing(ProcessingFact),
    Cancelled,
}

fn reason(code: &'static str) -> Reason {
    Reason::new(code, "Because.")
}

fn learn(facts: &mut Facts, fact: Fact) {
    match fact {
        Fact::Stock(fact) => facts.learn_stock(fact),
        Fact::Payment(fact) => facts.learn_payment(fact),
        Fact::Processing(fact) => facts.learn_processing(fact),
        // As the service does it: what has ended is not called off any more.
        Fact::Cancelled if !facts.status().is_terminal() => facts.cancelled = Some(reason("customer")),
        Fact::Cancelled => {}
    }
}

fn learnt(payable: bool, facts: impl IntoIterator<Item = Fact>) -> Facts {
    let mut known = Facts::new(true, payable);
    facts.into_iter().for_each(|fact| learn(&mut known, fact));
    known
}

fn kept() -> Fact {
    Fact::Stock(StockFact::Reserved)
}

fn stock() -> impl Strategy<Value = StockFact> {
    prop_oneof![Just(StockFact::Reserved), Just(StockFact::Rejected(reason("out_of_stock")))]
}

fn payment() -> impl Strategy<Value = PaymentFact> {
    prop_oneof![
        Just(PaymentFact::Unknown),
        Just(PaymentFact::Paid),
        Just(PaymentFact::Failed(reason("declined"))),
    ]
}

fn processing() -> impl Strategy<Value = ProcessingFact> {
    prop_oneof![Just(ProcessingFact::Processed), Just(ProcessingFact::Rejected(reason("rejected")))]
}

fn any_fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        2 => stock().prop_map(Fact::Stock),
        4 => payment().prop_map(Fact::Payment),
        4 => processing().prop_map(Fact::Processing),
        1 => Just(Fact::Cancelled),
    ]
}

/// How a payment goes: perhaps unknown for a while, then one way or the other. Payments says it in this order.
fn payment_story() -> impl Strategy<Value = Vec<PaymentFact>> {
    let end = prop_oneof![Just(PaymentFact::Paid), Just(PaymentFact::Failed(reason("declined")))];
    (any::<bool>(), end)
        .prop_map(|(unknown, end)| unknown.then_some(PaymentFact::Unknown).into_iter().chain([end]).collect())
}

/// Two stories in one, each in its own order.
fn interleaved(one: Vec<Fact>, other: Vec<Fact>, turns: &[bool]) -> Vec<Fact> {
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    let mut turns = turns.iter().copied();
    let mut told = Vec::new();
    while one.peek().is_some() || other.peek().is_some() {
        let first = turns.next().unwrap_or(true);
        let next =
            if first { one.next().or_else(|| other.next()) } else { other.next().or_else(|| one.next()) };
        told.extend(next);
    }
    told
}

proptest! {
    #[test]
    fn the_same_facts_in_any_order_give_the_same_end(
        payment in payment_story(),
        processing in processing(),
        stock in stock(),
        turns in prop::collection::vec(any::<bool>(), 4),
        others in prop::collection::vec(any::<bool>(), 4),
    ) {
        let payment: Vec<_> = payment.into_iter().map(Fact::Payment).collect();
        let processing = vec![Fact::Processing(processing), Fact::Stock(stock)];
        let turned = processing.iter().rev().cloned().collect();
        let one = learnt(true, interleaved(payment.clone(), processing, &turns));
        let other = learnt(true, interleaved(payment, turned, &others));
        prop_assert!(one.status().is_terminal());
        prop_assert_eq!(one, other);
    }

    #[test]
    fn the_same_fact_twice_changes_nothing(payable: bool, facts in prop::collection::vec(any_fact(), 0..8)) {
        let mut known = Facts::new(true, payable);
        for fact in facts {
            learn(&mut known, fact.clone());
            let once = known.clone();
            learn(&mut known, fact);
            prop_assert_eq!(&known, &once);
        }
    }

    #[test]
    fn terminal_is_terminal(facts in prop::collection::vec(any_fact(), 0..12)) {
        let mut known = Facts::new(true, true);
        for fact in facts {
            let before = known.status();
            learn(&mut known, fact);
            if before.is_terminal() {
                prop_assert_eq!(known.status(), before);
            }
        }
    }

    #[test]
    fn no_illegal_state_is_reachable(payable: bool, facts in prop::collection::vec(any_fact(), 0..12)) {
        let facts = facts.into_iter().filter(|fact| payable || !matches!(fact, Fact::Payment(_)));
        let known = learnt(payable, facts);
        let ended_badly = matches!(known.status(), Status::Failed | Status::Cancelled);
        prop_assert_eq!(known.reason().is_some(), ended_badly);
        prop_assert_eq!(known.payment_status() == PaymentStatus::None, !payable);
        if known.status() == Status::Processed {
            prop_assert_eq!(known.processing_status(), ProcessingStatus::Processed);
            prop_assert!(matches!(known.payment, PaymentFact::None | PaymentFact::Paid));
            prop_assert_eq!(&known.stock, &StockFact::Reserved);
        }
        if known.status() == Status::Paid {
            prop_assert_eq!(&known.payment, &PaymentFact::Paid);
            prop_assert!(known.processing == ProcessingFact::Pending || known.stock == StockFact::Pending);
        }
    }
}

#[test]
fn a_late_payment_of_a_cancelled_order_is_known() {
    let mut known = learnt(true, [Fact::Payment(PaymentFact::Unknown), Fact::Cancelled]);
    learn(&mut known, Fact::Payment(PaymentFact::Paid));
    assert_eq!((known.status(), known.payment_status()), (Status::Cancelled, PaymentStatus::Paid));
    (known.paid, known.refunded) = (100, 40);
    assert_eq!(known.payment_status(), PaymentStatus::PartiallyRefunded);
    known.refunded = 100;
    assert_eq!(known.payment_status(), PaymentStatus::Refunded);
}

#[test]
fn settled_is_what_has_ended_without_an_open_charge() {
    let (paid, unknown) = (PaymentFact::Paid, PaymentFact::Unknown);
    let failed = || PaymentFact::Failed(reason("declined"));
    let processed = ProcessingFact::Processed;
    let table = [
        (learnt(true, []), false),
        (learnt(true, [Fact::Payment(paid.clone())]), false),
        (learnt(true, [kept(), Fact::Payment(paid.clone()), Fact::Processing(processed.clone())]), true),
        (learnt(false, [kept(), Fact::Processing(processed)]), true),
        (learnt(true, [Fact::Payment(failed())]), true),
        (learnt(true, [Fact::Cancelled]), false),
        (learnt(true, [Fact::Payment(unknown), Fact::Cancelled]), false),
        (learnt(true, [Fact::Cancelled, Fact::Payment(failed())]), true),
        (learnt(true, [Fact::Cancelled, Fact::Payment(paid)]), true),
        (learnt(false, [Fact::Cancelled]), true),
    ];
    for (facts, settled) in table {
        assert_eq!(facts.is_settled(), settled, "{facts:?}");
    }
}
