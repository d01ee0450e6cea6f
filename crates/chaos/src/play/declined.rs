//! A buyer's card is declined.

use anyhow::Result;

use crate::orders::{has_ended, plain};
use crate::stage::Stage;

pub async fn play(stage: &Stage) -> Result<()> {
    let id = stage.place_and_show("card-declined").await?;
    let order = stage.follow(&id, "the order ends", has_ended).await?;
    stage.check(order["status"] == "FAILED", format_args!("the order is {}", plain(&order["status"])));
    let why = order["reason"]["message"].as_str().unwrap_or_default();
    stage.check(!why.is_empty(), format_args!("it says why: {why}"));
    stage.check(order["payment_status"] == "FAILED", "its payment failed");
    stage.check(order["paid_amount"].as_f64() == Some(0.0), "nothing was charged");
    Ok(())
}
