use catalog::{Reservation, Stage as Stock};
use orders::StockFact;
use processing::{Record, Stage};

use super::*;
use crate::{
    order_agrees_with_payment, order_agrees_with_processing, order_agrees_with_stock,
    status_is_the_function_of_the_facts, stock_is_conserved,
};

fn record(stage: Stage) -> Record {
    Record { order_id: ID, stage, updated_at: at(0) }
}

#[test]
fn order_and_payment_agree() {
    assert_clean(order_agrees_with_payment(&processed(ID), Some(&payment(ID))));
    assert_clean(order_agrees_with_payment(&order(ID), Some(&pending(ID))));
    assert_clean(order_agrees_with_payment(&unpayable(ID), None));
}

#[test]
fn an_order_that_did_not_hear_of_its_payment_is_found() {
    assert_broken(3, &order_agrees_with_payment(&order(ID), Some(&payment(ID))), "(0, 0)");
    assert_broken(3, &order_agrees_with_payment(&order(ID), None), "payments knows nothing of it");
    assert_broken(3, &order_agrees_with_payment(&unpayable(ID), Some(&pending(ID))), "there is a payment");
    let failed = Payment { state: PaymentState::Failed(reason()), captured: 0, ..payment(ID) };
    assert_broken(3, &order_agrees_with_payment(&order(ID), Some(&failed)), "it says Pending");
}

#[test]
fn order_and_processing_agree() {
    assert_clean(order_agrees_with_processing(&processed(ID), Some(&record(Stage::Completed))));
    assert_clean(order_agrees_with_processing(&order(ID), None));
    assert_clean(order_agrees_with_processing(&order(ID), Some(&record(Stage::Working))));
}

#[test]
fn an_order_that_did_not_hear_of_its_processing_is_found() {
    assert_broken(4, &order_agrees_with_processing(&order(ID), Some(&record(Stage::Completed))), "Completed");
    assert_broken(4, &order_agrees_with_processing(&order(ID), Some(&record(Stage::Cancelled))), "Cancelled");
    assert_broken(4, &order_agrees_with_processing(&processed(ID), None), "None");
    assert_broken(4, &order_agrees_with_processing(&unpayable(ID), None), "None");
}

#[test]
fn the_status_follows_from_the_facts() {
    for order in [order(ID), unpayable(ID), processed(ID)] {
        assert_clean(status_is_the_function_of_the_facts(&order));
    }
}

#[test]
fn facts_that_cannot_be_are_found() {
    let order = order(ID);
    let none = Order { facts: Facts { payment: PaymentFact::None, ..order.facts.clone() }, ..order.clone() };
    assert_broken(4, &status_is_the_function_of_the_facts(&none), "its payment is None");
    let refunded = Order { facts: Facts { refunded: 5, ..order.facts.clone() }, ..order };
    assert_broken(4, &status_is_the_function_of_the_facts(&refunded), "0 paid and 5 refunded");
}

#[test]
fn order_and_stock_agree_or_are_found() {
    let rejected = || Stock::Rejected(reason());
    let tracked =
        |order: Order, stock: StockFact| Order { facts: Facts { stock, ..order.facts.clone() }, ..order };
    let cancelled = || {
        let order = order(ID);
        Order { facts: Facts { cancelled: Some(reason()), ..order.facts.clone() }, ..order }
    };
    let table = [
        (order(ID), StockFact::None, None, true),
        (order(ID), StockFact::None, Some(Stock::Reserved), false),
        (order(ID), StockFact::Pending, None, false),
        (order(ID), StockFact::Pending, Some(Stock::Reserved), false),
        (order(ID), StockFact::Reserved, Some(Stock::Reserved), true),
        (order(ID), StockFact::Reserved, Some(Stock::Released), false),
        (order(ID), StockFact::Rejected(reason()), Some(rejected()), true),
        (processed(ID), StockFact::Reserved, Some(Stock::Consumed), true),
        (processed(ID), StockFact::Reserved, Some(Stock::Reserved), false),
        (processed(ID), StockFact::Reserved, Some(Stock::Released), false),
        (cancelled(), StockFact::Reserved, Some(Stock::Released), true),
        (cancelled(), StockFact::Reserved, Some(Stock::Consumed), false),
    ];
    for (order, fact, stage, agrees) in table {
        let reservation = stage.map(|stage| Reservation::new(ID, vec![], stage, at(0)));
        let broken = order_agrees_with_stock(&tracked(order, fact.clone()), reservation.as_ref());
        assert_eq!(broken.is_empty(), agrees, "{fact:?} {reservation:?}");
        assert!(broken.iter().all(|violation| violation.promise == 7));
    }
    assert_eq!(stock_is_conserved(&stocked("a", 2, 2)), None);
    assert_eq!(stock_is_conserved(&stocked("a", 2, 3)).unwrap().key, Key::name("a"));
}
