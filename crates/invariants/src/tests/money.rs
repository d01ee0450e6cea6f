use super::*;
use crate::{charged_once, due, money_is_conserved};

#[test]
fn a_processed_order_keeps_its_total() {
    assert_clean(money_is_conserved(&processed(ID), Some(&payment(ID))));
    assert_eq!(due(&processed(ID), Some(&payment(ID))), 1_000);
}

#[test]
fn what_a_person_gave_back_is_not_due() {
    let refunds = vec![refund("r", 300, RefundState::Done, true)];
    let payment = Payment { refunds, ..payment(ID) };
    assert_eq!(due(&processed(ID), Some(&payment)), 700);
    assert_clean(money_is_conserved(&processed(ID), Some(&payment)));
}

#[test]
fn a_cancelled_order_keeps_nothing() {
    let order = processed(ID);
    let order = Order { facts: Facts { cancelled: Some(reason()), ..order.facts }, ..order };
    assert_broken(3, &money_is_conserved(&order, Some(&payment(ID))), "0 are due");
    let refunds = vec![refund("r", 1_000, RefundState::Done, false)];
    assert_clean(money_is_conserved(&order, Some(&Payment { refunds, ..payment(ID) })));
}

#[test]
fn money_on_its_way_is_waited_for() {
    let order = processed(ID);
    let order = Order { facts: Facts { cancelled: Some(reason()), ..order.facts }, ..order };
    let refunds = vec![refund("r", 1_000, RefundState::Pending, false)];
    assert_clean(money_is_conserved(&order, Some(&Payment { refunds, ..payment(ID) })));
}

#[test]
fn a_processed_order_that_nobody_paid_is_found() {
    let failed = Payment { state: PaymentState::Failed(reason()), captured: 0, ..payment(ID) };
    assert_broken(3, &money_is_conserved(&processed(ID), Some(&failed)), "1000 are due");
}

#[test]
fn a_refund_of_more_than_was_captured_is_found() {
    let refunds = vec![refund("r", 1_001, RefundState::Pending, true)];
    let broken = money_is_conserved(&processed(ID), Some(&Payment { refunds, ..payment(ID) }));
    assert_broken(3, &broken, "1001 are to be given back");
}

#[test]
fn a_capture_of_other_money_is_found() {
    let other = Payment { captured: 999, ..payment(ID) };
    assert_broken(3, &money_is_conserved(&processed(ID), Some(&other)), "999 of 1000");
    let other = Payment { amount: 999, captured: 999, ..payment(ID) };
    assert_broken(3, &money_is_conserved(&processed(ID), Some(&other)), "its payment is about");
}

#[test]
fn an_order_that_is_not_payable_has_no_money() {
    let order = unpayable(ID);
    assert_clean(money_is_conserved(&order, None));
    assert_eq!(due(&order, None), 0);
}

#[test]
fn the_ledger_agrees_to_the_cent() {
    assert_clean(charged_once(Some(&payment(ID)), Some(&charge(ID))));
    assert_clean(charged_once(None, None));
    assert_clean(charged_once(Some(&pending(ID)), Some(&charge(ID))));
}

#[test]
fn a_charge_nobody_asked_for_is_found() {
    assert_broken(2, &charged_once(None, Some(&charge(ID))), "nobody asked for");
    let failed = Payment { state: PaymentState::Failed(reason()), captured: 0, ..payment(ID) };
    assert_broken(2, &charged_once(Some(&failed), Some(&charge(ID))), "the ledger has captured it");
}

#[test]
fn a_capture_that_the_ledger_does_not_have_is_found() {
    assert_broken(2, &charged_once(Some(&payment(ID)), None), "the ledger has None");
    let cheaper = Payment { amount: 999, captured: 999, ..payment(ID) };
    assert_broken(2, &charged_once(Some(&cheaper), Some(&charge(ID))), "was asked for");
}

#[test]
fn refunds_agree_in_both_directions() {
    let mut charge = charge(ID);
    let done = Payment { refunds: vec![refund("r", 300, RefundState::Done, true)], ..payment(ID) };
    assert_broken(2, &charged_once(Some(&done), Some(&charge)), "refund r of 300 is None");
    if let provider::Status::Captured(capture) = &mut charge.status {
        let entry = provider::Refund { key: "r".into(), amount: 300, reference: "re_1".into(), at: at(0) };
        capture.refunds.push(entry);
    }
    assert_clean(charged_once(Some(&done), Some(&charge)));
    assert_broken(2, &charged_once(Some(&payment(ID)), Some(&charge)), "nobody asked for");
}
