//! Attributes as headers: CloudEvents' Kafka protocol binding 1.0.2, binary mode.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use broker::attributes;
use broker::event::{CONTENT_TYPE, KAFKA_HEADER};
use engine::Record;
use rdkafka::message::{Header, Headers, OwnedHeaders};

/// The header of the one attribute that has no prefix.
const CONTENT_TYPE_HEADER: &str = "content-type";

/// The headers of an event of ours.
pub(crate) fn written(record: &Record) -> OwnedHeaders {
    let attributes = attributes(record);
    let headers = OwnedHeaders::new_with_capacity(attributes.len());
    attributes.into_iter().fold(headers, |headers, (name, value)| {
        let key = match name {
            CONTENT_TYPE => CONTENT_TYPE_HEADER.to_owned(),
            name => format!("{KAFKA_HEADER}{name}"),
        };
        headers.insert(Header { key: &key, value: Some(value.as_bytes()) })
    })
}

/// The attributes among the headers of any message. What is no text is none.
pub(crate) fn read<H: Headers>(headers: &H) -> BTreeMap<String, String> {
    (0..headers.count()).filter_map(|index| attribute(headers, index)).collect()
}

fn attribute<H: Headers>(headers: &H, index: usize) -> Option<(String, String)> {
    // The library panics at a name that is no UTF-8. Somebody else chose it, and it must not stop the inlet.
    let header = catch_unwind(AssertUnwindSafe(|| headers.try_get(index))).ok()??;
    let name = match header.key {
        key if key.eq_ignore_ascii_case(CONTENT_TYPE_HEADER) => CONTENT_TYPE,
        key => key.strip_prefix(KAFKA_HEADER)?,
    };
    Some((name.to_owned(), std::str::from_utf8(header.value?).ok()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use engine::Key;
    use jiff::Timestamp;

    use super::*;

    fn record() -> Record {
        Record {
            source: "orders".to_owned(),
            key: Key::name("margherita"),
            sequence: Some(3),
            foreign_id: None,
            steps: None,
            kind: "order.paid".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            data: "{}".to_owned(),
        }
    }

    fn header<'h>(key: &'h str, value: &'h [u8]) -> Header<'h, &'h [u8]> {
        Header { key, value: Some(value) }
    }

    #[test]
    fn attributes_have_a_prefix_but_for_the_content_type() {
        let written = written(&record());
        let text = |header: Header<'_, &[u8]>| {
            format!("{}={}", header.key, String::from_utf8_lossy(header.value.unwrap_or_default()))
        };
        let headers: Vec<_> = written.iter().map(text).collect();
        assert_eq!(
            headers,
            [
                "ce_specversion=1.0",
                "ce_id=margherita:3",
                "ce_source=orders",
                "ce_type=order.paid",
                "ce_subject=margherita",
                "ce_time=1970-01-01T00:00:00Z",
                "content-type=application/json",
                "ce_sequence=3",
            ]
        );
    }

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let record = record();
        let expected =
            attributes(&record).into_iter().map(|(name, value)| (name.to_owned(), value.into_owned()));
        assert_eq!(read(&written(&record)), expected.collect());
    }

    #[test]
    fn headers_that_are_no_attributes_are_passed_over() {
        let headers = OwnedHeaders::new()
            .insert(header("traceparent", b"00-1-2-01"))
            .insert(header("ce_type", b"order.processed"))
            .insert(header("ce_subject", &[0xff, 0xfe]))
            .insert(Header::<&[u8]> { key: "ce_source", value: None })
            .insert(header("Content-Type", b"text/plain"));
        let expected = [("datacontenttype", "text/plain"), ("type", "order.processed")];
        assert_eq!(read(&headers), expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    /// Headers of which the library cannot read the name of the first.
    struct Broken(OwnedHeaders);

    impl Headers for Broken {
        fn count(&self) -> usize {
            self.0.count()
        }

        fn try_get(&self, index: usize) -> Option<Header<'_, &[u8]>> {
            assert_ne!(index, 0, "no UTF-8");
            self.0.try_get(index)
        }
    }

    #[test]
    fn a_name_that_is_no_text_stops_nothing() {
        let headers =
            OwnedHeaders::new().insert(header("ce_id", b"1")).insert(header("ce_type", b"order.processed"));
        let expected = [("type".to_owned(), "order.processed".to_owned())];
        assert_eq!(read(&Broken(headers)), expected.into());
    }
}
