//! Everything that can be said to the catalog.

use contract::Product;
use contract::events::{Item, OrderCreated};
use engine::Key;

/// A command, an event or a timer.
#[derive(Clone, Debug)]
pub enum Input {
    /// A product of the seed file: put on the menu unless one with its id is, or was, there.
    Seed(Box<Product>),
    /// Somebody puts a product on the menu.
    Create(Box<Product>),
    /// Somebody replaces a product, or puts it on the menu.
    Put(Box<Replacement>),
    /// Somebody takes a product off the menu.
    Delete {
        /// The version the caller has seen. None: any.
        expected_version: Option<u64>,
    },
    /// An order needs pieces.
    Reserve(Box<OrderCreated>),
    /// An order is done. Which products it has.
    Consume(Vec<Item>),
    /// An order has failed or was called off. Which products it has.
    Release(Vec<Item>),
    /// It is time to tell of a product's stock.
    Tell,
}

impl Input {
    /// The keys of the products that an order has.
    pub(crate) fn products(&self) -> impl Iterator<Item = Key> + '_ {
        let items = match self {
            Self::Reserve(order) => order.items.as_slice(),
            Self::Consume(items) | Self::Release(items) => items,
            _ => &[],
        };
        items.iter().map(|item| Key::name(&item.product_id))
    }
}

/// A product as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The product.
    pub product: Product,
    /// Whether its stock is left as it is, whatever the product says.
    pub keeps_stock: bool,
    /// The version the caller has seen. None: any, and none.
    pub expected_version: Option<u64>,
}
