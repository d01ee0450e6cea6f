//! One order: its timeline as it happens, until the order has ended.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Then, hear};
use crate::args::Watch;
use crate::ask::ask;
use crate::output::{print, say};
use crate::show::segment;
use crate::sse::Event;
use crate::table::clean;
use crate::target::Target;

/// What an order ends with.
const ENDS: [&str; 3] = ["order.completed", "order.failed", "order.cancelled"];

/// An entry of the timeline, as far as it is shown.
#[derive(Deserialize)]
struct Entry {
    seq: u64,
    at: String,
    #[serde(rename = "type")]
    kind: String,
    message: String,
    actor: String,
}

/// Watches the order.
pub async fn watch(target: &Target, id: &str, watch: &Watch, json: bool) -> Result<()> {
    let path = format!("/api/v1/orders/{}", segment(id));
    let mut told = 0;
    hear(target, &format!("{path}/stream"), watch, |event| heard(event, &mut told, watch.follow, json))
        .await?;
    // What came behind the end before it was watched, such as money that went back.
    let timeline = ask(target, target.get(&format!("{path}/timeline"))?).await?;
    let entries: Vec<Box<RawValue>> =
        serde_json::from_slice(&timeline).context("the answer is no timeline")?;
    entries.iter().try_for_each(|entry| tell(entry.get(), &mut told, json).map(drop))
}

fn heard(event: &Event, told: &mut u64, follow: bool, json: bool) -> Result<Then> {
    if event.name != "entry" {
        return Ok(Then::GoOn);
    }
    let kind = tell(&event.data, told, json)?;
    let has_ended = kind.is_some_and(|kind| ENDS.contains(&&*kind));
    Ok(if has_ended && !follow { Then::Stop } else { Then::GoOn })
}

/// Tells an entry that was not told yet. Answers its type.
fn tell(entry: &str, told: &mut u64, json: bool) -> Result<Option<String>> {
    let read: Entry = serde_json::from_str(entry).context("an entry cannot be read")?;
    if read.seq <= *told {
        return Ok(None);
    }
    *told = read.seq;
    match json {
        true => print(entry.replace('\n', " "))?,
        false => say(line(&read))?,
    }
    Ok(Some(read.kind))
}

fn line(Entry { at, kind, message, actor, .. }: &Entry) -> String {
    clean(&format!("{at:<27}  {kind:<22}  {message} ({actor})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = r#"{"seq": 2, "at": "2026-01-01T00:00:00.1Z", "kind": "event", "type": "order.failed",
        "message": "It failed.", "actor": "orders", "data": null}"#;

    #[test]
    fn an_entry_is_told_once() {
        let mut told = 1;
        assert_eq!(tell(ENTRY, &mut told, false).unwrap().as_deref(), Some("order.failed"));
        assert_eq!((tell(ENTRY, &mut told, false).unwrap(), told), (None, 2));
        assert!(tell("[]", &mut told, false).is_err());
    }

    #[test]
    fn an_end_is_the_end_unless_more_is_wanted() {
        let event = Event { name: "entry".into(), id: Some("2".into()), data: ENTRY.into() };
        assert_eq!(heard(&event, &mut 0, false, true).unwrap(), Then::Stop);
        assert_eq!(heard(&event, &mut 0, true, true).unwrap(), Then::GoOn);
        assert_eq!(heard(&Event::default(), &mut 0, false, true).unwrap(), Then::GoOn);
    }

    #[test]
    fn a_line_has_the_time_first() {
        let entry = serde_json::from_str(ENTRY).unwrap();
        let expected = "2026-01-01T00:00:00.1Z       order.failed            It failed. (orders)";
        assert_eq!(line(&entry), expected);
    }
}
