//! Words that are looked for, and the text of an order in which they may occur.
//!
//! A word occurs wherever its letters stand, also within another word, whatever their case; Russian `ё` is `е`. All words have
//! to occur somewhere in the order: its ids, its customer, where it goes, its products, and the track numbers of a document.

use serde::Deserialize;

use crate::model::Order;

/// The shortest word that leads to an order. Shorter ones only narrow down what longer ones have found.
pub const SHORTEST: usize = 3;
/// The longest text that is looked for, in characters.
pub const LONGEST: usize = 200;

/// Words that are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Vec<String>);

impl Text {
    /// Reads what somebody typed. None: it has no word of at least [`SHORTEST`] characters, or more than [`LONGEST`].
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.chars().count() > LONGEST {
            return None;
        }
        let mut words: Vec<String> = folded(typed).split_whitespace().map(str::to_owned).collect();
        words.sort_unstable();
        words.dedup();
        words.iter().any(|word| word.chars().count() >= SHORTEST).then_some(Self(words))
    }

    /// The words, folded.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether all words occur in the order, or in the document it came as, as far as that is known.
    pub fn occurs_in(&self, order: &Order, document: Option<&str>) -> bool {
        let text = text_of(order, document);
        self.words().all(|word| text.contains(word))
    }
}

/// All that can be looked for in an order, folded, a line for each thing.
pub fn text_of(order: &Order, document: Option<&str>) -> String {
    let content = &order.content;
    let mut text = order.id.to_string();
    let mut add = |part: Option<&String>| {
        if let Some(part) = part {
            text.push('\n');
            text.push_str(part);
        }
    };
    let named = [&content.external_id, &content.customer_id, &content.customer_name];
    named.into_iter().for_each(|part| add(part.as_ref()));
    if let Some(delivery) = &content.delivery {
        let contract::Delivery { name, phone, zip, city, address, region, email } = delivery;
        let parts = [name, phone, zip, city, address, region, email];
        parts.into_iter().for_each(|part| add(part.as_ref()));
    }
    for line in &content.lines {
        add(Some(&line.product_id));
        add(line.name.as_ref());
    }
    document.map(track_numbers).unwrap_or_default().iter().for_each(|number| add(Some(number)));
    folded(&text)
}

/// The track numbers of a document: its own, and those of its items that are others.
fn track_numbers(document: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Tracked {
        track_number: String,
    }
    #[derive(Deserialize)]
    struct Document {
        track_number: String,
        #[serde(default)]
        items: Vec<Tracked>,
    }
    let Ok(document) = serde_json::from_str::<Document>(document) else { return Vec::new() };
    let mut numbers = vec![document.track_number];
    numbers.extend(document.items.into_iter().map(|item| item.track_number));
    numbers.dedup();
    numbers
}

/// Text as it is compared.
fn folded(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

#[cfg(test)]
mod tests {
    use contract::Delivery;
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::model::{Content, Line};

    fn order() -> Order {
        let delivery = Delivery {
            name: Some("Семён Ёлкин".to_owned()),
            phone: Some("+79001234567".to_owned()),
            zip: None,
            city: Some("Казань".to_owned()),
            address: Some("Ploshad Mira 15".to_owned()),
            region: None,
            email: Some("Ann@Example.com".to_owned()),
        };
        let line = Line {
            product_id: "margherita".to_owned(),
            name: Some("Pizza Margherita".to_owned()),
            quantity: 1,
            price: None,
            total: None,
        };
        let content = Content {
            customer_id: Some("c-1".to_owned()),
            customer_name: None,
            lines: vec![line],
            total: 1,
            currency: "USD".parse().unwrap(),
            delivery: Some(delivery),
            payment_method: None,
            external_id: Some("X-77".to_owned()),
            metadata: serde_json::Map::new(),
            document: None,
        };
        Order::new(Uuid::from_u128(0xab), content, false, Timestamp::UNIX_EPOCH)
    }

    fn occurs(typed: &str) -> bool {
        Text::parse(typed)
            .unwrap()
            .occurs_in(&order(), Some(r#"{"track_number": "WBIL", "items": [{"track_number": "T2"}]}"#))
    }

    #[test]
    fn words_occur_in_any_order_and_in_any_part() {
        for typed in [
            "mira",
            "15 MIRA",
            "казань елкин",
            "СЕМЕН",
            "900123",
            "example.com",
            "zza marg",
            "x-77",
            "0000ab",
            "wbil t2",
        ] {
            assert!(occurs(typed), "{typed}");
        }
        for typed in ["mira 16", "mirapl", "usd", "c-11"] {
            assert!(!occurs(typed), "{typed}");
        }
    }

    #[test]
    fn what_has_no_word_to_go_by_is_not_looked_for() {
        for typed in ["", "  ", "ab", "15 16", &"x".repeat(LONGEST + 1)] {
            assert_eq!(Text::parse(typed), None, "{typed}");
        }
        assert_eq!(Text::parse(" B abc abc ").unwrap().words().collect::<Vec<_>>(), ["abc", "b"]);
    }
}
