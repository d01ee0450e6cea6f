//! What topics and groups are called: the prefix, and what the port calls them.

use broker::{Reader, TOPICS, Topic};

use crate::open_error::OpenError;

/// Where an operator may put what cannot be handled. It is created beside the topics of events; nothing here writes to it.
pub(crate) const DEAD_LETTERS: &str = "dlq-events";
/// The longest name that Kafka takes.
const LONGEST: usize = 249;

/// The names of one shop.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    prefix: String,
}

impl Names {
    /// The names behind `prefix`.
    ///
    /// # Errors
    /// [`OpenError::Name`] if one of them, or of the readers' groups, is none for Kafka.
    pub fn new(prefix: &str, readers: &[Reader]) -> Result<Self, OpenError> {
        let names = Self { prefix: prefix.to_owned() };
        let groups = readers.iter().map(|reader| names.group(reader));
        match names.all().into_iter().chain(groups).find(|name| !is_legal(name)) {
            Some(name) => Err(OpenError::Name(name)),
            None => Ok(names),
        }
    }

    /// The topic of a source.
    pub fn topic(&self, topic: &Topic) -> String {
        format!("{}{}", self.prefix, topic.name)
    }

    /// The group whose members share what a reader reads.
    pub fn group(&self, reader: &Reader) -> String {
        format!("{}{}", self.prefix, reader.group())
    }

    /// All topics that have to be there.
    pub fn all(&self) -> Vec<String> {
        let dead_letters = format!("{}{DEAD_LETTERS}", self.prefix);
        TOPICS.iter().map(|topic| self.topic(topic)).chain([dead_letters]).collect()
    }
}

fn is_legal(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.len() <= LONGEST && name.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader() -> Reader {
        Reader { consumer: "payments", topic: Topic::of("orders").unwrap() }
    }

    #[test]
    fn everything_has_the_prefix() {
        let names = Names::new("shop-1.", &[reader()]).unwrap();
        assert_eq!(names.topic(reader().topic), "shop-1.order-events");
        assert_eq!(names.group(&reader()), "shop-1.payments.orders");
        assert_eq!(names.all().len(), TOPICS.len() + 1);
        assert!(names.all().iter().all(|name| name.starts_with("shop-1.")), "{:?}", names.all());
        assert!(names.all().contains(&"shop-1.dlq-events".to_owned()));
    }

    #[test]
    fn names_that_kafka_does_not_take_are_refused() {
        for prefix in ["shop 1", "café-", "a/b", &"x".repeat(LONGEST)] {
            assert!(matches!(Names::new(prefix, &[]), Err(OpenError::Name(_))), "{prefix}");
        }
        let fits = "x".repeat(LONGEST - "notification-events".len());
        assert!(Names::new(&fits, &[]).is_ok());
        assert!(Names::new(&fits, &[Reader { consumer: "processing-twice", ..reader() }]).is_err());
    }
}
