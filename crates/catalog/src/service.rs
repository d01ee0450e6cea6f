//! The catalog service on the engine: who says what, and which part of it decides.

use contract::events::{
    ORDER_CANCELLED, ORDER_COMPLETED, ORDER_CREATED, ORDER_FAILED, OrderChanged, STOCK_STEP,
};
use engine::{Context, Draft, Key, Malformed, Message, Outcome, Part, Reaction, Service, Touch};

use crate::input::Input;
use crate::model::{Item, State};
use crate::refusal::Refusal;

/// The message type, and the row name, of the timer that tells of a product's stock.
pub const TELL_STOCK: &str = "tell-stock";

/// The catalog service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Catalog;

impl Service for Catalog {
    const NAME: &'static str = "catalog";
    const REACTIONS: &'static [Reaction] = &[
        Reaction { source: "orders", kind: ORDER_CREATED },
        Reaction { source: "orders", kind: ORDER_COMPLETED },
        Reaction { source: "orders", kind: ORDER_FAILED },
        Reaction { source: "orders", kind: ORDER_CANCELLED },
    ];
    const PART: Part = Part::Named(STOCK_STEP);

    type Input = Input;
    type State = State;
    type Reply = Item;
    type Refusal = Refusal;

    fn decode(&self, _source: &str, kind: &str, data: &str) -> Result<Input, Malformed> {
        let items = || serde_json::from_str(data).map(|changed: OrderChanged| changed.items);
        Ok(match kind {
            ORDER_CREATED => Input::Reserve(serde_json::from_str(data)?),
            ORDER_COMPLETED => Input::Consume(items()?),
            ORDER_FAILED | ORDER_CANCELLED => Input::Release(items()?),
            TELL_STOCK => Input::Tell,
            other => return Err(Malformed(format!("catalog does not know the type '{other}'"))),
        })
    }

    fn touch(&self, _key: &Key, input: &Input) -> Touch {
        Touch { writes: input.products().collect(), ..Touch::default() }
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, State>,
        message: &Message<Input>,
        context: &Context,
    ) -> Outcome<Self> {
        let key = &message.key;
        match &message.input {
            Input::Seed(product) => Self::seed(draft, key, product, context),
            Input::Create(product) => Self::create(draft, key, product, context),
            Input::Put(replacement) => Self::replace(draft, key, replacement, context),
            Input::Delete { expected_version } => Self::delete(draft, key, *expected_version, context),
            Input::Reserve(order) => Self::reserve(draft, key, order, context),
            Input::Consume(_) => Self::consume(draft, key, context),
            Input::Release(_) => Self::release(draft, key, context),
            Input::Tell => Self::tell(draft, key),
        }
    }
}
