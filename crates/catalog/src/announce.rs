//! Telling of stock: at once when the last piece goes or the first one comes, otherwise soon.
//!
//! A product that sells well changes hundreds of times a second. Its replica need not know of each piece, but it must learn
//! within a second how many there are, and at once when there is none.

use std::time::Duration;

use contract::events::{STOCK_CHANGED, StockChanged};
use engine::retry::later;
use engine::{Change, Context, Draft, Key, Outcome, Scheduled};

use crate::menu::item_of;
use crate::model::{Item, State};
use crate::service::{Catalog, TELL_STOCK};

/// How long changes of a product's stock gather.
pub const GATHERING: Duration = Duration::from_millis(250);

/// Keeps a product whose stock was changed, and sees to it that this is told.
pub(crate) fn keep(
    draft: &mut Draft<'_, State>,
    key: &Key,
    before: &Item,
    mut after: Item,
    change: Change<Catalog>,
    context: &Context,
) -> Change<Catalog> {
    after.updated_at = context.now;
    let is_out = |item: &Item| item.product.stock == Some(0);
    let change = if before.product.stock == after.product.stock {
        change
    } else if is_out(before) || is_out(&after) {
        told(change, key, &after)
    } else if after.telling {
        change
    } else {
        after.telling = true;
        let due = later(context.now, GATHERING);
        change.schedule(Scheduled::timer(key.clone(), TELL_STOCK, due, TELL_STOCK, String::new()))
    };
    draft.put(key, State::Item(after));
    change
}

impl Catalog {
    /// Tells of a product's stock, since some changes of it have gathered.
    pub(crate) fn tell(draft: &mut Draft<'_, State>, key: &Key) -> Outcome<Self> {
        let Some(item) = item_of(draft, key).cloned() else { return Outcome::Ignored };
        let change = told(Change::new(), key, &item);
        draft.put(key, State::Item(Item { telling: false, ..item }));
        Outcome::Change(change)
    }
}

/// Publishes how many pieces are free, where somebody counts them and the product is on the menu.
fn told(change: Change<Catalog>, key: &Key, item: &Item) -> Change<Catalog> {
    let Some(stock) = item.product.stock.filter(|_| item.is_listed()) else { return change };
    let event =
        StockChanged { event_type: STOCK_CHANGED.to_owned(), product_id: item.product.id.clone(), stock };
    change.event(key, STOCK_CHANGED, serde_json::to_string(&event).unwrap_or_default())
}
