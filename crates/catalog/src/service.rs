//! The catalog service on the engine.

use std::convert::Infallible;

use contract::Product;
use contract::events::{PRODUCT_CHANGED, ProductChanged};
use engine::{Change, Context, Draft, Malformed, Message, Outcome, Reaction, Service};

/// The catalog service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Catalog;

/// Everything that can be said to the catalog.
#[derive(Clone, Debug)]
pub enum Input {
    /// A product of the seed file: put on the menu unless one with its id is there.
    Seed(Box<Product>),
}

impl Service for Catalog {
    const NAME: &'static str = "catalog";
    const REACTIONS: &'static [Reaction] = &[];

    type Input = Input;
    type State = Product;
    type Reply = Product;
    type Refusal = Infallible;

    fn decode(&self, _source: &str, kind: &str, _data: &str) -> Result<Input, Malformed> {
        Err(Malformed(format!("catalog does not know the type '{kind}'")))
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, Product>,
        message: &Message<Input>,
        _context: &Context,
    ) -> Outcome<Self> {
        let Input::Seed(product) = &message.input;
        if let Some(known) = draft.get(&message.key) {
            return Outcome::Change(Change::new().reply(known.clone()));
        }
        let product = (**product).clone();
        draft.put(&message.key, product.clone());
        let event = ProductChanged { event_type: PRODUCT_CHANGED.to_owned(), product: product.clone() };
        let data = serde_json::to_string(&event).unwrap_or_default();
        Outcome::Change(Change::new().event(&message.key, PRODUCT_CHANGED, data).reply(product))
    }
}
