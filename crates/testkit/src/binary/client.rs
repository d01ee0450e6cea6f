//! A plain HTTP client that expects servers to die.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::events::Events;

/// How often something is asked before the test gives up on it.
const TRIES: usize = 1_200;
/// How long between two questions.
const BETWEEN: Duration = Duration::from_millis(100);

/// A client of one server.
pub struct Client {
    hyper: Hyper<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Client {
    /// A client of the server at `base`.
    pub fn new(base: String) -> Self {
        Self { hyper: Hyper::builder(TokioExecutor::new()).build_http(), base }
    }

    /// Posts JSON. None: nobody answered in full.
    pub async fn post(&self, path: &str, key: &str, body: &str) -> Option<(u16, Value)> {
        let request = http::Request::post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(Full::from(body.to_owned()))
            .unwrap();
        self.send(request).await
    }

    /// Puts JSON. None: nobody answered in full.
    pub async fn put(&self, path: &str, body: &str) -> Option<(u16, Value)> {
        let request = http::Request::put(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(Full::from(body.to_owned()))
            .unwrap();
        self.send(request).await
    }

    /// Gets JSON. None: nobody answered in full.
    pub async fn get(&self, path: &str) -> Option<(u16, Value)> {
        let request = http::Request::get(format!("{}{path}", self.base)).body(Full::default()).unwrap();
        self.send(request).await
    }

    /// Opens a stream of server-sent events, behind the one that was heard last. None: nobody answered.
    pub async fn events(&self, path: &str, last: Option<&str>) -> Option<Events> {
        let request = http::Request::get(format!("{}{path}", self.base));
        let request = last.into_iter().fold(request, |request, id| request.header("last-event-id", id));
        let answer = self.hyper.request(request.body(Full::default()).unwrap()).await.ok()?;
        assert_eq!(answer.status(), 200, "{path}");
        Some(Events::of(answer.into_body()))
    }

    /// The order, once it has ended.
    pub async fn until_terminal(&self, id: &str) -> Value {
        let path = format!("/api/v1/orders/{id}");
        self.until(&format!("order {id} ends"), async || {
            let (status, order) = self.get(&path).await?;
            let ended = ["PROCESSED", "FAILED", "CANCELLED"].iter().any(|end| order["status"] == *end);
            (status == 200 && ended).then_some(order)
        })
        .await
    }

    /// What is looked for, once it is there.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let mut ticks = tokio::time::interval(BETWEEN);
        for _ in 0..TRIES {
            if let Some(found) = look().await {
                return found;
            }
            ticks.tick().await;
        }
        panic!("it does not come about that {what}");
    }

    /// All of the provider's ledger.
    pub async fn ledger(&self) -> Vec<Value> {
        let mut charges = Vec::new();
        let mut path = "/api/v1/provider/ledger?limit=1000".to_owned();
        loop {
            let (status, page) = self.get(&path).await.expect("the provider answers");
            assert_eq!(status, 200, "{page}");
            charges.extend(page["entries"].as_array().expect("entries").iter().cloned());
            match page["next"].as_str() {
                Some(next) => path = format!("/api/v1/provider/ledger?limit=1000&after={next}"),
                None => return charges,
            }
        }
    }

    /// Gets text. None: nobody answered in full.
    pub async fn text(&self, path: &str) -> Option<String> {
        let request = http::Request::get(format!("{}{path}", self.base)).body(Full::default()).unwrap();
        let (_, body) = self.raw(request).await?;
        Some(String::from_utf8_lossy(&body).into_owned())
    }

    /// What a counter of the server says; 0 if it has none of that name and labels.
    pub async fn count(&self, counter: &str) -> u64 {
        let metrics = self.text("/metrics").await.expect("the server answers");
        let value = |line: &str| line.strip_prefix(counter)?.strip_prefix(' ')?.parse().ok();
        metrics.lines().find_map(value).unwrap_or(0)
    }

    async fn send(&self, request: http::Request<Full<Bytes>>) -> Option<(u16, Value)> {
        let (status, body) = self.raw(request).await?;
        Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    async fn raw(&self, request: http::Request<Full<Bytes>>) -> Option<(u16, Bytes)> {
        let answer = self.hyper.request(request).await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.into_body().collect().await.ok()?.to_bytes()))
    }
}
