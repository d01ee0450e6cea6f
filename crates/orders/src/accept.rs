//! Accepting an order: the handling of [`PlaceOrder`].

use contract::events::{Awaits, Item, ORDER_CREATED, OrderCreated};
use contract::{Amount, Language};
use engine::retry::later;
use engine::{Change, Context, Draft, Key, Message, Outcome, Scheduled};

use crate::conclude::order_of;
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
        let order = Order::new(key.id().unwrap_or_default(), content, context.now);
        let entry = Entry::new(EntryKind::Event, ORDER_CREATED, "The order was accepted.", "orders");
        let mut change = Change::new()
            .event(key, ORDER_CREATED, created_event(&order, place.language))
            .note(key, entry.encode());
        if order.content.is_payable() {
            let due = later(context.now, self.settings.payment_deadline);
            let timer = Scheduled::timer(key.clone(), PAYMENT_DEADLINE, due, PAYMENT_DEADLINE, String::new());
            change = change.schedule(timer);
        }
        draft.put(key, State::Order(order.clone()));
        Outcome::Change(change.reply(order))
    }
}

fn created_event(order: &Order, language: Option<Language>) -> String {
    let content = &order.content;
    let amount = |minor| Amount::from(contract::Money { minor, currency: content.currency });
    let items = content.lines.iter().map(|line| Item {
        product_id: line.product_id.clone(),
        quantity: line.quantity,
        price: line.price.map(amount),
    });
    let event = OrderCreated {
        event_type: ORDER_CREATED.to_owned(),
        order_id: order.id,
        customer_id: content.customer_id.clone(),
        customer_name: content.customer_name.clone(),
        items: items.collect(),
        total_amount: amount(content.total),
        currency: content.currency,
        payment_method: content.payment_method.clone().filter(|_| content.is_payable()),
        awaits: if content.is_payable() { vec![Awaits::Payment] } else { Vec::new() },
        created_at: order.created_at,
        recipient: content.delivery.as_ref().and_then(|delivery| delivery.email.clone()),
        language,
    };
    serde_json::to_string(&event).unwrap_or_default()
}
