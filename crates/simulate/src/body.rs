//! The orders themselves: the JSON body of order n in each of the five forms.
//!
//! Bodies are written as text straight away; nothing is built and then serialized. All are valid by the contract.

use bytes::Bytes;
use serde_json::Value;

use crate::{
    dice::Dice,
    mix::{Form, Mix},
};

/// Who orders.
const CUSTOMERS: [&str; 8] = [
    "Ada Lovelace",
    "Alan Turing",
    "Barbara Liskov",
    "Edsger Dijkstra",
    "Grace Hopper",
    "John Doe",
    "Leslie Lamport",
    "Мария Соколова",
];

/// A full document, cut at the two places where the `order_uid` stands.
const DOCUMENT: [&str; 3] = [
    r#"{"order_uid":""#,
    concat!(
        r#"","track_number":"ORDOTRACK0042","entry":"ORDO","delivery":{"name":"Мария Соколова","#,
        r#""phone":"+79161234567","zip":"420015","city":"Казань","address":"ул. Карла Маркса, д. 61","#,
        r#""region":"Республика Татарстан","email":"m.sokolova@example.org"},"payment":{"transaction":""#
    ),
    concat!(
        r#"","request_id":"","currency":"RUB","provider":"demopay","amount":3265,"payment_dt":1760961600,"#,
        r#""bank":"sber","delivery_cost":350,"goods_total":2915,"custom_fee":0},"items":[{"chrt_id":7340021,"#,
        r#""track_number":"ORDOTRACK0042","price":1900,"rid":"9f4c1a7be02d4c55a1demo01","name":"Кофемолка ручная","#,
        r#""sale":15,"size":"0","total_price":1615,"nm_id":5120447,"brand":"Severny Dom","status":202},"#,
        r#"{"chrt_id":7340055,"track_number":"ORDOTRACK0042","price":1300,"rid":"9f4c1a7be02d4c55a1demo02","#,
        r#""name":"Набор чашек, 4 шт.","sale":0,"size":"M","total_price":1300,"nm_id":5120981,"#,
        r#""brand":"Gzhel Studio","status":202}],"locale":"ru","internal_signature":"","#,
        r#""customer_id":"customer-1087","delivery_service":"boxberry","shardkey":"4","sm_id":31,"#,
        r#""date_created":"2025-10-20T12:00:05Z","oof_shard":"1"}"#
    ),
];

/// Writes orders. The same seed and number give the same order, but for its external id.
pub struct Writer {
    /// How often each form comes up.
    pub mix: Mix,
    /// Catalogue ids to order; not empty when catalogue lines are in the mix.
    pub products: Vec<String>,
    /// Payment method of forms 1 to 4, if one was asked for.
    pub payment_method: Option<String>,
    /// What the content is drawn from.
    pub seed: u64,
    /// Tells this run's external ids and idempotency keys from those of any other run.
    pub run: u64,
}

impl Writer {
    /// The form and the body of order `number`.
    pub fn order(&self, number: u64) -> (Form, Bytes) {
        let mut dice = Dice::of(self.seed, number);
        let form = self.mix.draw(&mut dice);
        let body = match form {
            Form::Amount => self.amount(&mut dice),
            Form::Priced => self.priced(&mut dice),
            Form::Catalogue => self.catalogue(&mut dice),
            Form::Declared => self.declared(&mut dice),
            Form::Document => self.document(number),
        };
        (form, body.into())
    }

    /// The idempotency key of order `number`.
    pub fn idempotency_key(&self, number: u64) -> String {
        format!("simulate-{:016x}-{number}", self.run)
    }

    fn amount(&self, dice: &mut Dice) -> String {
        let customer = dice.pick(&CUSTOMERS).copied().unwrap_or_default();
        let total = price(dice);
        format!(
            r#"{{"customer_name":"{customer}","total_amount":{total}{}}}"#,
            self.payment("payment_method")
        )
    }

    fn priced(&self, dice: &mut Dice) -> String {
        let customer = dice.below(1000);
        let items = lines(dice, |dice| {
            let (product, quantity, price) = (dice.below(50), 1 + dice.below(3), price(dice));
            format!(r#"{{"product_id":"product-{product}","quantity":{quantity},"price":{price}}}"#)
        });
        let payment = self.payment("payment_method");
        format!(r#"{{"customer_id":"customer-{customer}","items":[{items}]{payment}}}"#)
    }

    fn catalogue(&self, dice: &mut Dice) -> String {
        let items = lines(dice, |dice| {
            let product = dice.pick(&self.products).map_or("margherita", String::as_str);
            let quantity = 1 + dice.below(2);
            format!(r#"{{"pizzaId":{},"quantity":{quantity}}}"#, quoted(product))
        });
        let house = 1 + dice.below(200);
        let method = quoted(self.payment_method.as_deref().unwrap_or("card"));
        format!(r#"{{"items":[{items}],"deliveryAddress":"Test Street {house}","paymentMethod":{method}}}"#)
    }

    fn declared(&self, dice: &mut Dice) -> String {
        let (user, amount) = (dice.below(1000), 10 + dice.below(500));
        let products = lines(dice, |dice| {
            let (product, quantity) = (dice.below(50), 1 + dice.below(20));
            format!(r#"{{"product_id":"product_{product:03}","quantity":{quantity}}}"#)
        });
        let payment = self.payment("payment_method");
        format!(r#"{{"user_id":"user_{user}","amount":"{amount}","products":[{products}]{payment}}}"#)
    }

    fn document(&self, number: u64) -> String {
        DOCUMENT.join(&format!("{:016x}{number:x}load", self.run))
    }

    /// The member that makes an order payable, or nothing.
    fn payment(&self, member: &str) -> String {
        match &self.payment_method {
            Some(method) => format!(r#","{member}":{}"#, quoted(method)),
            None => String::new(),
        }
    }
}

/// One to three lines.
fn lines(dice: &mut Dice, mut line: impl FnMut(&mut Dice) -> String) -> String {
    let count = 1 + dice.below(3);
    (0..count).map(|_| line(dice)).collect::<Vec<_>>().join(",")
}

/// A price from 1.00 to 50.99.
fn price(dice: &mut Dice) -> String {
    let (whole, cents) = (1 + dice.below(50), dice.below(100));
    format!("{whole}.{cents:02}")
}

/// Text as a JSON string.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(mix: &str, payment_method: Option<&str>) -> Writer {
        Writer {
            mix: mix.parse().unwrap(),
            products: vec!["margherita".to_owned(), "quattro-formaggi".to_owned()],
            payment_method: payment_method.map(str::to_owned),
            seed: 7,
            run: 0xABCD,
        }
    }

    fn json(writer: &Writer, number: u64) -> Value {
        serde_json::from_slice(&writer.order(number).1).unwrap()
    }

    #[test]
    fn every_form_has_its_telling_keys() {
        for (form, keys) in [
            ("1", &["customer_name", "total_amount"][..]),
            ("2", &["customer_id", "items"]),
            ("3", &["items", "deliveryAddress", "paymentMethod"]),
            ("4", &["user_id", "amount", "products"]),
        ] {
            let body = json(&writer(form, None), 1);
            let mut found: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
            let mut keys = keys.to_vec();
            found.sort_unstable();
            keys.sort_unstable();
            assert_eq!(found, keys);
        }
    }

    #[test]
    fn a_payment_method_reaches_forms_one_to_four() {
        for form in ["1", "2", "4"] {
            assert_eq!(json(&writer(form, Some("cash")), 3)["payment_method"], "cash");
        }
        assert_eq!(json(&writer("3", Some("cash")), 3)["paymentMethod"], "cash");
        assert_eq!(json(&writer("3", None), 3)["paymentMethod"], "card");
        assert!(json(&writer("5", Some("cash")), 3).get("payment_method").is_none());
    }

    #[test]
    fn a_document_is_whole_and_fresh() {
        let writer = writer("document", None);
        let (first, second) = (json(&writer, 1), json(&writer, 2));
        assert_ne!(first["order_uid"], second["order_uid"]);
        assert_eq!(first["order_uid"], first["payment"]["transaction"]);
        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        assert_eq!(first.as_object().unwrap().len(), 14);
    }

    #[test]
    fn order_n_of_a_seed_is_always_the_same_order() {
        let (one, other) = (writer(Mix::DEFAULT, None), writer(Mix::DEFAULT, None));
        assert!((0..100).all(|number| one.order(number) == other.order(number)));
    }
}
