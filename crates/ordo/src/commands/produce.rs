//! `ordo produce`: sample orders of every form into the broker, as another system would send them.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use broker::TOPICS;
use engine::{Clock, Ids, Key, Record, SystemClock, SystemIds};
use settings::Settings;
use simulate::Writer;

use crate::brokers;
use crate::cli::Produce;

/// Orders that are on their way to the broker at once.
const WAVE: u64 = 512;

/// Produces the orders; the broker has all of them for good when it returns.
pub async fn run(settings: &Settings, produce: &Produce) -> Result<ExitCode> {
    let broker = brokers::open(settings)?;
    let broker = broker.context("there is no broker to produce into; set ORDO_BROKER_URL")?;
    let publisher = broker.publisher();
    let samples = samples(produce)?;
    let begun = Instant::now();
    let mut number = 0;
    while number < produce.orders {
        let end = produce.orders.min(number + WAVE);
        let records: Vec<_> = (number..end).map(|number| Arc::new(record(&samples, number))).collect();
        for published in publisher.publish(&records).await {
            published.with_context(|| {
                format!("{number} orders were produced; the broker does not take the next ones")
            })?;
        }
        number = end;
    }
    println!("{number} orders produced in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(ExitCode::SUCCESS)
}

fn samples(produce: &Produce) -> Result<Writer> {
    let (fresh, _) = SystemIds.next().as_u64_pair();
    let seed = produce.seed.unwrap_or(fresh);
    let menu = catalog::seed::parse(catalog::seed::SEED)?.into_iter().filter(|product| product.available);
    Ok(Writer {
        mix: produce.mix.clone(),
        products: menu.map(|product| product.id).collect(),
        payment_method: produce.payment_method.clone(),
        seed,
        run: seed,
    })
}

/// An order as a message of somebody else, who names it.
fn record(samples: &Writer, number: u64) -> Record {
    let (_, body) = samples.order(number);
    let name = samples.idempotency_key(number);
    let orders = &TOPICS[0];
    Record {
        source: orders.source.to_owned(),
        key: Key::name(&name),
        sequence: None,
        foreign_id: Some(name),
        steps: None,
        kind: orders.kinds[0].to_owned(),
        time: SystemClock.now(),
        data: String::from_utf8_lossy(&body).into_owned(),
    }
}
