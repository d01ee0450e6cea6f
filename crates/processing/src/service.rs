//! The processing service on the engine.

use std::time::Duration;

use contract::events::{
    ORDER_CANCELLED, ORDER_CREATED, ORDER_PAID, ORDER_PROCESSED, OrderProcessed, PROCESSING_STEP,
    STOCK_RESERVED,
};
use engine::retry::later;
use engine::{Change, Context, Draft, Key, Malformed, Message, Outcome, Part, Reaction, Scheduled, Service};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The message type, and the row name, of the timer that ends the work on an order.
pub const FINISH: &str = "finish";

/// The processing service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Processing {
    /// Its settings.
    pub settings: Settings,
}

/// How the simulated work goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// How often it fails, in parts per million of the orders. Drawn from the order's id.
    pub failure_ppm: u32,
    /// How long it takes.
    pub delay: Duration,
}

/// What is kept of an order's processing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The order.
    pub order_id: Uuid,
    /// How far it is.
    pub stage: Stage,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// How far processing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is being worked on.
    Working,
    /// It went well.
    Completed,
    /// It did not.
    Failed(String),
    /// The order was called off before.
    Cancelled,
}

/// Everything that can be said to the processing service.
#[derive(Clone, Debug)]
pub enum Input {
    /// The order can be worked on.
    Ready,
    /// The order waits for something else first.
    Waits,
    /// The order was called off.
    Cancelled,
    /// The work is done.
    Finish,
}

/// All that processing needs to know of an order: what it waits for yet.
#[derive(Deserialize)]
struct Created {
    awaits: Vec<serde::de::IgnoredAny>,
}

impl Service for Processing {
    const NAME: &'static str = "processing";
    const REACTIONS: &'static [Reaction] = &[
        Reaction { source: "orders", kind: ORDER_CREATED },
        Reaction { source: "orders", kind: ORDER_PAID },
        Reaction { source: "orders", kind: ORDER_CANCELLED },
        Reaction { source: "catalog", kind: STOCK_RESERVED },
    ];
    const PART: Part = Part::Step(PROCESSING_STEP);

    type Input = Input;
    type State = Record;
    type Reply = ();
    type Refusal = ();

    fn decode(&self, _source: &str, kind: &str, data: &str) -> Result<Input, Malformed> {
        Ok(match kind {
            ORDER_CREATED | STOCK_RESERVED => {
                let created: Created = serde_json::from_str(data)?;
                if created.awaits.is_empty() { Input::Ready } else { Input::Waits }
            }
            ORDER_PAID => Input::Ready,
            ORDER_CANCELLED => Input::Cancelled,
            FINISH => Input::Finish,
            other => return Err(Malformed(format!("processing does not know the type '{other}'"))),
        })
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, Record>,
        message: &Message<Input>,
        context: &Context,
    ) -> Outcome<Self> {
        let key = &message.key;
        match (&message.input, draft.get(key).map(|record| &record.stage)) {
            (Input::Ready, None) if self.settings.delay.is_zero() => self.finish(draft, message, context),
            (Input::Ready, None) => self.begin(draft, key, context),
            (Input::Finish, Some(Stage::Working)) => self.finish(draft, message, context),
            (Input::Cancelled, None | Some(Stage::Working)) => {
                draft.put(key, record(key, Stage::Cancelled, context));
                Outcome::Change(Change::new().unschedule(key, FINISH))
            }
            _ => Outcome::Ignored,
        }
    }
}

impl Processing {
    fn begin(&self, draft: &mut Draft<'_, Record>, key: &Key, context: &Context) -> Outcome<Self> {
        draft.put(key, record(key, Stage::Working, context));
        let due = later(context.now, self.settings.delay);
        Outcome::Change(Change::new().schedule(Scheduled::timer(
            key.clone(),
            FINISH,
            due,
            FINISH,
            String::new(),
        )))
    }

    fn finish(
        &self,
        draft: &mut Draft<'_, Record>,
        message: &Message<Input>,
        context: &Context,
    ) -> Outcome<Self> {
        let key = &message.key;
        let fails =
            self.settings.failure_ppm > 0 && context.chance(message, "fails", self.settings.failure_ppm);
        let error = fails.then(|| "The simulated work failed, as it is set to do now and then.".to_owned());
        let event = OrderProcessed {
            event_type: ORDER_PROCESSED.to_owned(),
            order_id: key.id().unwrap_or_default(),
            status: if fails { "failed" } else { "completed" }.to_owned(),
            error_message: error.clone(),
        };
        draft.put(key, record(key, error.map_or(Stage::Completed, Stage::Failed), context));
        let data = serde_json::to_string(&event).unwrap_or_default();
        Outcome::Change(Change::new().event(key, ORDER_PROCESSED, data))
    }
}

fn record(key: &Key, stage: Stage, context: &Context) -> Record {
    Record { order_id: key.id().unwrap_or_default(), stage, updated_at: context.now }
}
