use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use async_trait::async_trait;
use catalog::queries::Stocked;
use catalog::{Item, Reservation};
use contract::Product;
use engine::{DeadLetter, Fault, Note};
use futures::executor::block_on;
use notifications::{Kind, Notification, State};
use orders::timeline::{Entry, EntryKind, Placed};
use orders::{ListFilter, Page};
use processing::{Record, Stage};
use provider::{Ledger, Totals};

use super::telling::{told, told_entry};
use super::*;
use crate::{Audit, Sources, Summary};

/// All services in one.
#[derive(Default)]
struct Shop {
    orders: BTreeMap<Uuid, Order>,
    payments: BTreeMap<Uuid, Payment>,
    records: BTreeMap<Uuid, Record>,
    charges: BTreeMap<Key, Charge>,
    told: BTreeMap<Uuid, Vec<Notification>>,
    reservations: BTreeMap<Uuid, Reservation>,
    stock: Vec<Stocked>,
}

fn page<T: Clone>(rows: &BTreeMap<Uuid, T>, after: Option<Uuid>, limit: usize) -> Vec<T> {
    rows.iter()
        .filter(|(id, _)| after.is_none_or(|after| **id > after))
        .map(|(_, row)| row.clone())
        .take(limit)
        .collect()
}

#[async_trait]
impl orders::Queries for Shop {
    async fn order(&self, id: Uuid) -> Result<Option<Order>, Fault> {
        Ok(self.orders.get(&id).cloned())
    }
    async fn by_external_id(&self, _external_id: &str) -> Result<Option<Order>, Fault> {
        Ok(None)
    }
    async fn document(&self, _id: Uuid) -> Result<Option<String>, Fault> {
        Ok(None)
    }
    async fn timeline(&self, id: Uuid, _after: u64) -> Result<Vec<Placed>, Fault> {
        let entry = Entry::new(EntryKind::Event, "order.created", "It was accepted.", "orders");
        let entries_of_told = self.told.get(&id).into_iter().flatten().map(told_entry);
        let entries = std::iter::once(entry).chain(entries_of_told);
        Ok((1..).zip(entries).map(|(seq, entry)| Placed { seq, at: at(0), entry }).collect())
    }
    async fn find(&self, _ids: &[Uuid]) -> Result<Vec<Order>, Fault> {
        Ok(vec![])
    }
    async fn documents(&self, _ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Fault> {
        Ok(vec![])
    }
    async fn list(&self, _filter: &ListFilter) -> Result<Page, Fault> {
        Ok(Page::default())
    }
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Order>, Fault> {
        Ok(page(&self.orders, after, limit))
    }
    async fn stalled(&self, _since: Timestamp, _limit: usize) -> Result<Vec<Order>, Fault> {
        Ok(vec![])
    }
    async fn dead_letters(&self, _id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(vec![])
    }
    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        Ok(vec![])
    }
}

#[async_trait]
impl payments::Queries for Shop {
    async fn payment(&self, order_id: Uuid) -> Result<Option<Payment>, Fault> {
        Ok(self.payments.get(&order_id).cloned())
    }
    async fn exchanges(&self, _order_id: Uuid) -> Result<Vec<Note>, Fault> {
        Ok(vec![])
    }
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Payment>, Fault> {
        Ok(page(&self.payments, after, limit))
    }
    async fn dead_letters(&self, _order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(vec![])
    }
    async fn stalled(&self, _since: Timestamp, _limit: usize) -> Result<Vec<Payment>, Fault> {
        Ok(vec![])
    }
}

#[async_trait]
impl catalog::Queries for Shop {
    async fn menu(&self) -> Result<Vec<Product>, Fault> {
        Ok(vec![])
    }
    async fn item(&self, _id: &str) -> Result<Option<Item>, Fault> {
        Ok(None)
    }
    async fn stock(&self) -> Result<Vec<Stocked>, Fault> {
        Ok(self.stock.clone())
    }
    async fn reservation(&self, order_id: Uuid) -> Result<Option<Reservation>, Fault> {
        Ok(self.reservations.get(&order_id).cloned())
    }
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Reservation>, Fault> {
        Ok(page(&self.reservations, after, limit))
    }
    async fn dead_letters(&self, _order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(vec![])
    }
}

#[async_trait]
impl processing::Queries for Shop {
    async fn record(&self, order_id: Uuid) -> Result<Option<Record>, Fault> {
        Ok(self.records.get(&order_id).cloned())
    }
    async fn scan(&self, after: Option<Uuid>, limit: usize) -> Result<Vec<Record>, Fault> {
        Ok(page(&self.records, after, limit))
    }
    async fn dead_letters(&self, _order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(vec![])
    }
}

#[async_trait]
impl notifications::Queries for Shop {
    async fn notification(&self, _id: Uuid) -> Result<Option<Notification>, Fault> {
        Ok(None)
    }
    async fn of_order(&self, order_id: Uuid) -> Result<Vec<Notification>, Fault> {
        Ok(self.told.get(&order_id).cloned().unwrap_or_default())
    }
    async fn list(&self, _filter: &notifications::ListFilter) -> Result<Vec<Notification>, Fault> {
        Ok(vec![])
    }
    async fn first_order(&self) -> Result<Option<Uuid>, Fault> {
        let is_first = |told: &Notification| told.kind == Kind::Created;
        Ok(self.told.iter().find(|(_, told)| told.iter().any(is_first)).map(|(id, _)| *id))
    }
    async fn dead_letters(&self, _order_id: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        Ok(vec![])
    }
}

#[async_trait]
impl Ledger for Shop {
    async fn by_key(&self, key: &Key) -> Result<Option<Charge>, Fault> {
        Ok(self.charges.get(key).cloned())
    }
    async fn page(&self, after: Option<&Key>, limit: usize) -> Result<Vec<Charge>, Fault> {
        let behind = self.charges.iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
        Ok(behind.map(|(_, charge)| charge.clone()).take(limit).collect())
    }
    async fn totals(&self) -> Result<Totals, Fault> {
        Ok(Totals::default())
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A shop with so many orders, all paid and processed.
fn shop(orders: u128) -> Shop {
    let mut shop = Shop::default();
    for id in (0..orders).map(id) {
        shop.orders.insert(id, processed(id));
        shop.payments.insert(id, payment(id));
        shop.records.insert(id, Record { order_id: id, stage: Stage::Completed, updated_at: at(0) });
        shop.charges.insert(Key::Id(id), charge(id));
        shop.told.insert(id, vec![told(id, Kind::Created), told(id, Kind::Completed)]);
    }
    shop
}

/// At rest: no event is on its way.
static NOTHING: LazyLock<HashSet<Key>> = LazyLock::new(HashSet::new);

fn audit(shop: &Shop) -> Audit<'_> {
    let sources = Sources {
        orders: shop,
        payments: shop,
        catalog: shop,
        processing: Some(shop),
        notifications: Some(shop),
        ledger: Some(shop),
    };
    Audit { sources, underway: &NOTHING, now: at(9_999), stuck_after: HOUR, page: 3 }
}

fn run(shop: &Shop) -> (Summary, Vec<Violation>) {
    let mut found = Vec::new();
    let summary = block_on(audit(shop).run(&mut |violation| found.push(violation))).unwrap();
    assert_eq!(summary.violations, found.len() as u64);
    (summary, found)
}

#[test]
fn a_clean_shop_is_gone_through_whole_whatever_the_page() {
    for orders in [0, 2, 3, 4, 6, 7] {
        let (summary, found) = run(&shop(orders));
        assert_eq!(found, []);
        assert_eq!(u128::from(summary.orders), orders);
        assert_eq!(u128::from(summary.charges), orders);
    }
}

#[test]
fn what_one_service_misses_is_found_wherever_it_lies() {
    for missing in [0, 3, 6].map(id) {
        let mut without = shop(7);
        without.orders.remove(&missing);
        assert_broken(2, &run(&without).1, "orders has not");
        let mut without = shop(7);
        without.payments.remove(&missing);
        assert_broken(3, &run(&without).1, "payments knows nothing of it");
        assert_broken(2, &run(&without).1, "nobody asked for");
        let mut without = shop(7);
        without.records.remove(&missing);
        assert_broken(4, &run(&without).1, "processing says None");
        let mut without = shop(7);
        without.charges.remove(&Key::Id(missing));
        assert_broken(2, &run(&without).1, "the ledger has None");
    }
}

#[test]
fn a_charge_of_no_order_is_found_and_one_under_a_name_is_not_ours() {
    let mut shop = shop(2);
    shop.charges.insert(Key::Id(id(99)), charge(id(99)));
    shop.charges.insert(Key::name("somebody"), Charge { key: Key::name("somebody"), ..charge(id(98)) });
    let (summary, found) = run(&shop);
    assert_eq!(summary.charges, 4);
    assert_eq!(found.iter().map(|violation| violation.key.clone()).collect::<Vec<_>>(), [Key::Id(id(99))]);
}

#[test]
fn pieces_that_are_kept_for_nobody_are_found_also_when_one_looks_again() {
    let mut shop = shop(3);
    shop.stock = vec![stocked("a", 2, 2), stocked("b", 2, 1)];
    let stray = Reservation::new(id(99), vec![], catalog::Stage::Reserved, at(0));
    shop.reservations.insert(id(99), stray);
    let found: Vec<_> =
        run(&shop).1.into_iter().map(|violation| (violation.promise, violation.key)).collect();
    let expected = [(2, Key::Id(id(99))), (7, Key::name("b"))];
    assert_eq!(found, expected);
    shop.stock.push(stocked("c", 1, 0));
    let suspected: Vec<_> = expected.iter().map(|(_, key)| key.clone()).collect();
    let mut again = Vec::new();
    block_on(audit(&shop).recheck(&suspected, &mut |violation| again.push(violation.key))).unwrap();
    assert_eq!(again, suspected, "nobody asked about c");
}

#[test]
fn a_recheck_reports_only_what_still_holds() {
    let mut shop = shop(2);
    let late = shop.payments.remove(&id(0)).unwrap();
    shop.charges.insert(Key::Id(id(99)), charge(id(99)));
    let suspected: Vec<_> = run(&shop).1.into_iter().map(|violation| violation.key).collect();
    shop.payments.insert(id(0), late);
    let mut found = Vec::new();
    block_on(audit(&shop).recheck(&suspected, &mut |violation| found.push(violation.key))).unwrap();
    assert_eq!(found, [Key::Id(id(99))]);
}

#[test]
fn services_are_not_compared_about_an_order_while_an_event_about_it_is_on_its_way() {
    let mut shop = shop(3);
    shop.payments.get_mut(&id(1)).unwrap().refunds.push(refund("r", 400, RefundState::Done, true));
    shop.charges.get_mut(&Key::Id(id(1))).unwrap().status = {
        let provider::Status::Captured(mut capture) = charge(id(1)).status else { unreachable!() };
        let refund =
            provider::Refund { key: "r".to_owned(), amount: 400, reference: "re_1".to_owned(), at: at(0) };
        capture.refunds.push(refund);
        provider::Status::Captured(capture)
    };
    assert_broken(3, &run(&shop).1, "it knows of");

    let events = HashSet::from([Key::Id(id(1))]);
    let mut found = Vec::new();
    let audit = Audit { underway: &events, now: at(60), ..audit(&shop) };
    let summary = block_on(audit.run(&mut |violation| found.push(violation))).unwrap();
    assert_eq!(found, []);
    assert_eq!((summary.orders, summary.underway), (3, 1));

    let late = Audit { underway: &events, ..self::audit(&shop) };
    block_on(late.run(&mut |violation| found.push(violation))).unwrap();
    assert_broken(5, &found, "on its way since");
    found.clear();

    shop.orders.get_mut(&id(1)).unwrap().version = 0;
    let audit = Audit { underway: &events, now: at(60), ..self::audit(&shop) };
    block_on(audit.run(&mut |violation| found.push(violation))).unwrap();
    assert_broken(4, &found, "run backwards");
}

#[test]
fn an_order_of_which_nobody_was_told_is_found_unless_it_is_older_than_telling() {
    let mut shop = shop(4);
    shop.told.remove(&id(0));
    assert_eq!(run(&shop).1, [], "it was there before");
    let early = Notification { state: State::Pending { error: None }, ..told(id(0), Kind::Refunded) };
    shop.told.insert(id(0), vec![early]);
    assert_eq!(run(&shop).1, [], "it was, and is refunded now");
    shop.told.remove(&id(2));
    assert_broken(4, &run(&shop).1, "nothing says why");
}
