//! Dead letters as people read them.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::table::{clean, table};

/// The heads of the columns of a list.
const HEADS: [&str; 6] = ["id", "state", "type", "attempts", "waiting", "reason"];

/// A dead letter, as far as it is shown.
#[derive(Deserialize)]
pub struct Letter {
    /// What it is called.
    pub id: String,
    /// Where it stands.
    pub state: String,
    consumer: String,
    event_type: String,
    order_id: Option<String>,
    topic: Option<String>,
    reason: Reason,
    attempts: u32,
    replays: u32,
    waiting: u64,
    first_failed_at: String,
    last_failed_at: String,
    act: Option<Act>,
    #[serde(default)]
    headers: Option<Value>,
    #[serde(default)]
    body: Option<Value>,
}

#[derive(Deserialize)]
struct Reason {
    code: String,
    message: String,
}

#[derive(Deserialize)]
struct Act {
    actor: String,
    reason: Option<String>,
    at: String,
}

/// The letters of an answer.
///
/// # Errors
/// If they are none.
pub fn read(answer: &[u8]) -> Result<Vec<Letter>> {
    serde_json::from_slice(answer).context("the answer is no list of dead letters")
}

/// Letters as a table.
pub fn lines(letters: &[Letter]) -> String {
    let mut rows = vec![HEADS.map(str::to_owned)];
    rows.extend(letters.iter().map(row));
    table(&rows)
}

/// A letter, one line for each thing there is to say about it.
///
/// # Errors
/// If it is none.
pub fn whole(answer: &[u8]) -> Result<String> {
    let letter: Letter = serde_json::from_slice(answer).context("the answer is no dead letter")?;
    let facts = facts(&letter).into_iter().filter(|(_, fact)| !fact.is_empty());
    Ok(facts.map(|(name, fact)| format!("{name:<14}{}\n", clean(&fact))).collect())
}

fn row(letter: &Letter) -> [String; 6] {
    let cells = [
        letter.id.clone(),
        letter.state.clone(),
        letter.event_type.clone(),
        letter.attempts.to_string(),
        letter.waiting.to_string(),
        format!("{} ({})", letter.reason.message, letter.reason.code),
    ];
    cells.map(|cell| clean(&cell))
}

fn facts(letter: &Letter) -> Vec<(&'static str, String)> {
    let times = |count: u32| format!("{count} {}", if count == 1 { "time" } else { "times" });
    let act = letter.act.as_ref().map(|act| {
        let why = act.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        format!("{} by {}{why}", act.at, act.actor)
    });
    let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    vec![
        ("dead letter", letter.id.clone()),
        ("state", letter.state.clone()),
        ("consumer", letter.consumer.clone()),
        ("type", letter.event_type.clone()),
        ("order", letter.order_id.clone().unwrap_or_default()),
        ("topic", letter.topic.clone().unwrap_or_default()),
        ("reason", format!("{} ({})", letter.reason.message, letter.reason.code)),
        ("tried", times(letter.attempts)),
        ("sent again", times(letter.replays)),
        ("waiting", letter.waiting.to_string()),
        ("first failed", letter.first_failed_at.clone()),
        ("last failed", letter.last_failed_at.clone()),
        ("last act", act.unwrap_or_default()),
        ("headers", json(&letter.headers)),
        ("body", json(&letter.body)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = r#"{"id": "payments~01~charge", "consumer": "payments", "event_type": "charge", "order_id": "01",
        "topic": null, "key": "01", "reason": {"code": "exhausted", "message": "the provider\u001b answered 500"},
        "attempts": 12, "replays": 1, "waiting": 0, "state": "DEAD", "first_failed_at": "t1", "last_failed_at": "t2",
        "act": {"actor": "ann", "reason": "again", "at": "t0"}, "partition": null, "offset": null, "headers": null,
        "body": {"amount": 5}}"#;

    #[test]
    fn letters_are_a_table() {
        let letters = read(format!("[{LETTER}]").as_bytes()).unwrap();
        let expected = "id                  state  type    attempts  waiting  reason
payments~01~charge  DEAD   charge  12        0        the provider\u{fffd} answered 500 (exhausted)
";
        assert_eq!(lines(&letters), expected);
        assert!(read(b"{}").is_err());
    }

    #[test]
    fn a_letter_is_told_fact_by_fact() {
        let expected = "dead letter   payments~01~charge
state         DEAD
consumer      payments
type          charge
order         01
reason        the provider\u{fffd} answered 500 (exhausted)
tried         12 times
sent again    1 time
waiting       0
first failed  t1
last failed   t2
last act      t0 by ann: again
body          {\"amount\":5}
";
        assert_eq!(whole(LETTER.as_bytes()).unwrap(), expected);
    }
}
