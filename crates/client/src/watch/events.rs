//! The public events of all orders, as they are published.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Then, hear};
use crate::args::Watch;
use crate::output::{print, say};
use crate::sse::Event;
use crate::table::clean;
use crate::target::Target;

/// A public event, as far as it is shown.
#[derive(Deserialize)]
struct Published<'e> {
    time: String,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    #[serde(borrow)]
    data: Option<&'e RawValue>,
}

/// Watches the events, without end.
pub async fn watch(target: &Target, watch: &Watch, json: bool) -> Result<()> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(watch.kinds.iter().map(|kind| ("type", kind)));
    query.extend_pairs(watch.topic.iter().map(|topic| ("topic", topic)));
    let query = query.finish();
    let path = if query.is_empty() { "/api/v1/events".to_owned() } else { format!("/api/v1/events?{query}") };
    hear(target, &path, watch, |event| tell(event, json)).await
}

fn tell(event: &Event, json: bool) -> Result<Then> {
    match (event.name.as_str(), json) {
        (_, _) if event.data.is_empty() => {}
        ("gap", _) => eprintln!("a gap: events were published that cannot be told any more"),
        (_, true) => print(event.data.replace('\n', " "))?,
        (_, false) => say(line(&event.data)?)?,
    }
    Ok(Then::GoOn)
}

fn line(data: &str) -> Result<String> {
    let event: Published<'_> = serde_json::from_str(data).context("an event cannot be read")?;
    let data = event.data.map_or("", RawValue::get);
    Ok(clean(&format!("{:<27}  {:<18}  {:<36}  {data}", event.time, event.kind, event.subject)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_line() {
        let data =
            r#"{"time": "2026-01-01T00:00:00Z", "type": "order.paid", "subject": "01", "data": {"a": 1.50}}"#;
        let expected =
            format!("{:<27}  {:<18}  {:<36}  {{\"a\": 1.50}}", "2026-01-01T00:00:00Z", "order.paid", "01");
        assert_eq!(line(data).unwrap(), expected);
        assert!(line("{}").is_err());
    }
}
