//! The catalog under any orders and any changes of the menu, held to a model of a few numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use catalog::input::Replacement;
use catalog::{Catalog, Input, Stage, State};
use contract::Product;
use contract::events::{PRODUCT_CHANGED, ProductChanged, STOCK_CHANGED, StockChanged};
use engine::Key;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::bench::{Bench, NoWorld};

const PRODUCTS: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug)]
enum Act {
    /// Somebody orders lines: which product, how many.
    Order(Vec<(usize, u32)>),
    /// The order with this number ends so.
    End(usize, &'static str),
    /// A product is replaced, with this stock.
    Put(usize, Option<u32>),
    Delete(usize),
    Pass,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let stock = prop::option::weighted(0.8, 0_u32..6);
    let lines = prop::collection::vec((0..PRODUCTS.len(), 1_u32..4), 1..4);
    let end = prop::sample::select(vec!["order.completed", "order.failed", "order.cancelled"]);
    let act = prop_oneof![
        6 => lines.prop_map(Act::Order),
        5 => (0_usize..10, end).prop_map(|(order, end)| Act::End(order, end)),
        2 => (0..PRODUCTS.len(), stock).prop_map(|(product, stock)| Act::Put(product, stock)),
        1 => (0..PRODUCTS.len()).prop_map(Act::Delete),
        1 => Just(Act::Pass),
    ];
    prop::collection::vec(act, 0..40)
}

/// What is known of a product that is on the menu: its free pieces, if they are counted.
type Shelf = BTreeMap<usize, Option<u32>>;

/// An order of the model: its lines, what is kept for it, and where that stands.
struct Known {
    lines: Vec<(usize, u32)>,
    kept: BTreeMap<usize, u32>,
    stage: &'static str,
}

#[derive(Default)]
struct Model {
    shelf: Shelf,
    orders: Vec<Known>,
}

impl Model {
    fn order(&mut self, lines: &[(usize, u32)]) {
        let mut wanted: BTreeMap<usize, u32> = BTreeMap::new();
        lines.iter().for_each(|(product, quantity)| *wanted.entry(*product).or_default() += quantity);
        let enough = wanted.iter().all(|(product, quantity)| match self.shelf.get(product) {
            None => false,
            Some(None) => true,
            Some(Some(free)) => free >= quantity,
        });
        let mut kept = BTreeMap::new();
        for (product, quantity) in wanted.into_iter().filter(|_| enough) {
            if let Some(Some(free)) = self.shelf.get_mut(&product) {
                *free -= quantity;
                kept.insert(product, quantity);
            }
        }
        let stage = if enough { "reserved" } else { "rejected" };
        self.orders.push(Known { lines: lines.to_vec(), kept, stage });
    }

    fn end(&mut self, number: usize, how: &str) {
        let Some(order) = self.orders.get_mut(number).filter(|order| order.stage == "reserved") else {
            return;
        };
        order.stage = if how == "order.completed" { "consumed" } else { "released" };
        for (product, quantity) in order.kept.iter().filter(|_| order.stage == "released") {
            if let Some(Some(free)) = self.shelf.get_mut(product) {
                *free += quantity;
            }
        }
    }

    fn reserved(&self, product: usize) -> u64 {
        let open = self.orders.iter().filter(|order| order.stage == "reserved");
        open.filter_map(|order| order.kept.get(&product)).map(|quantity| u64::from(*quantity)).sum()
    }
}

fn id(number: usize) -> Key {
    Key::Id(Uuid::from_u128(number as u128 + 1))
}

fn items(lines: &[(usize, u32)]) -> serde_json::Value {
    lines
        .iter()
        .map(|(product, quantity)| json!({"product_id": PRODUCTS[*product], "quantity": quantity}))
        .collect()
}

fn created(key: &Key, lines: &[(usize, u32)]) -> String {
    json!({"event_type": "order.created", "order_id": key, "items": items(lines), "total_amount": 1, "currency": "USD",
        "awaits": ["stock"], "created_at": "2026-01-01T12:00:00Z"})
    .to_string()
}

fn ended(key: &Key, how: &str, lines: &[(usize, u32)]) -> String {
    json!({"event_type": how, "order_id": key, "items": items(lines), "total_amount": 1, "currency": "USD",
        "status": "PENDING"})
    .to_string()
}

fn product(number: usize, stock: Option<u32>) -> Product {
    let text = json!({"id": PRODUCTS[number], "name": "P", "price": 1, "currency": "USD", "available": true, "stock": stock});
    serde_json::from_value(text).unwrap()
}

fn act(bench: &mut Bench<Catalog>, model: &mut Model, act: &Act) {
    match act {
        Act::Order(lines) => {
            let key = id(model.orders.len());
            bench.say_about(&key, "orders", "order.created", created(&key, lines));
            model.order(lines);
        }
        Act::End(number, how) => {
            let Some(lines) = model.orders.get(*number).map(|order| order.lines.clone()) else { return };
            bench.say_about(&id(*number), "orders", how, ended(&id(*number), how, &lines));
            model.end(*number, how);
        }
        Act::Put(number, stock) => {
            let replacement =
                Replacement { product: product(*number, *stock), keeps_stock: false, expected_version: None };
            bench.command_about(Key::name(PRODUCTS[*number]), Input::Put(Box::new(replacement)));
            model.shelf.insert(*number, *stock);
        }
        Act::Delete(number) => {
            bench.command_about(Key::name(PRODUCTS[*number]), Input::Delete { expected_version: None });
            model.shelf.remove(number);
        }
        Act::Pass => bench.pass(Duration::from_secs(1)),
    }
}

/// What a reader of the catalog's events believes.
fn believed(bench: &Bench<Catalog>) -> Shelf {
    let number = |id: &str| PRODUCTS.iter().position(|known| *known == id).unwrap();
    let mut shelf = Shelf::new();
    for record in bench.store.records() {
        match record.kind.as_str() {
            PRODUCT_CHANGED => {
                let changed: ProductChanged = serde_json::from_str(&record.data).unwrap();
                let product = Product::try_from(changed.product).unwrap();
                match product.deleted {
                    true => shelf.remove(&number(&product.id)),
                    false => shelf.insert(number(&product.id), product.stock),
                };
            }
            STOCK_CHANGED => {
                let changed: StockChanged = serde_json::from_str(&record.data).unwrap();
                shelf.insert(number(&changed.product_id), Some(changed.stock));
            }
            _ => {}
        }
    }
    shelf
}

proptest! {
    #[test]
    fn every_piece_is_free_or_kept_for_one_order(acts in acts()) {
        let (mut bench, mut model) = (Bench::new(Catalog, NoWorld), Model::default());
        for one in &acts {
            act(&mut bench, &mut model, one);
            for (number, name) in PRODUCTS.iter().enumerate() {
                let state = bench.store.state(&Key::name(name));
                let item = state.as_deref().and_then(State::item);
                let listed = item.filter(|item| item.is_listed()).map(|item| item.product.stock);
                prop_assert_eq!(listed, model.shelf.get(&number).copied(), "what is free of {}", name);
                prop_assert_eq!(item.map_or(0, |item| item.reserved), model.reserved(number), "what is kept of {}", name);
            }
            for (number, order) in model.orders.iter().enumerate() {
                let state = bench.store.state(&id(number));
                let stage = match state.as_deref().and_then(State::reservation).map(|kept| &kept.stage) {
                    Some(Stage::Reserved) => "reserved",
                    Some(Stage::Rejected(_)) => "rejected",
                    Some(Stage::Consumed) => "consumed",
                    Some(Stage::Released) => "released",
                    None => "nothing",
                };
                prop_assert_eq!(stage, order.stage);
            }
        }
        bench.pass(Duration::from_secs(1));
        prop_assert_eq!(believed(&bench), model.shelf, "a replica knows all within a second");
        prop_assert_eq!(bench.store.dead(), []);
    }
}
