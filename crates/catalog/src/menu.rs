//! Changing the menu: products are created, replaced and deleted.

use contract::Product;
use contract::events::{PRODUCT_CHANGED, ProductChanged};
use engine::{Change, Context, Draft, Key, Outcome};

use crate::input::Replacement;
use crate::model::{Item, State};
use crate::refusal::Refusal;
use crate::service::Catalog;

impl Catalog {
    /// Puts a product of the seed file on the menu, unless one with its id is, or was, there.
    pub(crate) fn seed(
        draft: &mut Draft<'_, State>,
        key: &Key,
        product: &Product,
        context: &Context,
    ) -> Outcome<Self> {
        match item_of(draft, key) {
            Some(known) => Outcome::Change(Change::new().reply(known.clone())),
            None => Outcome::Change(announced(draft, key, Item::new(product.clone(), context.now))),
        }
    }

    /// Puts a product on the menu.
    pub(crate) fn create(
        draft: &mut Draft<'_, State>,
        key: &Key,
        product: &Product,
        context: &Context,
    ) -> Outcome<Self> {
        let known = item_of(draft, key);
        if known.is_some_and(Item::is_listed) {
            return Outcome::Refused(Refusal::AlreadyThere(product.id.clone()));
        }
        let item = revised(known, product.clone(), context);
        Outcome::Change(announced(draft, key, item))
    }

    /// Replaces a product, or puts it on the menu.
    pub(crate) fn replace(
        draft: &mut Draft<'_, State>,
        key: &Key,
        replacement: &Replacement,
        context: &Context,
    ) -> Outcome<Self> {
        let known = item_of(draft, key);
        let listed = known.filter(|item| item.is_listed());
        if let Some(refusal) = refused(listed, key, replacement.expected_version) {
            return Outcome::Refused(refusal);
        }
        let mut product = replacement.product.clone();
        if let (true, Some(listed)) = (replacement.keeps_stock, listed) {
            product.stock = listed.product.stock;
        }
        let item = revised(known, product, context);
        Outcome::Change(announced(draft, key, item))
    }

    /// Takes a product off the menu. What is kept of it for orders stays kept.
    pub(crate) fn delete(
        draft: &mut Draft<'_, State>,
        key: &Key,
        expected_version: Option<u64>,
        context: &Context,
    ) -> Outcome<Self> {
        let Some(listed) = item_of(draft, key).filter(|item| item.is_listed()) else {
            return Outcome::Refused(Refusal::NotOnMenu(key.to_string()));
        };
        if let Some(refusal) = refused(Some(listed), key, expected_version) {
            return Outcome::Refused(refusal);
        }
        let product = Product { deleted: true, available: false, ..listed.product.clone() };
        let item = revised(Some(listed), product, context);
        Outcome::Change(announced(draft, key, item))
    }
}

/// A product takes no step of the saga: whoever is one has no part in it.
const NO_STEP: &str = "";

/// The product under `key`, also one that was deleted.
pub(crate) fn item_of<'d>(draft: &'d Draft<'_, State>, key: &Key) -> Option<&'d Item> {
    draft.get(key).and_then(State::item)
}

/// Why somebody who has seen another version may not change it. Who names a version wants to change what is there.
fn refused(listed: Option<&Item>, key: &Key, expected: Option<u64>) -> Option<Refusal> {
    let expected = expected?;
    match listed {
        None => Some(Refusal::NotOnMenu(key.to_string())),
        Some(item) if item.version != expected => Some(Refusal::VersionChanged(item.version)),
        Some(_) => None,
    }
}

/// The product in place of what is known under its id, and of what is kept of that.
fn revised(known: Option<&Item>, product: Product, context: &Context) -> Item {
    match known {
        Some(known) => Item { product, version: known.version + 1, updated_at: context.now, ..known.clone() },
        None => Item::new(product, context.now),
    }
}

/// Keeps a product and tells of it.
fn announced(draft: &mut Draft<'_, State>, key: &Key, item: Item) -> Change<Catalog> {
    let event = ProductChanged { event_type: PRODUCT_CHANGED.to_owned(), product: (&item.product).into() };
    let data = serde_json::to_string(&event).unwrap_or_default();
    draft.put(key, State::Item(item.clone()));
    Change::new().opening(key, PRODUCT_CHANGED, NO_STEP, data).reply(item)
}
