//! Accepting an order: the handling of [`PlaceOrder`].

use contract::events::{Awaits, ORDER_CREATED, OrderCreated};
use contract::{Amount, Language};
use engine::retry::later;
use engine::{Change, Context, Draft, Key, Message, Outcome, Scheduled};

use crate::conclude::{items, order_of};
use crate::input::Input;
use crate::model::{Content, Order, State};
use crate::place::PlaceOrder;
use crate::pricing::price;
use crate::service::{Orders, PAYMENT_DEADLINE};
use crate::timeline::{Entry, EntryKind};

impl Orders {
    /// Prices and accepts an order. An order that is there already was placed by this very command, whose commit
    /// nobody heard of.
    pub(crate) fn place(
        &self,
        draft: &mut Draft<'_, State>,
        message: &Message<Input>,
        place: &PlaceOrder,
        context: &Context,
    ) -> Outcome<Self> {
        let key = &message.key;
        if let Some(order) = order_of(draft, key) {
            return Outcome::Change(Change::new().reply(order.clone()));
        }
        let product = |id: &str| match draft.get(&Key::name(id)) {
            Some(State::Product(product)) => Some(product),
            _ => None,
        };
        let priced = match price(place, self.settings.forms.default_currency, product) {
            Ok(priced) => priced,
            Err(refusal) => return Outcome::Refused(refusal),
        };
        let content = Content {
            customer_id: place.customer_id.clone(),
            customer_name: place.customer_name.clone(),
            lines: priced.lines,
            total: priced.total,
            currency: priced.currency,
            delivery: place.delivery.clone(),
            payment_method: place.payment_method.clone(),
            external_id: place.external_id.clone(),
            metadata: place.metadata.clone(),
            document: place.document.clone(),
        };
        let order = Order::new(key.id().unwrap_or_default(), content, priced.tracked, context.now);
        let entry = Entry::new(EntryKind::Event, ORDER_CREATED, "The order was accepted.", "orders");
        let created = created_event(&order, place.language);
        let mut change =
            Change::new().opening(key, ORDER_CREATED, steps(&order), created).note(key, entry.encode());
        if order.content.is_payable() {
            let due = later(context.now, self.settings.payment_deadline);
            let timer = Scheduled::timer(key.clone(), PAYMENT_DEADLINE, due, PAYMENT_DEADLINE, String::new());
            change = change.schedule(timer);
        }
        draft.put(key, State::Order(order.clone()));
        Outcome::Change(change.reply(order))
    }
}

/// The steps that an order takes. They follow from what never changes of it.
fn steps(order: &Order) -> &'static str {
    match (order.is_tracked(), order.content.is_payable()) {
        (false, false) => "processing,notification",
        (false, true) => "payment,processing,notification",
        (true, false) => "stock,processing,notification",
        (true, true) => "stock,payment,processing,notification",
    }
}

fn awaits(order: &Order) -> Vec<Awaits> {
    let stock = order.is_tracked().then_some(Awaits::Stock);
    let payment = order.content.is_payable().then_some(Awaits::Payment);
    stock.into_iter().chain(payment).collect()
}

fn created_event(order: &Order, language: Option<Language>) -> String {
    let content = &order.content;
    let event = OrderCreated {
        event_type: ORDER_CREATED.to_owned(),
        order_id: order.id,
        customer_id: content.customer_id.clone(),
        customer_name: content.customer_name.clone(),
        items: items(content),
        total_amount: Amount::from(content.total()),
        currency: content.currency,
        payment_method: content.payment_method.clone().filter(|_| content.is_payable()),
        awaits: awaits(order),
        created_at: order.created_at,
        recipient: content.delivery.as_ref().and_then(|delivery| delivery.email.clone()),
        language: language.map(|language| language.to_string()),
    };
    serde_json::to_string(&event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use contract::events::{NOTIFICATION_STEP, PAYMENT_STEP, PROCESSING_STEP, STOCK_STEP};
    use jiff::Timestamp;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_steps_of_an_order_are_what_it_awaits_its_processing_and_telling_of_it() {
        for (tracked, payable) in [(false, false), (false, true), (true, false), (true, true)] {
            let content = json!({"lines": [], "total": 1, "currency": "USD", "metadata": {},
                "payment_method": payable.then_some("card")});
            let content = serde_json::from_value(content).unwrap();
            let order = Order::new(Uuid::nil(), content, tracked, Timestamp::UNIX_EPOCH);
            let named = |awaits: &Awaits| match awaits {
                Awaits::Stock => STOCK_STEP,
                Awaits::Payment => PAYMENT_STEP,
            };
            let mut expected: Vec<_> = awaits(&order).iter().map(named).collect();
            expected.extend([PROCESSING_STEP, NOTIFICATION_STEP]);
            assert_eq!(steps(&order), expected.join(","));
        }
    }
}
