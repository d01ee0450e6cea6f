//! The provider charges, and does not answer.

use anyhow::Result;

use crate::orders::{has_ended, plain};
use crate::stage::Stage;

pub async fn play(stage: &Stage) -> Result<()> {
    let id = stage.place_and_show("card-timeout").await?;
    let order = stage.follow(&id, "the order ends", has_ended).await?;
    let timeline = stage.read(&format!("/api/v1/orders/{id}/timeline")).await?;
    let entries = timeline.as_array().map_or(&[][..], Vec::as_slice);
    let was_unknown = entries.iter().any(|entry| entry["type"] == "payment.unknown");
    stage.check(was_unknown, "for a while nobody knew whether it was charged, and the payment said so");
    stage.check(order["status"] == "PROCESSED", format_args!("the order is {}", plain(&order["status"])));
    let payment = stage.read(&format!("/api/v1/payments/order/{id}")).await?;
    let (asked, paid) = (payment["exchanges"].as_array().map_or(0, Vec::len), &payment["paid_amount"]);
    stage.check(asked >= 2, format_args!("the charge was repeated under the same key: {asked} calls"));
    stage.check(*paid == payment["amount"], format_args!("{paid} was captured, once"));
    Ok(())
}
