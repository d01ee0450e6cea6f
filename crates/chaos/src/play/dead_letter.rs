//! The provider says no until nobody asks any more, and a person sends it again.

use anyhow::{Context, Result};
use http::Method;

use crate::orders::{has_ended, plain};
use crate::stage::Stage;

const REASON: &str = r#"{"reason": "the provider is mended (ordo chaos)"}"#;

pub async fn play(stage: &Stage) -> Result<()> {
    stage.turn(r#"{"failure_rate": 1}"#).await?;
    let id = stage.place_and_show("card").await?;
    stage.tell("it takes some attempts, with longer and longer pauses between them");
    let list = format!("/api/v1/dead-letters?order_id={id}&state=DEAD");
    let letters = stage.until("the charge becomes a dead letter", async || {
        let letters = stage.read(&list).await?;
        Ok(letters.as_array().filter(|letters| !letters.is_empty()).cloned())
    });
    let letters = letters.await?;
    let letter = letters[0]["id"].as_str().context("the dead letter has no id")?;
    stage.tell(format_args!(
        "dead letter {letter}: {} ({} attempts)",
        plain(&letters[0]["reason"]["message"]),
        letters[0]["attempts"]
    ));
    stage.line(&format!("             ORDO_URL={} ordo dlq show {letter}", stage.caller.url()));
    stage.check(letters.len() == 1, "it is the only one of the order");
    let order = stage.look(&id).await?;
    stage.check(order["status"] == "PENDING", "the order is stuck, and has not failed");
    if stage.is_own() {
        is_listed_as_stuck(stage, &id).await?;
    }
    stage.turn("{}").await?;
    let path = format!("/api/v1/dead-letters/{letter}");
    let answer = stage.caller.send_json(Method::POST, &format!("{path}/redrive"), None, REASON).await?;
    stage.check(answer.status == 200, format_args!("it is redriven: {}", plain(&answer.json()["state"])));
    let order = stage.follow(&id, "the order ends", has_ended).await?;
    stage.check(order["status"] == "PROCESSED", format_args!("the order is {}", plain(&order["status"])));
    let resolved = stage.read(&path).await?;
    stage.check(
        resolved["state"] == "RESOLVED",
        format_args!("the dead letter is {}", plain(&resolved["state"])),
    );
    leaves_a_trace(stage, &id).await
}

async fn is_listed_as_stuck(stage: &Stage, id: &str) -> Result<()> {
    let stuck = stage.until("the order is listed as stuck", async || {
        let stuck = stage.read("/api/v1/stuck").await?;
        Ok(stuck.as_array().and_then(|orders| orders.iter().find(|order| order["order_id"] == id)).cloned())
    });
    let stuck = stuck.await?;
    stage.check(
        !stuck["remedy"].is_null(),
        format_args!("GET /api/v1/stuck names it, with a remedy: {}", plain(&stuck["remedy"])),
    );
    Ok(())
}

async fn leaves_a_trace(stage: &Stage, id: &str) -> Result<()> {
    let timeline = stage.read(&format!("/api/v1/orders/{id}/timeline")).await?;
    let is_told = timeline.as_array().is_some_and(|entries| {
        entries.iter().any(|entry| entry["kind"] == "operator" && entry["type"] == "dead_letter.redriven")
    });
    stage.check(is_told, "its timeline tells who redrove it");
    Ok(())
}
