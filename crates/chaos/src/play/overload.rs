//! More comes than the server takes.

use std::collections::BTreeMap;

use anyhow::Result;
use futures::StreamExt;
use futures::stream;

use crate::stage::Stage;

/// How many orders are handed in.
const ORDERS: usize = 800;
/// How many of them at once.
const AT_ONCE: usize = 64;

pub async fn play(stage: &Stage) -> Result<()> {
    stage.tell(format_args!("{ORDERS} orders by {AT_ONCE} callers at once"));
    let handing_in = (0..ORDERS).map(|number| async move {
        let order = stage.order(number, Some("card"));
        stage.hand_in(Some(&stage.key(number)), &order).await
    });
    let answers: Vec<_> = stream::iter(handing_in).buffer_unordered(AT_ONCE).collect().await;
    let (mut by_status, mut accepted, mut silent) = (BTreeMap::<u16, usize>::new(), Vec::new(), 0);
    let mut unanswered = 0;
    for answer in answers {
        let Ok(answer) = answer else {
            unanswered += 1;
            continue;
        };
        *by_status.entry(answer.status).or_default() += 1;
        silent += usize::from(matches!(answer.status, 429 | 503) && answer.retry_after.is_none());
        accepted.extend(answer.json()["id"].as_str().filter(|_| answer.status == 201).map(str::to_owned));
    }
    stage.tell(format_args!("answers by status: {by_status:?}"));
    stage.check(unanswered == 0, "every caller is answered");
    stage.check(
        by_status.keys().all(|status| [201, 429, 503].contains(status)),
        "with 201, 429 or 503, and nothing else",
    );
    stage.check(silent == 0, "every no says when to come again (Retry-After)");
    let refused = by_status.get(&429).copied().unwrap_or(0) + by_status.get(&503).copied().unwrap_or(0);
    match stage.is_own() {
        true => {
            stage.check(refused > 0, format_args!("{refused} were refused at once instead of being queued"))
        }
        false => stage
            .tell(format_args!("{refused} were refused; this server may take more than {AT_ONCE} at once")),
    }
    let ended = settle(stage, &accepted).await?;
    stage.check(
        !accepted.is_empty() && ended == accepted.len(),
        format_args!("all {} that were accepted are PROCESSED", accepted.len()),
    );
    let orders = count(stage).await?;
    stage.check(
        orders == accepted.len(),
        format_args!("there are {orders} orders: nothing that was refused was placed"),
    );
    Ok(())
}

/// How many of the orders end PROCESSED. The server may still refuse, so it is asked again.
async fn settle(stage: &Stage, ids: &[String]) -> Result<usize> {
    let mut processed = 0;
    for id in ids {
        let status = stage.until(format!("order {id} ends"), async || {
            let answer = stage.caller.get(&format!("/api/v1/orders/{id}")).await?;
            let order = answer.json();
            Ok((answer.status == 200 && crate::orders::has_ended(&order)).then_some(order))
        });
        processed += usize::from(status.await?["status"] == "PROCESSED");
    }
    Ok(processed)
}

async fn count(stage: &Stage) -> Result<usize> {
    stage.until("the orders can be counted", async || Ok(stage.count().await.ok())).await
}
