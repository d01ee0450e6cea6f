//! Commands, as the HTTP layer gives them: with claims, and an id of their own.

use std::time::Duration;

use catalog::input::Replacement;
use catalog::{Catalog, Item};
use contract::{Product, Reason};
use engine::claim::ClaimKind;
use engine::intake::{Repair, RepairAct};
use engine::retry::later;
use engine::{Answer, Claim, Command, DeadLetter, Key, Message, Origin, Record, Service};
use orders::forms::parse;
use orders::input::Cancel;
use orders::service::{INGRESS, ORDER_PLACE};
use orders::{Order, Orders};
use payments::input::RefundCommand;
use payments::{Payment, Payments};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot::Receiver;
use uuid::Uuid;

use super::{TestApp, forms};

/// How long an Idempotency-Key is kept.
const KEY_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

impl TestApp {
    /// Places an order. It has to be accepted.
    pub fn place(&mut self, body: &str) -> Order {
        done(self.try_place(body, None))
    }

    /// Places an order, perhaps under an Idempotency-Key.
    pub fn try_place(&mut self, body: &str, key: Option<&str>) -> Answer<Orders> {
        let receiver = self.ask_place(body, key);
        self.answered("orders/apply", receiver)
    }

    /// Hands in an order, and does nothing yet.
    pub fn ask_place(&mut self, body: &str, key: Option<&str>) -> Receiver<Answer<Orders>> {
        let place = parse(body.as_bytes(), &forms()).expect("a valid order");
        let mut claims = self.claims("place", key, body);
        claims.extend(place.claim());
        let id = self.id();
        let message = command(id, id, orders::Input::Place(Box::new(place)));
        self.shop().orders.intake.submit(Command { message, claims }).expect("there is room")
    }

    /// Puts an order where a broker delivers it from, under a message id, and does nothing yet. Answers the id that the order
    /// will have, if it is one.
    pub fn deliver(&mut self, body: &str, message_id: &str) -> Uuid {
        let id = self.id();
        self.world.ingress.put([Record {
            source: INGRESS.to_owned(),
            key: Key::Id(id),
            sequence: None,
            foreign_id: Some(message_id.to_owned()),
            steps: None,
            kind: ORDER_PLACE.to_owned(),
            time: self.now(),
            data: body.to_owned(),
        }]);
        id
    }

    /// Cancels an order. It has to be possible.
    pub fn cancel(&mut self, id: Uuid) -> Order {
        done(self.try_cancel(id, None))
    }

    /// Cancels an order, perhaps under an Idempotency-Key.
    pub fn try_cancel(&mut self, id: Uuid, key: Option<&str>) -> Answer<Orders> {
        let receiver = self.ask_cancel(id, key);
        self.answered("orders/apply", receiver)
    }

    /// Hands in a cancellation, and does nothing yet.
    pub fn ask_cancel(&mut self, id: Uuid, key: Option<&str>) -> Receiver<Answer<Orders>> {
        let claims = self.claims("cancel", key, &id.to_string());
        let reason = Reason::new("customer", "I changed my mind.");
        let cancel = Cancel { reason, actor: "customer".to_owned(), expected_version: None };
        let message = command(id, self.id(), orders::Input::Cancel(cancel));
        self.shop().orders.intake.submit(Command { message, claims }).expect("there is room")
    }

    /// Gives back so many minor units, or all that is left. It has to be possible.
    pub fn refund(&mut self, id: Uuid, amount: Option<i64>) -> Payment {
        done(self.try_refund(id, amount, None))
    }

    /// Gives back so many minor units, or all that is left, perhaps under an Idempotency-Key.
    pub fn try_refund(&mut self, id: Uuid, amount: Option<i64>, key: Option<&str>) -> Answer<Payments> {
        let receiver = self.ask_refund(id, amount, key);
        self.answered("payments/apply", receiver)
    }

    /// Hands in a refund, and does nothing yet.
    pub fn ask_refund(
        &mut self,
        id: Uuid,
        amount: Option<i64>,
        key: Option<&str>,
    ) -> Receiver<Answer<Payments>> {
        let claims = self.claims("refund", key, &format!("{id} {amount:?}"));
        let reason = Reason::new("goodwill", "It was cold.");
        let refund = RefundCommand { amount, reason, actor: "operator".to_owned(), order_changed: None };
        let message = command(id, self.id(), payments::Input::Refund(refund));
        self.shop().payments.intake.submit(Command { message, claims }).expect("there is room")
    }

    /// Hands in the shipped menu.
    pub fn seed(&mut self) {
        for product in catalog::seed::parse(catalog::seed::SEED).expect("the shipped menu") {
            let message = command(Key::name(&product.id), self.id(), catalog::Input::Seed(Box::new(product)));
            let command = Command { message, claims: Vec::new() };
            drop(self.shop().catalog.intake.submit(command).expect("there is room"));
        }
    }

    /// Puts a product on the menu, or in place of the one with its id.
    pub fn put_product(&mut self, product: Product) -> Item {
        let receiver = self.ask_put(product);
        done(self.answered("catalog/apply", receiver))
    }

    /// Hands in a product, and does nothing yet.
    pub fn ask_put(&mut self, product: Product) -> Receiver<Answer<Catalog>> {
        let key = Key::name(&product.id);
        let replacement = Replacement { product, keeps_stock: false, expected_version: None };
        let message = command(key, self.id(), catalog::Input::Put(Box::new(replacement)));
        self.shop().catalog.intake.submit(Command { message, claims: Vec::new() }).expect("there is room")
    }

    /// Takes a product off the menu.
    pub fn delete_product(&mut self, id: &str) -> Answer<Catalog> {
        let input = catalog::Input::Delete { expected_version: None };
        let command = Command { message: command(Key::name(id), self.id(), input), claims: Vec::new() };
        let receiver = self.shop().catalog.intake.submit(command).expect("there is room");
        self.answered("catalog/apply", receiver)
    }

    /// An operator's act on a dead letter of the service. Answers whether there was one.
    pub fn repair(&mut self, service: &str, letter: &DeadLetter, act: RepairAct) -> bool {
        let repair = Repair { key: letter.key.clone(), name: letter.name.clone(), act };
        let shop = self.shop();
        let receiver = match service {
            "orders" => shop.orders.intake.repair(repair),
            "payments" => shop.payments.intake.repair(repair),
            "processing" => shop.processing.intake.repair(repair),
            "catalog" => shop.catalog.intake.repair(repair),
            other => panic!("{other} has no dead letters"),
        };
        self.answered(&format!("{service}/apply"), receiver.expect("there is room"))
    }

    fn claims(&self, scope: &str, key: Option<&str>, content: &str) -> Vec<Claim> {
        let claim = |key| Claim {
            id: format!("{scope}/test/{key}"),
            fingerprint: format!("{:x?}", Sha256::digest(content)),
            kind: ClaimKind::Request,
            expires: Some(later(self.now(), KEY_LIFE)),
        };
        key.map(claim).into_iter().collect()
    }

    /// Moves the step until it has answered.
    fn answered<T>(&mut self, step: &str, mut receiver: Receiver<T>) -> T {
        self.step(step);
        receiver.try_recv().expect("it has answered")
    }
}

fn command<I>(key: impl Into<Key>, id: Uuid, input: I) -> Message<I> {
    Message { key: key.into(), origin: Origin::Command { id }, input }
}

/// The reply of a command that was done.
pub(super) fn done<S: Service + std::fmt::Debug>(answer: Answer<S>) -> S::Reply {
    match answer {
        Answer::Done { reply, .. } => reply,
        other => panic!("not done: {other:?}"),
    }
}
