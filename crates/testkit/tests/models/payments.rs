//! Payments under any messages, with a provider that does what it likes with answers and never with money.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use contract::events::{Awaits, Item, OrderChanged, OrderCreated, StockReserved};
use contract::{Amount, Money, Reason, Status};
use engine::{Job, Performed, Performer};
use payments::input::RefundCommand;
use payments::jobs::{self, ChargeAnswer, ChargeJob, RefundAnswer, RefundJob, VoidAnswer, VoidJob};
use payments::{Input, Payment, PaymentState, Payments, RefundState};
use proptest::prelude::*;
use serde::Serialize;

use crate::bench::{Bench, ID};

/// What the provider does with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answering {
    Given,
    Declined,
    /// It is done, and nobody hears of it.
    Lost,
    /// It is not done, and nobody knows.
    Unheard,
    Failed,
    Away,
}

/// The provider's books.
#[derive(Debug, Default)]
struct Books {
    /// By charge key: what was captured. None: voided or declined.
    charges: BTreeMap<String, Option<i64>>,
    refunds: BTreeMap<String, i64>,
    moods: Vec<Answering>,
}

#[derive(Clone, Default)]
struct Provider(Arc<Mutex<Books>>);

impl Provider {
    fn captured(&self) -> i64 {
        self.0.lock().unwrap().charges.values().flatten().sum()
    }

    fn refunded(&self) -> i64 {
        self.0.lock().unwrap().refunds.values().sum()
    }
}

fn answer(kind: &'static str, answer: &impl Serialize) -> Performed {
    Performed::Answered { kind, data: serde_json::to_string(answer).unwrap() }
}

impl Books {
    fn serve(&mut self, job: &Job, declines: bool) -> Performed {
        let reference = "ref".to_owned();
        match job.kind.as_str() {
            jobs::CHARGE => {
                let job: ChargeJob = serde_json::from_str(&job.data).unwrap();
                let taken = if declines { None } else { Some(job.amount) };
                let (code, message) = ("declined".to_owned(), "no".to_owned());
                answer(
                    jobs::CHARGE_ANSWERED,
                    &match self.charges.entry(job.key).or_insert(taken) {
                        Some(_) => ChargeAnswer::Captured { reference },
                        None => ChargeAnswer::Declined { code, message },
                    },
                )
            }
            jobs::VOID => {
                let job: VoidJob = serde_json::from_str(&job.data).unwrap();
                answer(
                    jobs::VOID_ANSWERED,
                    &match self.charges.entry(job.charge_key).or_insert(None) {
                        Some(_) => VoidAnswer::Captured { reference },
                        None => VoidAnswer::Voided,
                    },
                )
            }
            _ => {
                let job: RefundJob = serde_json::from_str(&job.data).unwrap();
                let captured = self.charges.get(&job.charge_key).copied().flatten().unwrap_or(0);
                let others: i64 =
                    self.refunds.iter().filter(|(key, _)| **key != job.key).map(|(_, amount)| amount).sum();
                assert!(others + job.amount <= captured, "more is asked back than was captured");
                self.refunds.insert(job.key, job.amount);
                answer(jobs::REFUND_ANSWERED, &RefundAnswer::Refunded { reference })
            }
        }
    }
}

#[async_trait]
impl Performer for Provider {
    async fn perform(&self, job: &Job) -> Performed {
        let mut books = self.0.lock().unwrap();
        let mood = books.moods.pop().unwrap_or(Answering::Given);
        match mood {
            Answering::Given | Answering::Declined => books.serve(job, mood == Answering::Declined),
            Answering::Lost => {
                books.serve(job, false);
                Performed::Unknown("no answer".to_owned())
            }
            Answering::Unheard => Performed::Unknown("no answer".to_owned()),
            Answering::Failed => Performed::Failed("500".to_owned()),
            Answering::Away => Performed::Unavailable("503".to_owned()),
        }
    }
}

#[derive(Clone, Debug)]
enum Act {
    Close(&'static str),
    Refund(Option<i64>),
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => prop::sample::select(vec!["order.cancelled", "order.failed"]).prop_map(Act::Close),
        3 => prop::option::of(-5_i64..1_200).prop_map(Act::Refund),
        4 => prop::sample::select(vec![1, 500, 5_000, 40_000]).prop_map(Act::Pass),
    ]
}

fn moods() -> impl Strategy<Value = Vec<Answering>> {
    use Answering::{Away, Declined, Failed, Given, Lost, Unheard};
    prop::collection::vec(
        prop::sample::select(vec![Given, Given, Declined, Lost, Unheard, Failed, Away]),
        0..20,
    )
}

fn created(awaits: &[Awaits]) -> String {
    let currency = "USD".parse().unwrap();
    let event = OrderCreated {
        event_type: "order.created".to_owned(),
        order_id: ID,
        customer_id: None,
        customer_name: None,
        items: vec![],
        total_amount: Amount::from(Money { minor: 1_000, currency }),
        currency,
        payment_method: Some("card".to_owned()),
        awaits: awaits.to_vec(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
    };
    serde_json::to_string(&event).unwrap()
}

fn closed(kind: &str) -> String {
    let currency = "USD".parse().unwrap();
    let event = OrderChanged {
        event_type: kind.to_owned(),
        order_id: ID,
        status: Status::Cancelled,
        customer_id: None,
        total_amount: Amount::from(Money { minor: 1_000, currency }),
        currency,
        reason: None,
        items: vec![],
        payment_method: None,
    };
    serde_json::to_string(&event).unwrap()
}

/// What ended badly, and needed pieces.
fn closed_tracked() -> String {
    let event = serde_json::from_str::<OrderChanged>(&closed("order.failed")).unwrap();
    let items = vec![Item { product_id: "p".to_owned(), quantity: 1, price: None }];
    serde_json::to_string(&OrderChanged { items, payment_method: Some("card".to_owned()), ..event }).unwrap()
}

/// The pieces are reserved, and this waits only for its payment.
fn reserved() -> String {
    let currency = "USD".parse().unwrap();
    let event = StockReserved {
        event_type: "stock.reserved".to_owned(),
        order_id: ID,
        items: vec![],
        awaits: vec![Awaits::Payment],
        total_amount: Amount::from(Money { minor: 1_000, currency }),
        currency,
        payment_method: Some("card".to_owned()),
    };
    serde_json::to_string(&event).unwrap()
}

#[test]
fn an_order_is_charged_when_its_pieces_are_reserved_whatever_comes_first() {
    for place in 0..=2 {
        let provider = Provider::default();
        let mut bench = Bench::new(Payments, provider.clone());
        let mut said = vec![
            ("order.created", created(&[Awaits::Stock, Awaits::Payment])),
            ("order.failed", closed_tracked()),
        ];
        said.insert(place, ("stock.reserved", reserved()));
        for (kind, data) in said {
            let source = if kind == "stock.reserved" { "catalog" } else { "orders" };
            bench.say(source, kind, data);
        }
        let taken = if place < 2 { 1_000 } else { 0 };
        assert_eq!((provider.captured(), provider.refunded()), (taken, taken));
        let told = if place < 2 { vec!["payment.paid", "payment.refunded"] } else { vec!["payment.failed"] };
        assert_eq!(bench.published(), told);
        assert!(bench.state().unwrap().is_settled());
    }
}

/// What holds whenever one looks.
fn assert_sound(payment: &Payment, provider: &Provider) -> Result<(), TestCaseError> {
    prop_assert!(payment.captured == 0 || payment.captured == payment.amount);
    let captured = matches!(payment.state, PaymentState::Captured { .. });
    prop_assert_eq!(captured, payment.captured > 0);
    prop_assert!(payment.refundable() >= 0, "{payment:?}");
    prop_assert!(payment.refunded() <= provider.refunded(), "what is said to be back is back");
    prop_assert!(payment.captured <= provider.captured(), "what is said to be captured is captured");
    prop_assert!(provider.refunded() <= provider.captured());
    let charges: Vec<_> = provider.0.lock().unwrap().charges.keys().cloned().collect();
    prop_assert!(charges.iter().all(|key| *key == payment.charge_key), "one charge key: {charges:?}");
    Ok(())
}

proptest! {
    #[test]
    fn money_is_conserved_whatever_happens(acts in prop::collection::vec(act(), 0..12), moods in moods()) {
        let provider = Provider::default();
        provider.0.lock().unwrap().moods = moods;
        let mut bench = Bench::new(Payments, provider.clone());
        bench.say("orders", "order.created", created(&[Awaits::Payment]));
        let payment = |bench: &Bench<Payments>| (*bench.state().expect("a payment")).clone();
        let mut closed_by = None;
        for act in acts {
            match act {
                Act::Close(kind) if closed_by.is_none() => {
                    closed_by = Some(kind);
                    bench.say("orders", kind, closed(kind));
                }
                Act::Close(_) => {}
                Act::Refund(amount) => {
                    let reason = Reason::new("goodwill", "It was cold.");
                    bench.command(Input::Refund(RefundCommand { amount, reason, actor: "operator".to_owned(), order_changed: None }));
                }
                Act::Pass(millis) => bench.pass(Duration::from_millis(millis)),
            }
            assert_sound(&payment(&bench), &provider)?;
        }
        provider.0.lock().unwrap().moods.clear();
        for _ in 0..40 {
            bench.pass(Duration::from_secs(31));
        }
        let settled = payment(&bench);
        assert_sound(&settled, &provider)?;
        if !bench.store.dead().is_empty() {
            return Ok(());
        }
        prop_assert!(settled.is_settled(), "{settled:?}");
        prop_assert_eq!((settled.captured, settled.refunded()), (provider.captured(), provider.refunded()));
        let kept = settled.captured - settled.refunded();
        let due = if settled.closing { 0 } else { settled.captured - settled.refunded_by_operator() };
        prop_assert_eq!(kept, due);
        prop_assert!(settled.refunds.iter().all(|refund| refund.state == RefundState::Done));
        let ends = bench.published().iter().filter(|kind| *kind == "payment.paid" || *kind == "payment.failed").count();
        prop_assert_eq!(ends, 1, "each end is told once: {:?}", bench.published());
    }
}
