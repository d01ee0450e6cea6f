//! The server is killed in the middle of it.

use std::cell::{Cell, RefCell};

use anyhow::{Context, Result};
use futures::{StreamExt, stream};

use crate::stage::Stage;

/// How many orders are placed.
const ORDERS: usize = 300;
/// How many callers place them at once.
const AT_ONCE: usize = 16;
/// Behind so many answers the server is killed.
const KILLED_BEHIND: usize = 100;

pub async fn play(stage: &Stage) -> Result<()> {
    let answered = RefCell::new(vec![None; ORDERS]);
    let (count, is_dead) = (Cell::new(0_usize), Cell::new(false));
    stage.tell(format_args!("{ORDERS} orders by {AT_ONCE} callers at once"));
    let placing = stream::iter(0..ORDERS).for_each_concurrent(AT_ONCE, async |number| {
        if is_dead.get() {
            return;
        }
        if let Ok(id) = stage.place(number, "card").await {
            answered.borrow_mut()[number] = Some(id);
            count.set(count.get() + 1);
        }
        if count.get() >= KILLED_BEHIND && !is_dead.replace(true) {
            kill(stage, count.get()).await;
        }
    });
    placing.await;
    let before = answered.into_inner();
    let known = before.iter().flatten().count();
    stage.check(
        is_dead.get() && known < ORDERS,
        format_args!("{known} were answered, the others were cut off or never sent"),
    );
    restart(stage).await?;
    let mut ids = Vec::with_capacity(ORDERS);
    for (number, before) in before.iter().enumerate() {
        // Under the same key whoever was answered gets the same order, and whoever was not cannot order twice.
        let again = place_again(stage, number).await?;
        if before.as_ref().is_some_and(|before| *before != again) {
            stage.check(false, format_args!("order {number} is another one under the same key"));
        }
        ids.push(again);
    }
    stage.check(
        true,
        format_args!("all {known} that were answered are there, and the same under the same key"),
    );
    let ended = stage.ended(&ids).await?;
    let processed = ended.iter().filter(|order| order["status"] == "PROCESSED").count();
    stage.check(processed == ORDERS, format_args!("{processed} of {ORDERS} are PROCESSED"));
    let orders = stage.count().await?;
    stage.check(orders == ORDERS, format_args!("there are {orders} orders: nothing is there twice"));
    Ok(())
}

async fn kill(stage: &Stage, answered: usize) {
    let shop = stage.shop.borrow_mut().take();
    let Some(mut shop) = shop else { return };
    let pid = shop.pid().map_or_else(String::new, |pid| format!(" {pid}"));
    stage.tell(format_args!("kill -9{pid}, {answered} answers into it"));
    let killed = shop.kill().await;
    *stage.shop.borrow_mut() = Some(shop);
    stage.check(killed.is_ok(), "the server is dead");
}

async fn restart(stage: &Stage) -> Result<()> {
    let shop = stage.shop.borrow_mut().take();
    let mut shop = shop.context("the shop is not there")?;
    let restarted = shop.restart().await;
    *stage.shop.borrow_mut() = Some(shop);
    restarted?;
    stage.tell("it is started again on the same data");
    Ok(())
}

async fn place_again(stage: &Stage, number: usize) -> Result<String> {
    let order = stage.order(number, Some("card"));
    let answer = stage.hand_in(Some(&stage.key(number)), &order).await?;
    answer.json()["id"]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("order {number} was answered {} behind the restart", answer.status))
}
