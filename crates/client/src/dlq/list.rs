//! `ordo dlq list`, and the pages that `redrive --all` goes by.

use anyhow::Result;

use super::letter::{self, Letter};
use super::{Filters, List, PATH};
use crate::ask::{Page, ask, ask_page};
use crate::output::print;
use crate::target::Target;

/// What is open: it waits for an operator, or is on its way.
const OPEN: [&str; 2] = ["DEAD", "REDRIVING"];

/// Lists dead letters.
pub async fn run(target: &Target, list: &List, json: bool) -> Result<()> {
    let states: Vec<&str> = match list.states.is_empty() {
        true => OPEN.to_vec(),
        false => list.states.iter().map(String::as_str).collect(),
    };
    let answer = ask(target, target.get(&path(&list.filters, &states, list.limit))?).await?;
    match json {
        true => print(&answer),
        false => print(letter::lines(&letter::read(&answer)?)),
    }
}

/// Up to `limit` dead letters, frozen: what dies later is not among them.
pub async fn dead(target: &Target, filters: &Filters, limit: u32) -> Result<Vec<Letter>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut dead = Vec::new();
    let mut path = path(filters, &["DEAD"], 1_000);
    loop {
        let Page { body, next } = ask_page(target, target.get(&path)?).await?;
        dead.extend(letter::read(&body)?);
        match next {
            Some(next) if dead.len() < limit => path = next,
            _ => break,
        }
    }
    dead.truncate(limit);
    Ok(dead)
}

fn path(filters: &Filters, states: &[&str], limit: u16) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string());
    query.extend_pairs(states.iter().map(|state| ("state", state)));
    let filters = [
        ("consumer", &filters.consumer),
        ("event_type", &filters.event_type),
        ("order_id", &filters.order_id),
    ];
    for (name, value) in filters {
        query.extend_pairs(value.as_ref().map(|value| (name, value)));
    }
    format!("{PATH}?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stands_in_the_query() {
        let filters = Filters { consumer: Some("a&b".into()), ..Filters::default() };
        let expected = "/api/v1/dead-letters?limit=5&state=DEAD&state=REDRIVING&consumer=a%26b";
        assert_eq!(path(&filters, &OPEN, 5), expected);
    }
}
