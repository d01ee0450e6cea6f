//! Whole runs against a tiny server that answers as ordo would.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use clap::Parser;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use simulate::{Args, Report, run};
use tokio::{net::TcpListener, task::JoinSet};
use uuid::Uuid;

/// How the server answers the nth order, from 0: a status, and whether the connection ends with it.
type Script = fn(u64) -> (StatusCode, bool);

/// What the server has seen.
#[derive(Default)]
struct Seen {
    placed: u64,
    bodies: Vec<Value>,
    keys: Vec<String>,
    reads: HashMap<Uuid, u64>,
    /// How often it was asked which orders still move.
    lists: u64,
}

/// A server on an ephemeral port, gone when dropped.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    _task: JoinSet<()>,
}

impl Server {
    async fn start(script: Script) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mut task = JoinSet::new();
        task.spawn(serve(listener, Arc::clone(&seen), script));
        Ok(Self { address, seen, _task: task })
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn load(&self, flags: &[&str]) -> anyhow::Result<Report> {
        let url = format!("http://{}", self.address);
        let fixed = ["simulate", "--url", &url, "--connections", "4", "--timeout", "30s", "--seed", "7"];
        run(Cli::try_parse_from([&fixed, flags].concat())?.args).await
    }
}

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

async fn serve(listener: TcpListener, seen: Arc<Mutex<Seen>>, script: Script) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let seen = Arc::clone(&seen);
        let service = service_fn(move |request| answer(request, Arc::clone(&seen), script));
        connections.spawn(async move {
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    seen: Arc<Mutex<Seen>>,
    script: Script,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let path = head.uri.path().trim_start_matches("/api/v1/");
    let response = match (&head.method, path, path.strip_prefix("orders/")) {
        (&Method::POST, "orders", _) => {
            seen.bodies.extend(serde_json::from_slice::<Value>(&body));
            let key = head.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
            seen.keys.extend(key.map(str::to_owned));
            seen.placed += 1;
            placed(seen.placed - 1, script)
        }
        (_, "menu", _) => json(
            r#"[{"id": "margherita", "available": true, "stock": null}, {"id": "funghi", "available": true, "stock": 3}]"#,
        ),
        (_, "orders", _) => {
            seen.lists += 1;
            // The first question finds an order that still moves, the others none.
            json(if seen.lists == 1 { r#"[{"id": "00000000-0000-0000-0000-000000000001"}]"# } else { "[]" })
        }
        (_, _, Some(id)) => read(id, &mut seen),
        _ => status(StatusCode::NOT_FOUND),
    };
    Ok(response)
}

fn placed(number: u64, script: Script) -> Response<Full<Bytes>> {
    let (code, last) = script(number);
    let mut response = status(code);
    let headers = response.headers_mut();
    if code.is_success() {
        let location = format!("/api/v1/orders/{}", Uuid::from_u128(u128::from(number) + 1));
        headers.extend(location.parse().map(|location| (http::header::LOCATION, location)));
    }
    if code == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(http::header::RETRY_AFTER, 0.into());
    }
    if last {
        headers.insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
    }
    response
}

fn read(path: &str, seen: &mut Seen) -> Response<Full<Bytes>> {
    let Ok(id) = path.trim_end_matches("/status").parse() else { return status(StatusCode::NOT_FOUND) };
    *seen.reads.entry(id).or_default() += 1;
    json(
        r#"{"status": "PROCESSED", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00.25Z"}"#,
    )
}

fn json(body: &'static str) -> Response<Full<Bytes>> {
    Response::new(Full::new(Bytes::from_static(body.as_bytes())))
}

fn status(code: StatusCode) -> Response<Full<Bytes>> {
    let mut response = json("{}");
    *response.status_mut() = code;
    response
}

const ACCEPT: Script = |_| (StatusCode::CREATED, false);

#[tokio::test]
async fn every_order_is_placed_once_and_counted() {
    let server = Server::start(ACCEPT).await.unwrap();
    let report = server.load(&["--orders", "200", "--idempotency-keys"]).await.unwrap();
    let place = report.operation("place").unwrap();
    assert_eq!((place.requests, place.ok, place.failed, place.refused), (200, 200, 0, 0));
    assert_eq!(place.latency.count, 200);
    assert_eq!(report.place_by_form.iter().map(|form| form.requests).sum::<u64>(), 200);
    assert_eq!(report.place_by_form.len(), 5);
    assert!(report.is_clean(), "{}", report.table());

    let mut seen = server.seen();
    assert_eq!((seen.placed, seen.bodies.len()), (200, 200));
    seen.keys.sort_unstable();
    seen.keys.dedup();
    assert_eq!(seen.keys.len(), 200);
    let dishes = seen.bodies.iter().filter_map(|body| body["items"][0]["pizzaId"].as_str());
    assert!(dishes.into_iter().all(|dish| dish == "margherita"));
}

#[tokio::test]
async fn refusals_failures_and_closed_connections_are_told_apart() {
    let server = Server::start(|number| match number % 4 {
        0 => (StatusCode::TOO_MANY_REQUESTS, false),
        1 => (StatusCode::CONFLICT, false),
        2 => (StatusCode::CREATED, true),
        _ => (StatusCode::CREATED, false),
    });
    let server = server.await.unwrap();
    let report = server.load(&["--orders", "40", "--mix", "priced"]).await.unwrap();
    let place = report.operation("place").unwrap();
    assert_eq!((place.ok, place.refused, place.failed_by["409"]), (20, 10, 10));
    assert_eq!(server.seen().placed, 40);
    assert!(report.reconnects > 0);
    assert!(!report.is_clean());
}

#[tokio::test]
async fn an_open_loop_with_reads_makes_what_was_asked_for() {
    let server = Server::start(ACCEPT).await.unwrap();
    let flags = ["--orders", "100", "--rate", "2000", "--ramp", "50ms", "--mix", "1", "--read", "50%"];
    let report = server.load(&flags).await.unwrap();
    assert_eq!(report.operation("place").unwrap().ok, 100);
    let reads = report.operation("read").unwrap().ok;
    assert!((45..=50).contains(&reads), "{reads}");
    assert_eq!(server.seen().reads.values().sum::<u64>(), reads);
}

#[tokio::test]
async fn waiting_reads_the_servers_own_times() {
    let server = Server::start(ACCEPT).await.unwrap();
    let report = server.load(&["--orders", "50", "--mix", "5", "--wait"]).await.unwrap();
    let settled = report.settled.unwrap();
    assert!(settled.all_ended);
    assert_eq!((settled.placed, settled.checked, settled.by_status["PROCESSED"]), (50, 50, 50));
    assert!((249.0..=251.0).contains(&settled.accepted_to_completed.p50_ms));
    assert!(server.seen().lists >= 3);
}

#[tokio::test]
async fn a_pure_read_run_places_nothing() {
    let server = Server::start(ACCEPT).await.unwrap();
    let id = Uuid::from_u128(5).to_string();
    let report = server.load(&["--get", &id, "--orders", "60"]).await.unwrap();
    assert_eq!(report.operation("get").unwrap().ok, 60);
    let seen = server.seen();
    assert_eq!((seen.placed, seen.reads[&Uuid::from_u128(5)]), (0, 60));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let args = Cli::try_parse_from(["simulate", "--url", &url, "--timeout", "50ms"]).unwrap().args;
    assert!(run(args).await.unwrap_err().to_string().contains("is `ordo serve` running?"));
}
