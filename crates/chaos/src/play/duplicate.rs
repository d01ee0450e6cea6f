//! Everything is said twice.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use client::Answer;
use futures::future::try_join_all;
use http::Method;
use serde_json::json;

use crate::stage::Stage;

/// How often the first order is placed at once.
const AT_ONCE: usize = 8;
/// How many lines a batch has.
const LINES: usize = 5;

pub async fn play(stage: &Stage) -> Result<()> {
    same_key(stage).await?;
    same_external_id(stage).await?;
    same_batch(stage).await?;
    let (orders, expected) = (stage.count().await?, 2 + LINES);
    stage.check(orders == expected, format_args!("there are {orders} orders; {expected} were meant"));
    let listed = stage.read(&format!("/api/v1/orders?customer_id={}", stage.run)).await?;
    let ids: Vec<String> =
        listed.as_array().into_iter().flatten().filter_map(|order| id(&order["id"]).ok()).collect();
    let ended = stage.ended(&ids).await?;
    stage.check(ended.iter().all(|order| order["status"] == "PROCESSED"), "all of them are PROCESSED");
    Ok(())
}

async fn same_key(stage: &Stage) -> Result<()> {
    let (key, order) = (stage.key(0), stage.order(0, Some("card")));
    let placing = (0..AT_ONCE).map(|_| stage.hand_in(Some(&key), &order));
    let answers = try_join_all(placing).await?;
    let ids: BTreeSet<_> = answers.iter().map(|answer| answer.json()["id"].to_string()).collect();
    let replayed = answers.iter().filter(|answer| answer.is_replayed).count();
    let (first, again) = (ids.len() == 1, AT_ONCE - 1);
    stage.check(
        first && replayed == again,
        format_args!("{AT_ONCE} at once under one key are one order, answered {replayed} times again"),
    );
    let other = stage.hand_in(Some(&key), &stage.order(1, Some("card"))).await?;
    stage.check(
        other.status == 422,
        format_args!("another order under that key is refused: {}", other.status),
    );
    Ok(())
}

async fn same_external_id(stage: &Stage) -> Result<()> {
    let mut order = stage.order(2, None);
    order["external_id"] = stage.run.clone().into();
    let (first, second) = (stage.hand_in(None, &order).await?, stage.hand_in(None, &order).await?);
    let is_same = first.json()["id"] == second.json()["id"];
    stage.check(
        (first.status, second.status, is_same) == (201, 200, true),
        "the same external id is the same order, without a key",
    );
    order["items"][0]["quantity"] = json!(2);
    let other = stage.hand_in(None, &order).await?;
    stage.check(
        other.status == 409,
        format_args!("another order under that external id is refused: {}", other.status),
    );
    Ok(())
}

/// A message of another system that is delivered twice.
async fn same_batch(stage: &Stage) -> Result<()> {
    let lines: String =
        (3..3 + LINES).map(|number| format!("{}\n", stage.order(number, Some("card")))).collect();
    let key = format!("{}/batch", stage.run);
    let send = || stage.caller.send_lines(Method::POST, "/api/v1/orders/batch", &key, &lines);
    let (first, second) = (ids(&send().await?)?, ids(&send().await?)?);
    let is_same = first.len() == LINES && first == second;
    stage.check(
        is_same,
        format_args!("a batch of {LINES} lines that is sent twice is {} orders", first.len()),
    );
    Ok(())
}

fn ids(answer: &Answer) -> Result<Vec<String>> {
    ensure!(answer.status == 200, "a batch was answered {}", answer.status);
    let lines = answer.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| id(&serde_json::from_slice::<serde_json::Value>(line)?["id"])).collect()
}

fn id(value: &serde_json::Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("an order has no id")
}
