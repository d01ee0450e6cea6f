//! A public event as it is written: a CloudEvent in structured mode (CloudEvents 1.0, JSON format).

use engine::Record;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// A public event.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventView<'a> {
    /// The version of CloudEvents.
    #[schema(example = "1.0")]
    specversion: &'static str,
    /// Tells it from all others of its source.
    #[schema(example = "018f3c5e-0000-7000-8000-000000000001:2")]
    id: String,
    /// The service that published it.
    #[schema(example = "orders")]
    source: &'a str,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(example = "order.paid")]
    kind: &'a str,
    /// What it is about: an order's id, a product's name.
    subject: String,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    /// What the data is written in.
    datacontenttype: &'static str,
    /// 1, 2, 3 for the events of one source about one subject.
    #[schema(example = "2")]
    sequence: Option<String>,
    /// The particulars.
    #[schema(value_type = Object)]
    data: Option<&'a RawValue>,
}

impl<'a> From<&'a Record> for EventView<'a> {
    fn from(record: &'a Record) -> Self {
        Self {
            specversion: "1.0",
            id: record.id(),
            source: &record.source,
            kind: &record.kind,
            subject: record.key.text(),
            time: record.time,
            datacontenttype: "application/json",
            sequence: record.sequence.map(|sequence| sequence.to_string()),
            data: serde_json::from_str(&record.data).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use engine::Key;
    use serde_json::json;

    use super::*;
    use crate::tests::NOW;

    #[test]
    fn it_says_what_brokers_carry() {
        let record = Record {
            source: "orders".to_owned(),
            key: Key::name("margherita"),
            sequence: Some(2),
            foreign_id: None,
            steps: None,
            kind: "order.paid".to_owned(),
            time: NOW,
            data: r#"{"paid": 1.50}"#.to_owned(),
        };
        let mut event = serde_json::to_value(EventView::from(&record)).unwrap();
        let text = serde_json::to_string(&EventView::from(&record)).unwrap();
        assert!(text.ends_with(r#""data":{"paid": 1.50}}"#), "amounts keep their decimals: {text}");
        for (name, value) in broker::attributes(&record) {
            assert_eq!(event.as_object_mut().unwrap().remove(name), Some(json!(value)), "{name}");
        }
        assert_eq!(event.as_object().unwrap().keys().collect::<Vec<_>>(), ["data"]);
    }
}
