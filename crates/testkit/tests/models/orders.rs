//! Orders under any news.

use std::time::Duration;

use contract::events::{OrderProcessed, PaymentChanged};
use contract::{Amount, Money, Reason, Status};
use invariants::{Sequences, status_is_the_function_of_the_facts};
use orders::forms::FormSettings;
use orders::input::Cancel;
use orders::place::Pricing;
use orders::{Input, Order, Orders, PlaceOrder, Settings, State};
use proptest::prelude::*;

use crate::bench::{Bench, ID, NoWorld};

const DEADLINE: Duration = Duration::from_secs(1_800);

#[derive(Clone, Debug, Copy)]
enum News {
    Payment(&'static str),
    Refunded(i64),
    Processed(&'static str),
    Cancel,
    Pass(u64),
}

fn news() -> impl Strategy<Value = News> {
    prop_oneof![
        4 => prop::sample::select(vec!["payment.paid", "payment.failed", "payment.unknown"]).prop_map(News::Payment),
        2 => (1_i64..1_000).prop_map(News::Refunded),
        3 => prop::sample::select(vec!["completed", "failed", "SUCCESS"]).prop_map(News::Processed),
        1 => Just(News::Cancel),
        1 => prop::sample::select(vec![60, 1_900]).prop_map(News::Pass),
    ]
}

fn place(method: Option<&str>) -> PlaceOrder {
    PlaceOrder {
        customer_id: None,
        customer_name: Some("n".to_owned()),
        pricing: Pricing::Declared { total: 1_000 },
        lines: vec![],
        currency: Some("USD".parse().unwrap()),
        expected_total: None,
        delivery: None,
        payment_method: method.map(str::to_owned),
        external_id: None,
        metadata: serde_json::Map::new(),
        language: None,
        document: None,
        fingerprint: String::new(),
    }
}

fn payment(kind: &str, paid: i64, refunded: i64) -> String {
    let currency = "USD".parse().unwrap();
    let amount = |minor| Amount::from(Money { minor, currency });
    let event = PaymentChanged {
        event_type: kind.to_owned(),
        order_id: ID,
        payment_id: ID,
        amount: amount(1_000),
        paid_amount: amount(paid),
        refunded_amount: amount(refunded),
        currency,
        reason: None,
        actor: None,
        attempts: vec![],
    };
    serde_json::to_string(&event).unwrap()
}

fn processed(status: &str) -> String {
    let event = OrderProcessed {
        event_type: "order.processed".to_owned(),
        order_id: ID,
        status: status.to_owned(),
        error_message: None,
    };
    serde_json::to_string(&event).unwrap()
}

fn order(bench: &Bench<Orders>) -> Order {
    bench.state().as_deref().and_then(State::order).cloned().expect("an order")
}

fn bench(method: Option<&str>) -> Bench<Orders> {
    let forms = FormSettings { default_currency: "USD".parse().unwrap(), check_document_sums: false };
    let settings = Settings { forms, payment_deadline: DEADLINE, message_bytes: 1024 };
    let mut bench = Bench::new(Orders { settings }, NoWorld);
    bench.command(Input::Place(Box::new(place(method))));
    bench
}

/// What payments says is never at odds with what it said before.
fn tell(bench: &mut Bench<Orders>, news: News, (paid, refunded): &mut (i64, i64)) {
    match news {
        News::Payment(kind) => {
            *paid = if kind == "payment.paid" { 1_000 } else { *paid };
            bench.say("payments", kind, payment(kind, *paid, *refunded));
        }
        News::Refunded(amount) if *refunded + amount <= *paid => {
            *refunded += amount;
            bench.say("payments", "payment.refunded", payment("payment.refunded", *paid, *refunded));
        }
        News::Refunded(_) => {}
        News::Processed(status) => bench.say("processing", "order.processed", processed(status)),
        News::Cancel => {
            let reason = Reason::new("customer", "I changed my mind.");
            bench.command(Input::Cancel(Cancel { reason, actor: "c".to_owned(), expected_version: None }));
        }
        News::Pass(seconds) => bench.pass(Duration::from_secs(seconds)),
    }
}

proptest! {
    #[test]
    fn any_news_lead_through_legal_states_to_one_end(payable: bool, news in prop::collection::vec(news(), 0..16)) {
        let mut bench = bench(payable.then_some("card"));
        let (mut moved, mut ended) = ((0, 0), None);
        for news in news {
            if !payable && matches!(news, News::Payment(_) | News::Refunded(_)) {
                continue;
            }
            tell(&mut bench, news, &mut moved);
            let order = order(&bench);
            prop_assert_eq!(status_is_the_function_of_the_facts(&order), []);
            if let Some(ended) = ended {
                prop_assert_eq!(order.status(), ended, "terminal is terminal");
            }
            ended = Some(order.status()).filter(|status| status.is_terminal());
        }
        let published = bench.published();
        let count = |kind: &str| published.iter().filter(|published| *published == kind).count();
        let ends = ["order.completed", "order.failed", "order.cancelled"].map(count);
        let expected = match ended {
            Some(Status::Processed) => [1, 0, 0],
            Some(Status::Failed) => [0, 1, 0],
            Some(Status::Cancelled) => [0, 0, 1],
            _ => [0, 0, 0],
        };
        prop_assert_eq!(ends, expected, "each end is told once: {:?}", published);
        prop_assert!(count("order.paid") <= 1 && count("order.created") == 1);
        prop_assert_eq!(bench.store.dead(), []);
        let mut sequences = Sequences::new();
        let records = bench.store.records();
        prop_assert_eq!(records.iter().filter_map(|record| sequences.see(record)).collect::<Vec<_>>(), []);
    }

    #[test]
    fn no_timer_outlives_the_wait_for_the_payment(news in prop::collection::vec(news(), 0..16)) {
        let mut bench = bench(Some("card"));
        let (mut moved, mut passed) = ((0, 0), 0);
        for news in news {
            passed += if let News::Pass(seconds) = news { seconds } else { 0 };
            tell(&mut bench, news, &mut moved);
        }
        let order = order(&bench);
        let waits = order.status() == Status::Pending
            && matches!(order.facts.payment, orders::PaymentFact::Pending | orders::PaymentFact::Unknown);
        let timers = bench.store.rows(&engine::Key::Id(ID)).len();
        let expected = usize::from(waits && passed < DEADLINE.as_secs());
        prop_assert_eq!(timers, expected, "{:?}", order.facts);
    }
}
