//! Streams: what they tell, where they go on, and when they end.

mod bounds;
mod events;
mod orders;

use std::sync::Arc;

use ::orders::timeline::{Entry, EntryKind};
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, Request};
use engine::{Key, Note, Record};
use futures::StreamExt;
use tower::ServiceExt;
use uuid::Uuid;

use super::{NOW, Shop, get, post};

impl Shop {
    /// Opens a stream.
    async fn listen(&self, request: Request<Body>) -> Opened {
        let response = self.server.moving(self.server.router.clone().oneshot(request)).await;
        let (parts, body) = response.unwrap().into_parts();
        assert_eq!(parts.status, 200);
        let mut stream =
            Opened { headers: parts.headers, body: body.into_data_stream(), began: String::new() };
        stream.began = self.frame(&mut stream).await.unwrap();
        stream
    }

    async fn frame(&self, stream: &mut Opened) -> Option<String> {
        let frame = self.server.moving(stream.body.next()).await?;
        Some(String::from_utf8(frame.unwrap().to_vec()).unwrap())
    }

    /// What comes next on a stream. None: it has ended.
    async fn next(&self, stream: &mut Opened) -> Option<Told> {
        self.frame(stream).await.map(|frame| Told::read(&frame))
    }

    async fn place(&self) -> String {
        let placed = self.ask(post("/api/v1/orders", r#"{"customer_name": "A", "total_amount": 1}"#)).await;
        placed.json()["id"].as_str().unwrap().to_owned()
    }

    async fn cancel(&self, order: &str) {
        let cancel = post(&format!("/api/v1/orders/{order}/cancel"), r#"{"reason": "late"}"#);
        assert_eq!(self.ask(cancel).await.status, 200);
    }

    async fn follow(&self, order: &str) -> Opened {
        self.listen(get(&stream_of(order))).await
    }

    async fn told(&self, stream: &mut Opened) -> Told {
        self.next(stream).await.expect("the stream goes on")
    }

    /// The ids of the next frames.
    async fn ids(&self, stream: &mut Opened, frames: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..frames {
            ids.push(self.told(stream).await.id);
        }
        ids
    }

    /// What another process writes about an order: an entry, and nobody here is told.
    fn write_elsewhere(&self, order: &str, sequence: u64) {
        let entry = Entry::new(EntryKind::Event, "order.moved", "It moved.", "elsewhere");
        let key = Key::Id(order.parse().unwrap());
        self.orders.keep_later_note(Note { key, sequence, at: NOW, data: entry.encode() });
    }
}

fn stream_of(order: &str) -> String {
    format!("/api/v1/orders/{order}/stream")
}

fn published(number: u64) -> Arc<Record> {
    Arc::new(Record {
        source: "orders".to_owned(),
        key: Key::Id(Uuid::from_u128(u128::from(number))),
        sequence: Some(1),
        foreign_id: None,
        steps: None,
        kind: "order.paid".to_owned(),
        time: NOW,
        data: "{}".to_owned(),
    })
}

/// A stream that is open.
struct Opened {
    headers: HeaderMap,
    /// The frame it began with.
    began: String,
    body: BodyDataStream,
}

/// One frame of a stream.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    event: String,
    id: String,
    data: serde_json::Value,
}

impl Told {
    fn read(frame: &str) -> Self {
        let lines = frame.strip_suffix("\n\n").unwrap().lines();
        let mut told = Self { event: String::new(), id: String::new(), data: serde_json::Value::Null };
        for line in lines {
            match line.split_once(": ") {
                Some(("event", event)) => event.clone_into(&mut told.event),
                Some(("id", id)) => id.clone_into(&mut told.id),
                Some(("data", data)) => told.data = serde_json::from_str(data).unwrap(),
                other => assert!(other.is_none() && line == ":", "{line}"),
            }
        }
        told
    }
}
