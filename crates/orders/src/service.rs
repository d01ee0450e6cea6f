//! The orders service on the engine: who says what, and which part of it decides.

use std::time::Duration;

use contract::Product;
use contract::events::{
    NOTIFICATION_FAILED, NOTIFICATION_SENT, ORDER_PROCESSED, PAYMENT_FAILED, PAYMENT_PAID, PAYMENT_REFUNDED,
    PAYMENT_UNKNOWN, PRODUCT_CHANGED, ProductChanged, STOCK_CHANGED, STOCK_REJECTED, STOCK_RESERVED,
    StockChanged, StockRejected,
};
use engine::{Change, Claim, Context, Draft, Key, Malformed, Message, Outcome, Reaction, Service, Touch};

use crate::forms::{self, FormSettings};
use crate::input::{Input, PaymentNews};
use crate::model::{Order, State};
use crate::place::Pricing;
use crate::refusal::Refusal;

/// The message type, and the row name, of the timer that ends the wait for a payment.
pub const PAYMENT_DEADLINE: &str = "payment-deadline";

/// The source of orders that come in over a broker. No service of ours: whoever likes puts them there.
pub const INGRESS: &str = "ingress";
/// The type of an order that comes in over a broker, in any of the five forms.
pub const ORDER_PLACE: &str = "order.place";

/// The orders service.
#[derive(Clone, Copy, Debug)]
pub struct Orders {
    /// Its settings.
    pub settings: Settings,
}

/// Settings of the orders service.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How the forms of an order are read, also those that come in over a broker.
    pub forms: FormSettings,
    /// How long a buyer has to pay.
    pub payment_deadline: Duration,
    /// How many bytes an order that comes in over a broker may have. One that comes in over HTTP is measured there.
    pub message_bytes: usize,
}

impl Orders {
    /// What is too large is not looked at.
    fn decode_order(&self, data: &str) -> Result<Input, Malformed> {
        let (has, may_have) = (data.len(), self.settings.message_bytes);
        if has > may_have {
            return Err(Malformed(format!("the message has {has} bytes; an order has at most {may_have}")));
        }
        match forms::parse(data.as_bytes(), &self.settings.forms) {
            Ok(place) => Ok(Input::Place(Box::new(place))),
            Err(error) => Err(Malformed(error.summary())),
        }
    }
}

impl Service for Orders {
    const NAME: &'static str = "orders";
    const REACTIONS: &'static [Reaction] = &[
        Reaction { source: "catalog", kind: PRODUCT_CHANGED },
        Reaction { source: "catalog", kind: STOCK_CHANGED },
        Reaction { source: "catalog", kind: STOCK_RESERVED },
        Reaction { source: "catalog", kind: STOCK_REJECTED },
        Reaction { source: "payments", kind: PAYMENT_PAID },
        Reaction { source: "payments", kind: PAYMENT_FAILED },
        Reaction { source: "payments", kind: PAYMENT_UNKNOWN },
        Reaction { source: "payments", kind: PAYMENT_REFUNDED },
        Reaction { source: "processing", kind: ORDER_PROCESSED },
        Reaction { source: "notifications", kind: NOTIFICATION_SENT },
        Reaction { source: "notifications", kind: NOTIFICATION_FAILED },
        Reaction { source: INGRESS, kind: ORDER_PLACE },
    ];

    type Input = Input;
    type State = State;
    type Reply = Order;
    type Refusal = Refusal;

    fn decode(&self, _source: &str, kind: &str, data: &str) -> Result<Input, Malformed> {
        let payment = |news| Ok(Input::Payment(news, Box::new(serde_json::from_str(data)?)));
        match kind {
            PAYMENT_PAID => payment(PaymentNews::Paid),
            PAYMENT_FAILED => payment(PaymentNews::Failed),
            PAYMENT_UNKNOWN => payment(PaymentNews::Unknown),
            PAYMENT_REFUNDED => payment(PaymentNews::Refunded),
            ORDER_PROCESSED => Ok(Input::Processed(serde_json::from_str(data)?)),
            PRODUCT_CHANGED => {
                let changed: ProductChanged = serde_json::from_str(data)?;
                let product = Product::try_from(changed.product);
                Ok(Input::ProductChanged(Box::new(product.map_err(|error| Malformed(error.to_string()))?)))
            }
            STOCK_CHANGED => {
                let changed: StockChanged = serde_json::from_str(data)?;
                Ok(Input::StockChanged(changed.stock))
            }
            STOCK_RESERVED => Ok(Input::Stock(None)),
            STOCK_REJECTED => {
                let rejected: StockRejected = serde_json::from_str(data)?;
                Ok(Input::Stock(Some(rejected.reason)))
            }
            PAYMENT_DEADLINE => Ok(Input::PaymentDeadline),
            NOTIFICATION_SENT | NOTIFICATION_FAILED => Ok(Input::Told(serde_json::from_str(data)?)),
            ORDER_PLACE => self.decode_order(data),
            other => Err(Malformed(format!("orders does not know the type '{other}'"))),
        }
    }

    fn claims(&self, input: &Input) -> Vec<Claim> {
        match input {
            Input::Place(place) => place.claim().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn touch(&self, _key: &Key, input: &Input) -> Touch {
        let mut touch = Touch::default();
        if let Input::Place(place) = input
            && place.pricing == Pricing::Catalogue
        {
            touch.reads.extend(place.lines.iter().map(|line| Key::name(&line.product_id)));
        }
        touch
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, State>,
        message: &Message<Input>,
        context: &Context,
    ) -> Outcome<Self> {
        match &message.input {
            Input::Place(place) => self.place(draft, message, place, context),
            Input::Cancel(cancel) => self.cancel(draft, &message.key, cancel, context),
            Input::ProductChanged(product) => {
                draft.put(&message.key, State::Product((**product).clone()));
                Outcome::Change(Change::new())
            }
            Input::StockChanged(stock) => match draft.get(&message.key) {
                Some(State::Product(product)) => {
                    let product = Product { stock: Some(*stock), ..product.clone() };
                    draft.put(&message.key, State::Product(product));
                    Outcome::Change(Change::new())
                }
                _ => Outcome::Ignored,
            },
            Input::Stock(rejected) => self.stock(draft, &message.key, rejected.as_ref(), context),
            Input::Payment(news, payment) => self.payment(draft, &message.key, *news, payment, context),
            Input::Processed(processed) => self.processed(draft, &message.key, processed, context),
            Input::PaymentDeadline => self.deadline(draft, &message.key, context),
            Input::Told(told) => self.told(draft, &message.key, told),
            Input::Repaired(repaired) => self.repaired(draft, &message.key, repaired),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_too_large_is_not_read() {
        let order = r#"{"customer_name": "Ann", "total_amount": 1}"#;
        let forms = FormSettings { default_currency: "USD".parse().unwrap(), check_document_sums: false };
        let settings =
            Settings { forms, payment_deadline: Duration::from_secs(60), message_bytes: order.len() };
        let orders = Orders { settings };
        let decode = |order: &str| orders.decode(INGRESS, ORDER_PLACE, order);
        assert!(matches!(decode(order), Ok(Input::Place(_))));
        let Err(Malformed(reason)) = decode(&"{".repeat(44)) else { panic!("it is too large") };
        assert_eq!(reason, "the message has 44 bytes; an order has at most 43");
    }
}
