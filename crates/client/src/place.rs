//! `ordo orders place`: one order, placed once.

use std::io::{Read, stdin};

use anyhow::{Context, Result};
use http_body_util::{BodyExt, Full};
use uuid::Uuid;

use crate::args::Place;
use crate::ask::ask;
use crate::away::Away;
use crate::output::print;
use crate::show;
use crate::target::Target;

/// Places the order, under a key that makes its repetition safe.
pub async fn run(target: &Target, place: &Place, json: bool) -> Result<()> {
    let key = place.key.clone().unwrap_or_else(|| fresh().to_string());
    let body = Full::from(order(&place.order)?).boxed_unsync();
    let request = target.post("/api/v1/orders", "application/json", &key, body)?;
    let answer = ask(target, request).await.map_err(|error| match error.downcast::<Away>() {
        // Whoever sends it again under the same key cannot place it twice.
        Ok(Away(why)) => Away(format!("{why}; to try again: --key {key}")).into(),
        Err(error) => error,
    })?;
    match json {
        true => print(&answer),
        false => print(show::order(&answer)?),
    }
}

/// The order as it was given: in words, in a file, or on standard input.
fn order(given: &str) -> Result<Vec<u8>> {
    if given.trim_start().starts_with('{') {
        return Ok(given.as_bytes().to_vec());
    }
    if given != "-" {
        return std::fs::read(given).with_context(|| format!("cannot read {given}"));
    }
    let mut order = Vec::new();
    stdin().lock().read_to_end(&mut order).context("cannot read standard input")?;
    Ok(order)
}

/// A key that nobody has used.
#[expect(clippy::disallowed_methods, reason = "a client program, not a service: there is no Ids port to ask")]
pub fn fresh() -> Uuid {
    Uuid::new_v4()
}
