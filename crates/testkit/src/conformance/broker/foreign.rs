//! Foreign messages: what others send, who know nothing of this house, is a record all the same.

use std::sync::Arc;

use broker::Reader;
use engine::{Key, Record};
use uuid::Uuid;

use super::BrokerHarness;
use super::post::{Taker, topic};
use crate::patience::until;

/// In a body of JSON: whom it is about, and what happened.
pub async fn a_foreign_message_is_a_record_with_a_key_a_type_and_a_stable_id(harness: impl BrokerHarness) {
    let payments = topic("payments");
    let order = Uuid::from_u128(0x0195_3d5c_0000_7000_8000_0000_0000_0007);
    let telling = format!(r#"{{"event_type":"{}","order_id":"{order}","note":"ÿes"}}"#, payments.kinds[1]);
    let bodies = [telling.clone(), r#"{"hello":"world"}"#.to_owned(), "no JSON".to_owned()];
    let records = sent(&harness, Reader { consumer: "orders", topic: payments }, &bodies).await;
    for record in &records {
        assert_eq!((record.source.as_str(), record.sequence), ("payments", None));
        let id = record.foreign_id.as_ref().expect("an id");
        match record.data == telling {
            true => assert_eq!((&record.key, record.kind.as_str()), (&Key::Id(order), payments.kinds[1])),
            false => assert_eq!((&record.key, record.kind.as_str()), (&Key::name(id), payments.kinds[0])),
        }
    }
}

/// Whatever its form: forms are for who takes it to tell apart.
pub async fn an_order_that_comes_in_is_a_record_of_the_ingress(harness: impl BrokerHarness) {
    let ingress = topic("ingress");
    let bodies = [
        r#"{"externalId":"7","customer":"Ada","items":[{"product":"margherita","quantity":2}]}"#,
        r#"{"order_id":"0195","event_type":"order.paid","source":"orders"}"#,
        r#"[{"sku":"margherita"}]"#,
        "externalId;margherita;2",
    ];
    let records =
        sent(&harness, Reader { consumer: "orders", topic: ingress }, &bodies.map(str::to_owned)).await;
    for record in &records {
        let said = (record.source.as_str(), record.sequence, record.kind.as_str());
        assert_eq!(said, ("ingress", None, ingress.kinds[0]));
        assert!(matches!(record.key, Key::Id(_)), "{} is no id of an order", record.key);
    }
}

/// What becomes of these bodies: known by the same id when it is delivered again, each with an id and a key of its own.
async fn sent(harness: &impl BrokerHarness, reader: Reader, bodies: &[String]) -> Vec<Arc<Record>> {
    let process = harness.process(None, &[reader]);
    let mut taker = Taker::of(&process, reader).await;
    for body in bodies {
        until("a foreign message is taken", async || {
            harness.send(reader.topic, body.as_bytes()).await.then_some(())
        })
        .await;
    }
    let records = all(&mut taker, bodies).await;
    taker.rewind().await;
    assert_eq!(all(&mut taker, bodies).await, records, "it is another record after a rewind");
    drop((taker, process));
    let new = harness.process(None, &[reader]);
    let again = all(&mut Taker::of(&new, reader).await, bodies).await;
    assert_eq!(known(&again), known(&records), "it is another message in another process");
    records
}

/// What messages are known by. When one came may be another time in another process, where its sender does not say.
fn known(records: &[Arc<Record>]) -> Vec<(String, &str, &str)> {
    records.iter().map(|record| (record.id(), record.kind.as_str(), record.data.as_str())).collect()
}

/// One record for each of these bodies, word for word and in their order.
async fn all(taker: &mut Taker, bodies: &[String]) -> Vec<Arc<Record>> {
    taker.taken.clear();
    taker.take_until("all foreign messages are delivered", |taker| taker.ids().len() >= bodies.len()).await;
    let record = |body: &String| {
        let delivery = taker.taken.iter().find(|delivery| delivery.record.data == *body);
        Arc::clone(&delivery.unwrap_or_else(|| panic!("{body} was not delivered word for word")).record)
    };
    bodies.iter().map(record).collect()
}
