//! The saga: an order from its placing to its end, on every path there is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]

use std::time::Duration;

use contract::{PaymentStatus, ProcessingStatus, Status};
use engine::breaker::BreakerState;
use engine::claim::ClaimKind;
use engine::intake::RepairAct;
use engine::observe::Verdict;
use engine::{Answer, DeadLetterState};
use invariants::{Fate, Step};
use orders::Refusal;
use payments::PaymentState;
use testkit::app::{AppSettings, TestApp};
use uuid::Uuid;

const AMOUNT: &str = r#"{"customer_name": "John Doe", "total_amount": 100.50}"#;
const PRICED: &str = r#"{"customer_id": "customer-123", "items": [
    {"product_id": "product-1", "quantity": 2, "price": 10.50},
    {"product_id": "product-2", "quantity": 1, "price": 25.00}]}"#;
const CARD: &str = r#"{"items": [{"pizzaId": "margherita", "quantity": 2}, {"pizzaId": "lemonade", "quantity": 1}],
    "deliveryAddress": "Test Street 123", "paymentMethod": "card"}"#;
const DECLARED: &str = r#"{"user_id": "user_1", "amount": "140", "products": [
    {"product_id": "product_001", "quantity": 1}, {"product_id": "product_002", "quantity": 19}]}"#;
const DOCUMENT: &str = include_str!("../../orders/src/forms/tests/full-document.json");

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const NOTHING_LEFT: (Status, PaymentStatus, ProcessingStatus) =
    (Status::Cancelled, PaymentStatus::Refunded, ProcessingStatus::Pending);

fn paid_with(method: &str) -> String {
    CARD.replace("\"card\"", &format!("\"{method}\""))
}

/// A shop whose simulated work takes a minute.
fn slow_shop() -> TestApp {
    let processing = processing::Settings { delay: MINUTE, ..Default::default() };
    TestApp::with(AppSettings { processing, ..AppSettings::default() })
}

/// A shop whose simulated work always fails.
fn failing_shop() -> TestApp {
    let processing = processing::Settings { failure_ppm: 1_000_000, ..Default::default() };
    TestApp::with(AppSettings { processing, ..AppSettings::default() })
}

/// Captured and given back, by the provider's ledger.
fn moved(app: &TestApp, id: Uuid) -> (i64, i64) {
    let charge = app.charge(id);
    charge
        .as_ref()
        .and_then(provider::Charge::capture)
        .map_or((0, 0), |capture| (capture.captured(), capture.refunded()))
}

#[test]
fn an_order_is_paid_and_processed() {
    let mut app = TestApp::new();
    let id = app.place(CARD).id;
    assert_eq!(app.states(id), (Status::Pending, PaymentStatus::Pending, ProcessingStatus::Pending));
    app.settle();
    assert_eq!(app.states(id), (Status::Processed, PaymentStatus::Paid, ProcessingStatus::Processed));
    assert_eq!(moved(&app, id), (2_850, 0));
    assert_eq!(app.story(id), ["order.created", "payment.paid", "order.processed", "order.completed"]);
    assert_eq!(app.exchanges(id), ["charge 1 captured"]);
    assert_eq!(app.fate(id), Fate::Ended);
}

#[test]
fn an_order_without_a_payment_method_is_processed_at_once() {
    let mut app = TestApp::new();
    let id = app.place(PRICED).id;
    app.settle();
    assert_eq!(app.states(id), (Status::Processed, PaymentStatus::None, ProcessingStatus::Processed));
    assert_eq!((app.payment(id), app.charge(id)), (None, None));
}

#[test]
fn all_five_forms_get_there_with_their_totals() {
    let mut app = TestApp::new();
    let forms = [(AMOUNT, 10_050), (PRICED, 4_600), (CARD, 2_850), (DECLARED, 14_000), (DOCUMENT, 326_500)];
    let ids = forms.map(|(body, total)| {
        let order = app.place(body);
        assert_eq!(order.content.total, total, "{body}");
        order.id
    });
    app.settle();
    for id in ids {
        assert_eq!(app.order(id).status(), Status::Processed);
    }
}

#[test]
fn a_declined_card_fails_the_order() {
    let mut app = TestApp::new();
    let id = app.place(&paid_with("card-declined")).id;
    app.settle();
    assert_eq!(app.states(id), (Status::Failed, PaymentStatus::Failed, ProcessingStatus::Pending));
    assert_eq!(app.order(id).reason().unwrap().code, "card_declined");
    assert_eq!(moved(&app, id), (0, 0));
    assert_eq!(app.shop().desk.breaker.counts(), (1, 0, 0), "a decline is an answer, not a failure");
}

#[test]
fn what_is_rejected_after_payment_is_given_back() {
    let mut app = failing_shop();
    let id = app.place(CARD).id;
    app.settle();
    assert_eq!(app.states(id), (Status::Failed, PaymentStatus::Refunded, ProcessingStatus::Rejected));
    assert_eq!(moved(&app, id), (2_850, 2_850));
    assert_eq!(
        app.story(id),
        ["order.created", "payment.paid", "order.processed", "order.failed", "payment.refunded"]
    );
}

#[test]
fn an_unknown_charge_is_repeated_and_found_captured() {
    let mut app = TestApp::new();
    let id = app.place(&paid_with("card-timeout")).id;
    app.settle();
    assert_eq!(app.states(id).1, PaymentStatus::Unknown);
    assert_eq!(moved(&app, id), (2_850, 0), "it was captured, and nobody knows");
    app.settle_through(MINUTE);
    assert_eq!(app.states(id), (Status::Processed, PaymentStatus::Paid, ProcessingStatus::Processed));
    assert_eq!(app.exchanges(id), ["charge 1 unknown", "charge 2 captured"]);
    let story = ["order.created", "charge.unknown", "payment.unknown", "payment.paid", "order.processed"];
    assert_eq!(app.story(id)[..5], story);
}

#[test]
fn an_unknown_charge_is_voided_when_its_attempts_run_out() {
    let mut app = TestApp::new();
    app.turn(|knobs| knobs.timeout_rate_ppm = 1_000_000);
    let id = app.place(CARD).id;
    let mut attempts = 0;
    while attempts < 8 {
        app.settle_through(SECOND);
        attempts = app.exchanges(id).iter().filter(|exchange| exchange.starts_with("charge")).count();
    }
    assert_eq!(app.states(id).1, PaymentStatus::Unknown);
    app.turn(|knobs| knobs.timeout_rate_ppm = 0);
    app.settle_through(MINUTE);
    let captured = moved(&app, id).0 > 0;
    let expected = if captured { Status::Processed } else { Status::Failed };
    assert_eq!(app.states(id).0, expected, "the void tells whether it was captured");
    assert!(app.exchanges(id).iter().any(|exchange| exchange.starts_with("void")));
}

#[test]
fn a_charge_that_never_happened_is_voided_for_good() {
    let mut app = TestApp::with(AppSettings {
        backoff: engine::retry::Backoff { attempts: 1, ..Default::default() },
        ..AppSettings::default()
    });
    app.turn(|knobs| knobs.timeout_rate_ppm = 1_000_000);
    let ids: Vec<_> = (0..8).map(|_| app.place(CARD).id).collect();
    app.step("payments/apply");
    app.step("payments/effects");
    app.turn(|knobs| knobs.timeout_rate_ppm = 0);
    app.settle_through(MINUTE);
    let outcomes: Vec<_> = ids.iter().map(|id| (app.states(*id).0, moved(&app, *id).0)).collect();
    assert!(outcomes.contains(&(Status::Failed, 0)), "voided before it was captured: {outcomes:?}");
    assert!(outcomes.contains(&(Status::Processed, 2_850)), "captured before it was voided: {outcomes:?}");
    for id in ids.iter().filter(|id| moved(&app, **id).0 == 0) {
        assert_eq!(app.order(*id).reason().unwrap().code, "payment_voided");
        assert!(matches!(app.charge(*id).unwrap().status, provider::Status::Voided));
    }
}

#[test]
fn a_charge_that_only_fails_is_stuck_not_failed_and_can_be_redriven() {
    let mut app = TestApp::new();
    app.turn(|knobs| knobs.failure_rate_ppm = 1_000_000);
    let id = app.place(CARD).id;
    app.settle_through(5 * MINUTE);
    assert_eq!(app.states(id), (Status::Pending, PaymentStatus::Pending, ProcessingStatus::Pending));
    let dead = app.dead_letters();
    let (service, letter) = &dead[0];
    assert_eq!((dead.len(), *service, letter.name.as_str(), letter.attempts), (1, "payments", "charge", 8));
    assert!(matches!(app.fate(id), Fate::Stuck { step: Step::DeadLetter, .. }));
    app.turn(|knobs| knobs.failure_rate_ppm = 0);
    app.settle_through(MINUTE);
    assert_eq!(app.order(id).status(), Status::Pending, "it does not move by itself");
    assert!(app.repair("payments", letter, RepairAct::Redrive));
    app.settle();
    assert_eq!(app.states(id).0, Status::Processed);
    assert!(!app.repair("payments", letter, RepairAct::Redrive), "there is none any more");
}

#[test]
fn a_redriven_charge_that_fails_again_is_dead_again() {
    let mut app = TestApp::new();
    let id = app.place(&paid_with("card-error")).id;
    app.settle_through(5 * MINUTE);
    let (service, letter) = app.dead_letters().remove(0);
    assert!(app.repair(service, &letter, RepairAct::Redrive));
    app.settle_through(5 * MINUTE);
    let (_, again) = app.dead_letters().remove(0);
    assert_eq!((again.replays, again.first_failed_at), (1, letter.first_failed_at));
    assert_eq!(app.order(id).status(), Status::Pending);
    app.expect_dead(1);
}

#[test]
fn a_stuck_order_can_be_cancelled_and_leaves_nothing_dead() {
    let mut app = TestApp::new();
    let id = app.place(&paid_with("card-error")).id;
    app.settle_through(5 * MINUTE);
    assert_eq!(app.dead_letters().len(), 1);
    app.cancel(id);
    app.settle_through(MINUTE);
    assert_eq!(app.states(id), (Status::Cancelled, PaymentStatus::Failed, ProcessingStatus::Pending));
    assert_eq!(moved(&app, id), (0, 0));
}

/// Cancels an order when so many steps have moved since it was placed.
fn cancelled_after(moves: usize, body: &str) -> Option<(TestApp, Uuid)> {
    let mut app = slow_shop();
    let id = app.place(body).id;
    for index in 0..moves {
        app.step_at(index % 4).unwrap();
    }
    match app.try_cancel(id, None) {
        Answer::Done { .. } => {}
        Answer::Refused(Refusal::TooLate(_)) => return None,
        other => panic!("{other:?}"),
    }
    app.settle_through(2 * MINUTE);
    Some((app, id))
}

#[test]
fn an_order_can_be_cancelled_at_every_step() {
    let (mut captured, mut not_captured) = (0, 0);
    for moves in 0..24 {
        let (app, id) = cancelled_after(moves, CARD).expect("the work takes a minute");
        assert_eq!(app.states(id).0, Status::Cancelled, "after {moves} moves");
        match moved(&app, id) {
            (0, 0) => not_captured += 1,
            (taken, back) => {
                assert_eq!((taken, back), (2_850, 2_850), "after {moves} moves");
                assert_eq!(app.states(id), NOTHING_LEFT);
                captured += 1;
            }
        }
    }
    assert!(captured > 0 && not_captured > 0, "{captured} captured and {not_captured} not");
}

#[test]
fn an_order_without_payment_can_be_cancelled_at_every_step() {
    for moves in 0..12 {
        let (app, id) = cancelled_after(moves, PRICED).expect("the work takes a minute");
        assert_eq!(app.states(id), (Status::Cancelled, PaymentStatus::None, ProcessingStatus::Pending));
    }
}

#[test]
fn a_cancelled_order_whose_charge_was_under_way_is_given_back() {
    let mut app = TestApp::new();
    let id = app.place(&paid_with("card-timeout")).id;
    app.settle();
    assert_eq!((app.states(id).1, moved(&app, id)), (PaymentStatus::Unknown, (2_850, 0)));
    app.cancel(id);
    app.settle_through(MINUTE);
    assert_eq!(app.states(id), NOTHING_LEFT);
    assert_eq!(moved(&app, id), (2_850, 2_850));
    assert_eq!(app.exchanges(id), ["charge 1 unknown", "void 1 captured", "refund 1 refunded"]);
}

#[test]
fn an_ended_order_cannot_be_cancelled() {
    let mut app = TestApp::new();
    let id = app.place(PRICED).id;
    app.settle();
    assert!(matches!(app.try_cancel(id, None), Answer::Refused(Refusal::TooLate(Status::Processed))));
    let unknown = app.id();
    assert!(
        matches!(app.try_cancel(unknown, None), Answer::Refused(Refusal::UnknownOrder(id)) if id == unknown)
    );
}

#[test]
fn the_deadline_cancels_what_nobody_paid() {
    let mut app = TestApp::new();
    app.turn(|knobs| knobs.outage = true);
    let id = app.place(CARD).id;
    app.settle_through(29 * MINUTE);
    assert_eq!(app.states(id).0, Status::Pending);
    assert!(matches!(app.fate(id), Fate::Stuck { step: Step::Payment, .. }));
    app.settle_through(2 * MINUTE);
    assert_eq!(app.states(id).0, Status::Cancelled);
    assert_eq!(app.order(id).reason().unwrap().code, "payment_deadline");
    app.turn(|knobs| knobs.outage = false);
    app.settle_through(MINUTE);
    assert_eq!((app.states(id).1, moved(&app, id)), (PaymentStatus::Failed, (0, 0)));
}

#[test]
fn the_deadline_leaves_what_may_have_been_paid() {
    let mut app = TestApp::new();
    let id = app.place(&paid_with("card-timeout")).id;
    app.settle();
    app.turn(|knobs| knobs.outage = true);
    app.settle_through(45 * MINUTE);
    assert_eq!((app.states(id).0, app.states(id).1), (Status::Pending, PaymentStatus::Unknown));
    app.turn(|knobs| knobs.outage = false);
    app.settle_through(MINUTE);
    assert_eq!(app.states(id).0, Status::Processed);
}

#[test]
fn the_clock_never_cancels_what_is_paid() {
    let processing = processing::Settings { delay: 60 * MINUTE, ..Default::default() };
    let mut app = TestApp::with(AppSettings { processing, ..AppSettings::default() });
    let id = app.place(CARD).id;
    app.settle_through(45 * MINUTE);
    assert_eq!(app.states(id).0, Status::Paid);
    assert!(matches!(app.fate(id), Fate::Stuck { step: Step::Processing, .. }));
    app.settle_through(30 * MINUTE);
    assert_eq!(app.states(id).0, Status::Processed);
}

#[test]
fn late_facts_on_an_ended_order_are_recorded_and_nothing_more() {
    let mut app = TestApp::new();
    let id = app.place(PRICED).id;
    app.step("processing/apply");
    app.cancel(id);
    app.settle();
    assert_eq!(app.states(id), (Status::Cancelled, PaymentStatus::None, ProcessingStatus::Processed));
    assert_eq!(app.story(id), ["order.created", "order.cancelled", "order.processed"]);
    assert_eq!(app.verdicts().of("orders", Verdict::NotYet), 0);
}

#[test]
fn a_person_gives_back_a_part_and_then_the_rest() {
    let mut app = TestApp::new();
    let id = app.place(CARD).id;
    app.settle();
    app.refund(id, Some(1));
    app.settle();
    assert_eq!(
        app.states(id),
        (Status::Processed, PaymentStatus::PartiallyRefunded, ProcessingStatus::Processed)
    );
    assert_eq!(moved(&app, id), (2_850, 1));
    assert!(matches!(
        app.try_refund(id, Some(2_850), None),
        Answer::Refused(payments::Refusal::TooMuch { .. })
    ));
    app.refund(id, None);
    app.settle();
    assert_eq!(app.states(id).1, PaymentStatus::Refunded);
    assert_eq!(moved(&app, id), (2_850, 2_850));
    assert!(matches!(app.try_refund(id, None, None), Answer::Refused(payments::Refusal::TooMuch { .. })));
}

#[test]
fn what_was_given_back_before_the_order_fails_is_not_given_back_twice() {
    let mut app = slow_shop();
    let id = app.place(CARD).id;
    app.settle();
    app.refund(id, Some(850));
    app.cancel(id);
    app.settle_through(MINUTE);
    assert_eq!(moved(&app, id), (2_850, 2_850));
    assert_eq!(app.states(id), NOTHING_LEFT);
    let refunds: Vec<_> = app.payment(id).unwrap().refunds.iter().map(|refund| refund.amount).collect();
    assert_eq!(refunds, [850, 2_000]);
}

#[test]
fn nothing_can_be_given_back_that_was_not_taken() {
    let mut app = TestApp::new();
    let (unpaid, declined) = (app.place(PRICED).id, app.place(&paid_with("card-declined")).id);
    app.settle();
    assert!(matches!(app.try_refund(unpaid, None, None), Answer::Refused(payments::Refusal::NoPayment)));
    assert!(matches!(app.try_refund(declined, None, None), Answer::Refused(payments::Refusal::NotCaptured)));
}

#[test]
fn amounts_are_exact_in_every_currency() {
    let mut app = TestApp::new();
    let amounts = [
        ("USD", "0.01", 1),
        ("USD", "0.29", 29),
        ("JPY", "140", 140),
        ("KWD", "1.005", 1_005),
        ("USD", "90071992547409.91", 9_007_199_254_740_991),
    ];
    for (currency, amount, minor) in amounts {
        let body = format!(
            r#"{{"customer_name": "n", "total_amount": {amount}, "currency": "{currency}", "payment_method": "card"}}"#
        );
        let id = app.place(&body).id;
        app.settle();
        assert_eq!(moved(&app, id), (minor, 0), "{amount} {currency}");
        assert_eq!(app.states(id).0, Status::Processed);
    }
}

#[test]
fn a_repeated_request_gets_the_same_answer_and_another_body_a_conflict() {
    let mut app = TestApp::new();
    let Answer::Done { reply: first, replayed: None } = app.try_place(CARD, Some("key-1")) else {
        panic!("refused")
    };
    app.settle();
    let Answer::Done { reply, replayed } = app.try_place(CARD, Some("key-1")) else { panic!("refused") };
    assert_eq!((reply.id, reply.version, replayed), (first.id, first.version, Some(ClaimKind::Request)));
    assert!(matches!(app.try_place(PRICED, Some("key-1")), Answer::Conflict(ClaimKind::Request)));
    app.restart();
    let Answer::Done { reply, .. } = app.try_place(CARD, Some("key-1")) else { panic!("refused") };
    assert_eq!(reply.id, first.id);
    assert_eq!(app.orders().len(), 1);
    app.settle();
}

#[test]
fn two_requests_with_one_key_in_one_batch_are_one_order() {
    let mut app = TestApp::new();
    let mut first = app.ask_place(CARD, Some("key-1"));
    let mut second = app.ask_place(CARD, Some("key-1"));
    app.settle();
    let (Ok(Answer::Done { reply: first, .. }), Ok(Answer::Done { reply: second, replayed })) =
        (first.try_recv(), second.try_recv())
    else {
        panic!("refused");
    };
    assert_eq!((first.id, replayed), (second.id, Some(ClaimKind::Request)));
    assert_eq!(app.orders().len(), 1);
}

#[test]
fn an_external_id_makes_one_order() {
    let mut app = TestApp::new();
    let first = app.place(DOCUMENT).id;
    let Answer::Done { reply, replayed } = app.try_place(DOCUMENT, None) else { panic!("refused") };
    assert_eq!((reply.id, replayed), (first, Some(ClaimKind::External)));
    let other = DOCUMENT.replace("ZKZ", "WBIL");
    assert!(matches!(app.try_place(&other, None), Answer::Conflict(ClaimKind::External)));
    app.settle();
    assert_eq!(app.orders().len(), 1);
}

#[test]
fn a_refund_under_one_key_is_one_refund() {
    let mut app = TestApp::new();
    let id = app.place(CARD).id;
    app.settle();
    for _ in 0..3 {
        assert!(matches!(app.try_refund(id, Some(100), Some("refund-1")), Answer::Done { .. }));
        app.settle();
    }
    assert_eq!(moved(&app, id), (2_850, 100));
}

#[test]
fn a_refused_order_claims_nothing() {
    let mut app = TestApp::new();
    let sold_out = CARD.replace("lemonade", "tartufo");
    for _ in 0..2 {
        assert!(matches!(
            app.try_place(&sold_out, Some("key-1")),
            Answer::Refused(Refusal::SoldOut { line: 1, .. })
        ));
    }
    assert!(matches!(app.try_place(CARD, Some("key-1")), Answer::Done { replayed: None, .. }));
    app.settle();
}

#[test]
fn an_outage_opens_the_breaker_fails_nothing_and_costs_no_attempt() {
    let mut app = TestApp::new();
    app.turn(|knobs| knobs.outage = true);
    let ids: Vec<_> = (0..40).map(|_| app.place(CARD).id).collect();
    app.settle_through(MINUTE);
    assert!(matches!(
        app.shop().desk.breaker.state(app.now()),
        BreakerState::Open(_) | BreakerState::HalfOpen
    ));
    assert!(app.shop().desk.breaker.counts().2 > 1, "it has tried in between");
    for id in &ids {
        assert_eq!(app.payment(*id).unwrap().state, PaymentState::Pending);
        assert_eq!(app.exchanges(*id), [""; 0]);
    }
    let late = app.place(CARD).id;
    app.turn(|knobs| knobs.outage = false);
    app.settle_through(MINUTE);
    assert_eq!(app.shop().desk.breaker.state(app.now()), BreakerState::Closed);
    for id in ids.iter().chain([&late]) {
        assert_eq!(app.states(*id).0, Status::Processed);
        assert_eq!(app.exchanges(*id), ["charge 1 captured"]);
    }
}

#[test]
fn failures_and_time_outs_settle_to_the_cent() {
    let mut app = TestApp::new();
    app.turn(|knobs| {
        knobs.failure_rate_ppm = 300_000;
        knobs.timeout_rate_ppm = 100_000;
    });
    let ids: Vec<_> = (0..100).map(|_| app.place(CARD).id).collect();
    app.settle_through(20 * MINUTE);
    let dead = app.dead_letters();
    for (service, letter) in &dead {
        assert!(app.repair(service, letter, RepairAct::Redrive));
    }
    app.settle_through(10 * MINUTE);
    assert!(ids.iter().all(|id| app.states(*id).0 == Status::Processed));
}

#[test]
fn a_restart_at_any_moment_loses_nothing() {
    for moves in 0..24 {
        let mut app = TestApp::new();
        let id = app.place(CARD).id;
        for index in 0..moves {
            app.step_at(index % 4).unwrap();
        }
        app.restart();
        app.settle();
        assert_eq!(app.states(id).0, Status::Processed, "after {moves} moves");
        assert_eq!(moved(&app, id), (2_850, 0));
    }
}

#[test]
fn the_logs_are_trimmed_behind_their_readers() {
    let mut app = TestApp::new();
    let id = app.place(CARD).id;
    app.settle();
    assert!(!app.log(&*app.shop().orders.store).is_empty());
    app.settle_through(61 * MINUTE);
    assert!(app.log(&*app.shop().orders.store).is_empty());
    app.refund(id, None);
    app.restart();
    app.settle();
    assert_eq!(app.states(id).1, PaymentStatus::Refunded);
}

#[test]
fn a_resolved_dead_letter_says_so() {
    let mut app = TestApp::new();
    app.turn(|knobs| knobs.failure_rate_ppm = 1_000_000);
    let id = app.place(CARD).id;
    app.settle_through(5 * MINUTE);
    app.turn(|knobs| knobs.failure_rate_ppm = 0);
    let (service, letter) = app.dead_letters().remove(0);
    assert!(app.repair(service, &letter, RepairAct::Redrive));
    app.settle();
    let resolved = app.ask(app.shop().payments.shelf.letters(DeadLetterState::Resolved));
    assert_eq!((resolved.len(), resolved[0].key.id(), resolved[0].replays), (1, Some(id), 1));
}

const SWEET: &str = r#"{"items": [{"pizzaId": "tiramisu", "quantity": 20}, {"pizzaId": "margherita", "quantity": 1}],
    "paymentMethod": "card"}"#;

/// Free and kept pieces of a product.
fn pieces(app: &TestApp, id: &str) -> (Option<u32>, u64) {
    let item = app.item(id);
    (item.product.stock, item.reserved)
}

/// What orders believes to be free of a product.
fn believed(app: &TestApp, id: &str) -> Option<u32> {
    let menu = app.ask(app.shop().orders.queries.menu());
    menu.into_iter().find(|product| product.id == id).and_then(|product| product.stock)
}

#[test]
fn an_order_reserves_its_pieces_pays_and_consumes_them() {
    let mut app = TestApp::new();
    let id = app.place(SWEET).id;
    app.step("orders/apply");
    app.step("catalog/apply");
    assert_eq!(pieces(&app, "tiramisu"), (Some(4), 20));
    assert_eq!(app.payment(id), None, "it is to be paid when its pieces are reserved");
    app.settle();
    assert_eq!(app.states(id), (Status::Processed, PaymentStatus::Paid, ProcessingStatus::Processed));
    assert_eq!(
        app.story(id),
        ["order.created", "stock.reserved", "payment.paid", "order.processed", "order.completed"]
    );
    assert_eq!(pieces(&app, "tiramisu"), (Some(4), 0));
    assert_eq!(app.reservation(id).unwrap().items.len(), 1, "nobody counts margheritas");
    app.settle_through(SECOND);
    assert_eq!(believed(&app, "tiramisu"), Some(4));
}

#[test]
fn an_order_that_nobody_pays_for_is_processed_when_its_pieces_are_reserved() {
    let mut app = TestApp::new();
    let id = app.place(&SWEET.replace(",\n    \"paymentMethod\": \"card\"", "")).id;
    app.settle();
    assert_eq!(app.states(id), (Status::Processed, PaymentStatus::None, ProcessingStatus::Processed));
    assert_eq!(app.story(id), ["order.created", "stock.reserved", "order.processed", "order.completed"]);
    assert_eq!(pieces(&app, "tiramisu"), (Some(4), 0));
}

#[test]
fn of_two_orders_for_the_same_pieces_one_fails_and_is_never_charged() {
    let mut app = TestApp::new();
    let ids = [app.place(SWEET).id, app.place(SWEET).id];
    app.settle();
    let mut ended = ids.map(|id| (app.states(id).0, app.states(id).1, moved(&app, id)));
    ended.sort_by_key(|(status, ..)| status.as_str());
    let failed = (Status::Failed, PaymentStatus::Failed, (0, 0));
    assert_eq!(ended, [failed, (Status::Processed, PaymentStatus::Paid, (14_200, 0))]);
    let lost = ids.into_iter().find(|id| app.states(*id).0 == Status::Failed).unwrap();
    let order = app.order(lost);
    let reason = order.reason().unwrap();
    assert_eq!(
        (&*reason.code, &*reason.message),
        ("out_of_stock", "Of 'tiramisu' 20 are wanted and 4 are left.")
    );
    assert_eq!(app.story(lost), ["order.created", "stock.rejected", "order.failed", "payment.failed"]);
    assert_eq!(app.fate(lost), Fate::Ended);
    assert_eq!(pieces(&app, "tiramisu"), (Some(4), 0));
}

#[test]
fn what_is_sold_out_is_refused_at_the_door() {
    let mut app = TestApp::new();
    app.place(SWEET);
    app.settle_through(SECOND);
    let refused = |answer| {
        matches!(answer, Answer::Refused(Refusal::OutOfStock { line: 0, wanted: 20, available: 4, .. }))
    };
    assert!(refused(app.try_place(SWEET, None)));
    let twice =
        r#"{"items": [{"pizzaId": "tiramisu", "quantity": 3}, {"pizzaId": "tiramisu", "quantity": 3}]}"#;
    assert!(matches!(
        app.try_place(twice, None),
        Answer::Refused(Refusal::OutOfStock { line: 1, wanted: 6, available: 4, .. })
    ));
    let last = SWEET.replace("20", "4");
    app.place(&last);
    app.settle();
    assert_eq!(believed(&app, "tiramisu"), Some(0), "that the last one is gone is told at once");
}

#[test]
fn what_was_reserved_is_free_again_when_the_order_fails() {
    let declined = SWEET.replace("\"card\"", "\"card-declined\"");
    for (mut app, body) in [(failing_shop(), SWEET), (TestApp::new(), declined.as_str())] {
        let id = app.place(body).id;
        app.settle();
        assert_eq!(app.states(id).0, Status::Failed);
        assert_eq!(pieces(&app, "tiramisu"), (Some(24), 0));
        assert_eq!(moved(&app, id).0, moved(&app, id).1);
        app.settle_through(SECOND);
        assert_eq!(believed(&app, "tiramisu"), Some(24));
    }
}

#[test]
fn an_order_that_is_cancelled_before_its_pieces_are_reserved_is_never_charged() {
    let mut app = TestApp::new();
    let id = app.place(SWEET).id;
    app.cancel(id);
    app.step("orders/apply");
    app.step("payments/apply");
    app.settle();
    assert_eq!(app.states(id).0, Status::Cancelled);
    assert_eq!((moved(&app, id), app.exchanges(id).len()), ((0, 0), 0));
    assert_eq!(pieces(&app, "tiramisu"), (Some(24), 0));
    assert_eq!(app.fate(id), Fate::Ended);
}

#[test]
fn a_product_that_leaves_the_menu_takes_nothing_from_the_orders_under_way() {
    let mut app = TestApp::with(AppSettings {
        processing: processing::Settings { delay: MINUTE, ..Default::default() },
        ..AppSettings::default()
    });
    let id = app.place(SWEET).id;
    app.settle();
    assert!(matches!(app.delete_product("tiramisu"), Answer::Done { .. }));
    app.settle();
    assert!(matches!(app.try_place(SWEET, None), Answer::Refused(Refusal::UnknownProduct { line: 0, .. })));
    assert_eq!(pieces(&app, "tiramisu").1, 20);
    app.settle_through(MINUTE);
    assert_eq!(app.states(id).0, Status::Processed);
    assert_eq!(pieces(&app, "tiramisu"), (Some(4), 0));
    app.seed();
    app.settle();
    assert_eq!(believed(&app, "tiramisu"), None, "the seed does not bring back what was taken off");
}

#[test]
fn services_that_have_no_part_in_an_order_keep_nothing_of_it() {
    let mut app = TestApp::new();
    let (plain, paid) = (app.place(PRICED).id, app.place(CARD).id);
    app.settle();
    let marks = |store: &dyn engine::Cursors, id: Uuid| app.ask(store.streams(&[id.into()])).len();
    let shop = app.shop();
    assert_eq!((marks(&*shop.payments.store, plain), marks(&*shop.payments.store, paid)), (0, 1));
    assert_eq!((marks(&*shop.catalog.store, plain), marks(&*shop.catalog.store, paid)), (0, 0));
    assert_eq!((marks(&*shop.processing.store, plain), marks(&*shop.processing.store, paid)), (1, 1));
}
