//! The id of a dead letter: whose it is, its key and its row, as one word that a path carries unchanged.
//!
//! `payments~019a1f2e-...~charge`. Letters, digits and `-` stand for themselves, `.` for a slash, and `_` with two hexadecimal
//! digits for any other byte; so an id can be read, copied and typed, and reads back as the very letter.

use engine::Key;

/// Whose letter, of which key, under which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LetterId {
    pub consumer: String,
    pub key: Key,
    pub name: String,
}

impl LetterId {
    /// The id as text.
    pub fn text(&self) -> String {
        let parts = [self.consumer.as_str(), &self.key.text(), &self.name];
        parts.map(escape).join("~")
    }

    /// Reads what [`Self::text`] wrote. None for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('~').map(unescape);
        let (consumer, key, name) = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then(|| Self { consumer, key: Key::read(&key), name })
    }
}

fn escape(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'/' => text.push('.'),
            b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => text.push(char::from(byte)),
            other => text += &format!("_{other:02x}"),
        }
    }
    text
}

fn unescape(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'.' => b'/',
            b'_' => 16 * digit(rest.next()?)? + digit(rest.next()?)?,
            b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => byte,
            _ => return None,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(key: Key, name: &str) -> LetterId {
        LetterId { consumer: "orders".to_owned(), key, name: name.to_owned() }
    }

    #[test]
    fn an_id_can_be_read_by_people() {
        let order = Key::Id(Uuid::from_u128(7));
        assert_eq!(id(order.clone(), "charge").text(), format!("orders~{order}~charge"));
        let held = id(Key::name("a b"), "held/payments/00000000000000000002").text();
        assert_eq!(held, "orders~a_20b~held.payments.00000000000000000002");
    }

    proptest! {
        #[test]
        fn an_id_reads_back_and_needs_no_escaping(key: String, name: String) {
            let id = id(Key::name(&key), &name);
            let text = id.text();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
            prop_assert_eq!(LetterId::read(&text), Some(id));
        }

        #[test]
        fn whatever_comes_is_read_or_not(text: String) {
            if let Some(id) = LetterId::read(&text) {
                prop_assert_eq!(LetterId::read(&id.text()), Some(id));
            }
        }
    }

    #[test]
    fn what_is_no_id_is_none() {
        let wrong = ["", "orders", "orders~a", "orders~a~b~c", "orders~a~_2", "orders~a~_zz", "orders~a~_ff"];
        for text in wrong.into_iter().chain(["orders~a b~c"]) {
            assert_eq!(LetterId::read(text), None, "{text}");
        }
    }
}
