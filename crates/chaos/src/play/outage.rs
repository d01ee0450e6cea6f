//! The provider is away.

use anyhow::Result;

use crate::stage::Stage;

/// How many orders are placed meanwhile.
const ORDERS: usize = 20;

pub async fn play(stage: &Stage) -> Result<()> {
    stage.turn(r#"{"outage": true}"#).await?;
    let mut ids = Vec::new();
    for number in 0..ORDERS {
        ids.push(stage.place(number, "card").await?);
    }
    stage.check(true, format_args!("{ORDERS} orders are accepted while the provider is away"));
    if stage.is_own() {
        let opened = stage.until("the circuit breaker opens", async || {
            let breaker = stage.read("/api/v1/payments/circuit-breaker/status").await?;
            Ok((breaker["opened"].as_u64() > Some(0)).then_some(()))
        });
        opened.await?;
        stage.check(true, "the circuit breaker has opened: nobody is asked any more for a while");
    }
    let first = stage.look(&ids[0]).await?;
    stage.check(first["status"] == "PENDING", "the orders wait, and none has failed for it");
    stage.turn("{}").await?;
    let ended = stage.ended(&ids).await?;
    let processed = ended.iter().filter(|order| order["status"] == "PROCESSED").count();
    stage.check(
        processed == ORDERS,
        format_args!("{processed} of {ORDERS} are paid and PROCESSED once it is back"),
    );
    Ok(())
}
