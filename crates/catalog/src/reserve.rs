//! The step `stock` of the saga: all pieces that an order needs are kept for it, or none; and what becomes of them.

use std::collections::BTreeMap;

use contract::Reason;
use contract::events::{
    Awaits, Item as Line, OrderCreated, PAYMENT_STEP, PROCESSING_STEP, Pieces, STOCK_REJECTED,
    STOCK_RESERVED, StockRejected, StockReserved,
};
use engine::{Change, Context, Draft, Key, Outcome};

use crate::announce::keep;
use crate::menu::item_of;
use crate::model::{Item, Reservation, Stage, State};
use crate::service::Catalog;

impl Catalog {
    /// Keeps for an order what it needs, if there is enough of everything.
    pub(crate) fn reserve(
        draft: &mut Draft<'_, State>,
        key: &Key,
        order: &OrderCreated,
        context: &Context,
    ) -> Outcome<Self> {
        if !order.awaits.contains(&Awaits::Stock) || draft.get(key).is_some() {
            return Outcome::Ignored;
        }
        let items = match taken(draft, &order.items) {
            Ok(items) => items,
            Err(reason) => return Self::reject(draft, key, order, reason, context),
        };
        let change = items.iter().fold(Change::new(), |change, pieces| {
            let (product, quantity) = (Key::name(&pieces.product_id), pieces.quantity);
            shift(draft, &product, change, context, |item| {
                item.product.stock = item.product.stock.map(|stock| stock - fitting(quantity));
                item.reserved += quantity;
            })
        });
        let change = change.opening(key, STOCK_RESERVED, next_step(order), reserved_event(order, &items));
        let reservation = Reservation::new(order.order_id, items, Stage::Reserved, context.now);
        draft.put(key, State::Reservation(reservation));
        Outcome::Change(change)
    }

    fn reject(
        draft: &mut Draft<'_, State>,
        key: &Key,
        order: &OrderCreated,
        reason: Reason,
        context: &Context,
    ) -> Outcome<Self> {
        let event = StockRejected {
            event_type: STOCK_REJECTED.to_owned(),
            order_id: order.order_id,
            reason: reason.clone(),
        };
        let data = serde_json::to_string(&event).unwrap_or_default();
        let reservation = Reservation::new(order.order_id, Vec::new(), Stage::Rejected(reason), context.now);
        draft.put(key, State::Reservation(reservation));
        Outcome::Change(Change::new().opening(key, STOCK_REJECTED, next_step(order), data))
    }

    /// The order is done: what was kept for it has gone out.
    pub(crate) fn consume(draft: &mut Draft<'_, State>, key: &Key, context: &Context) -> Outcome<Self> {
        Self::end(draft, key, Stage::Consumed, context, |item, quantity| {
            item.reserved = item.reserved.saturating_sub(quantity);
        })
    }

    /// The order is off: what was kept for it is free again. A product that is not counted any more gets nothing.
    pub(crate) fn release(draft: &mut Draft<'_, State>, key: &Key, context: &Context) -> Outcome<Self> {
        Self::end(draft, key, Stage::Released, context, |item, quantity| {
            item.reserved = item.reserved.saturating_sub(quantity);
            item.product.stock = item.product.stock.map(|stock| stock.saturating_add(fitting(quantity)));
        })
    }

    fn end(
        draft: &mut Draft<'_, State>,
        key: &Key,
        stage: Stage,
        context: &Context,
        act: impl Fn(&mut Item, u64),
    ) -> Outcome<Self> {
        let reservation = draft.get(key).and_then(State::reservation);
        let Some(reservation) = reservation.filter(|reservation| reservation.is_open()).cloned() else {
            return Outcome::Ignored;
        };
        let is_there = |pieces: &Pieces| item_of(draft, &Key::name(&pieces.product_id)).is_some();
        if !reservation.items.iter().all(is_there) {
            return Outcome::Poison("it does not name all products that are kept for the order".to_owned());
        }
        let change = reservation.items.iter().fold(Change::new(), |change, pieces| {
            let product = Key::name(&pieces.product_id);
            shift(draft, &product, change, context, |item| act(item, pieces.quantity))
        });
        let reservation = Reservation { stage, updated_at: context.now, ..reservation };
        draft.put(key, State::Reservation(reservation));
        Outcome::Change(change)
    }
}

/// What has to be kept of tracked products for these lines, each product once, or why it cannot be.
fn taken(draft: &Draft<'_, State>, lines: &[Line]) -> Result<Vec<Pieces>, Reason> {
    let mut wanted: BTreeMap<&str, u64> = BTreeMap::new();
    for line in lines {
        *wanted.entry(&line.product_id).or_default() += u64::from(line.quantity);
    }
    let mut items = Vec::new();
    for (product_id, quantity) in wanted {
        let item = item_of(draft, &Key::name(product_id)).filter(|item| item.is_listed());
        let Some(item) = item else {
            return Err(Reason::new("not_on_menu", format!("'{product_id}' is not on the menu any more.")));
        };
        match item.product.stock {
            None => {}
            Some(stock) if u64::from(stock) < quantity => {
                let message = format!("Of '{product_id}' {quantity} are wanted and {stock} are left.");
                return Err(Reason::new("out_of_stock", message));
            }
            Some(_) => items.push(Pieces { product_id: product_id.to_owned(), quantity }),
        }
    }
    Ok(items)
}

/// Changes the stock of a product.
fn shift(
    draft: &mut Draft<'_, State>,
    key: &Key,
    change: Change<Catalog>,
    context: &Context,
    act: impl Fn(&mut Item),
) -> Change<Catalog> {
    let Some(before) = item_of(draft, key).cloned() else { return change };
    let mut after = before.clone();
    act(&mut after);
    keep(draft, key, &before, after, change, context)
}

/// Pieces as stock counts them. What was taken of a stock fits into one.
fn fitting(quantity: u64) -> u32 {
    u32::try_from(quantity).unwrap_or(u32::MAX)
}

/// Who goes on with an order whose pieces are kept.
fn next_step(order: &OrderCreated) -> &'static str {
    if order.awaits.contains(&Awaits::Payment) { PAYMENT_STEP } else { PROCESSING_STEP }
}

fn reserved_event(order: &OrderCreated, items: &[Pieces]) -> String {
    let event = StockReserved {
        event_type: STOCK_RESERVED.to_owned(),
        order_id: order.order_id,
        items: items.to_vec(),
        awaits: order.awaits.iter().copied().filter(|awaits| *awaits != Awaits::Stock).collect(),
        total_amount: order.total_amount.clone(),
        currency: order.currency,
        payment_method: order.payment_method.clone(),
    };
    serde_json::to_string(&event).unwrap_or_default()
}
