//! What is kept of an order.

use std::sync::Arc;

use orders::Order;
use serde::{Deserialize, Serialize};

/// Which fields an entry has as text. To be raised with every change of them, so that instances of two versions do not read
/// each other's entries.
const SHAPE: u32 = 1;

/// A settled order, with the document it came as, if it came as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The order.
    pub order: Order,
    /// The document, whole.
    pub document: Option<String>,
}

#[derive(Serialize)]
struct Written<'e> {
    shape: u32,
    order: &'e Order,
    document: Option<&'e str>,
}

#[derive(Deserialize)]
struct Read {
    shape: u32,
    order: Order,
    document: Option<String>,
}

impl Entry {
    /// What is kept of `order`.
    pub fn new(mut order: Order, document: Option<String>) -> Self {
        // A store that has just placed the order may still have the document here as well.
        if order.content.document.is_some() {
            Arc::make_mut(&mut order.content).document = None;
        }
        Self { order, document }
    }

    /// The entry as text. None: there is something in it that cannot be written.
    pub fn encode(&self) -> Option<String> {
        let written = Written { shape: SHAPE, order: &self.order, document: self.document.as_deref() };
        serde_json::to_string(&written).ok()
    }

    /// Reads what [`Self::encode`] wrote. None: another version of ordo wrote it, or nobody did.
    pub fn decode(text: &str) -> Option<Self> {
        let Read { shape, order, document } = serde_json::from_str(text).ok()?;
        (shape == SHAPE).then_some(Self { order, document })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An order with everything that an order can have. If this changes, [`SHAPE`] has to be raised.
    const TEXT: &str = concat!(
        r#"{"shape":1,"order":{"id":"01940000-0000-7000-8000-000000000007","content":{"customer_id":"c-1","#,
        r#""customer_name":"Ann","lines":[{"product_id":"margherita","name":"Margherita","quantity":2,"price":900,"#,
        r#""total":1800}],"total":1800,"currency":"USD","delivery":{"name":"Ann","phone":null,"zip":null,"city":null,"#,
        r#""address":null,"region":null,"email":null},"payment_method":"card","external_id":"x-1","metadata":{"ratio":"#,
        r#"0.30000000000000004,"tiny":5e-324}},"facts":{"payment":"paid","processing":{"rejected":{"code":"burnt","#,
        r#""message":"It is burnt."}},"cancelled":null,"paid":1800,"refunded":300},"version":5,"#,
        r#""created_at":"2026-01-01T12:00:00.123456Z","updated_at":"2026-01-01T12:00:09Z"},"#,
        r#""document":"{\"order_uid\": \"x-1\"}"}"#
    );

    #[test]
    fn an_entry_reads_back_word_for_word() {
        let entry = Entry::decode(TEXT).unwrap();
        assert!(entry.order.is_settled());
        assert_eq!(entry.encode().as_deref(), Some(TEXT));
    }

    #[test]
    fn numbers_read_back_to_the_last_bit() {
        // Without care for the last bit, one in ten of those between a half and one is read as its neighbour.
        for number in 0..600_u64 {
            let fraction = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 12;
            let number = f64::from_bits(0x3fe0_0000_0000_0000 | fraction);
            let mut entry = Entry::decode(TEXT).unwrap();
            let mut content = (*entry.order.content).clone();
            content.metadata.insert("number".to_owned(), number.into());
            entry.order.content = content.into();
            assert_eq!(Entry::decode(&entry.encode().unwrap()), Some(entry));
        }
    }

    #[test]
    fn what_another_version_wrote_is_not_read() {
        assert_eq!(Entry::decode(&TEXT.replacen("\"shape\":1", "\"shape\":2", 1)), None);
        assert_eq!(Entry::decode(&TEXT.replacen("\"version\":5", "\"revision\":5", 1)), None);
        for text in ["", "{}", "[]", "\u{0}"] {
            assert_eq!(Entry::decode(text), None, "{text}");
        }
    }
}
