//! Serving HTTP: a bounded number of connections, none of them for nothing, all ended within a deadline.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures::future::BoxFuture;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a connection may take for the head of a request, and how long it may be idle between two.
const HEAD_TIME: Duration = Duration::from_secs(60);
/// What streams say they are.
const EVENT_STREAM: &str = "text/event-stream";
/// The most that is read of a connection in advance, in bytes.
const READ_AHEAD: usize = 64 << 10;
/// How long a stream's client may take for its last words when the server stops. One that reads nothing would never have them.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long a client may leave unread what was sent to it. Whoever waits for it to read on, such as a batch, would wait for ever.
const UNREAD: Duration = Duration::from_secs(60);
/// The wait behind a connection that could not be taken, for want of file descriptors mostly.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Binds the address.
///
/// # Errors
/// One line that says which address, and what to do.
pub async fn bind(addr: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(addr).await.with_context(|| {
        format!("cannot listen on {addr}; stop the program that does, or choose another address with ORDO_HTTP_ADDR")
    })
}

/// Serves until stopped, then lets requests under way end within `deadline`. There are never more than `connections`;
/// further ones wait in the kernel's queue.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: usize,
    deadline: Duration,
    stop: CancellationToken,
) -> Result<()> {
    let places = Arc::new(Semaphore::new(connections));
    let mut open = JoinSet::new();
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let app = App { router: router.clone(), peer: Peer(peer), is_streaming: Arc::default() };
                open.spawn(connection(stream, app, place?, UNREAD, stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                let _ = tokio::time::timeout(ACCEPT_AGAIN, stop.cancelled()).await;
            }
        }
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    let ended = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(deadline, ended).await.is_err() {
        tracing::warn!("requests under way did not end within the deadline");
    }
    Ok(())
}

/// Serves one connection.
async fn connection(
    stream: TcpStream,
    app: App,
    _place: OwnedSemaphorePermit,
    unread: Duration,
    stop: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps Nagle's algorithm");
    }
    give_up_behind(&stream, unread);
    if let Err(error) = converse(stream, app, stop).await {
        tracing::debug!(%error, "a connection broke");
    }
}

/// Answers what is asked on one connection. When the server stops, only a request holds up the end.
async fn converse<S>(stream: S, app: App, stop: CancellationToken) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let is_streaming = Arc::clone(&app.is_streaming);
    let mut server = Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(READ_AHEAD);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), app));
    tokio::select! {
        served = connection.as_mut() => return served,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    match is_streaming.load(Ordering::Relaxed) {
        true => tokio::time::timeout(LAST_WORDS, connection).await.unwrap_or(Ok(())),
        false => connection.await,
    }
}

/// Lets the kernel break the connection when the other end takes nothing of what was sent for so long (RFC 5482).
#[cfg(target_os = "linux")]
fn give_up_behind(stream: &TcpStream, unread: Duration) {
    let unread_ms = u32::try_from(unread.as_millis()).unwrap_or(u32::MAX);
    if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, unread_ms) {
        tracing::debug!(%error, "a connection waits for its client as long as it takes");
    }
}

/// Elsewhere only a client that is gone is noticed.
#[cfg(not(target_os = "linux"))]
fn give_up_behind(_stream: &TcpStream, _unread: Duration) {}

/// Who is on the other end.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The router, told who asks.
struct App {
    router: Router,
    peer: Peer,
    /// Whether what is being answered is a stream, which ends by itself when the server stops.
    is_streaming: Arc<AtomicBool>,
}

impl Service<Request<Incoming>> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let mut router = self.router.clone();
        let is_streaming = Arc::clone(&self.is_streaming);
        Box::pin(async move {
            let response = tower::Service::call(&mut router, request).await?;
            let kind = response.headers().get(CONTENT_TYPE);
            is_streaming.store(kind.is_some_and(|kind| kind == EVENT_STREAM), Ordering::Relaxed);
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::HeaderName;
    use axum::routing::get;
    use futures::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    use super::*;

    /// More than anybody reads, as a stream or as a download.
    async fn endless(kind: &'static str) -> ([(HeaderName, &'static str); 1], Body) {
        let bytes = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b':'; 4096])));
        ([(CONTENT_TYPE, kind)], Body::from_stream(bytes))
    }

    fn app() -> App {
        let router = Router::new()
            .route("/stream", get(|| endless(EVENT_STREAM)))
            .route("/download", get(|| endless("text/plain")));
        App { router, peer: Peer(SocketAddr::from(([127, 0, 0, 1], 1))), is_streaming: Arc::default() }
    }

    /// How long a connection goes on behind the server's end, an hour at the most, while its client asks for `path` and reads
    /// nothing of it.
    async fn goes_on(path: &str) -> Duration {
        let (mut client, server) = tokio::io::duplex(64);
        let stop = CancellationToken::new();
        let stops = async {
            client.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
            // The answer has begun.
            client.read_exact(&mut [0]).await.unwrap();
            stop.cancel();
            Instant::now()
        };
        let limit = Duration::from_secs(60 * 60);
        let served = tokio::time::timeout(limit, converse(server, app(), stop.clone()));
        let (_, told) = tokio::join!(served, stops);
        told.elapsed()
    }

    /// The kernel breaks it; without that this would never end.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_connection_whose_client_reads_nothing_is_broken() {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.write_all(b"GET /download HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let (stop, app) = (CancellationToken::new(), App { peer: Peer(peer), ..app() });
        let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let served = connection(stream, app, place, Duration::from_millis(500), stop);
        tokio::time::timeout(Duration::from_secs(120), served).await.expect("it is broken");
    }

    #[tokio::test(start_paused = true)]
    async fn only_requests_hold_up_the_end_and_streams_nobody_reads_do_not() {
        assert_eq!(goes_on("/stream").await, LAST_WORDS);
        assert_eq!(goes_on("/download").await, Duration::from_secs(60 * 60));
    }

    /// Without the deadline this would never end.
    #[tokio::test]
    async fn requests_hold_up_the_end_no_longer_than_the_deadline() {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        client.write_all(b"GET /download HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let stop = CancellationToken::new();
        let stops = async {
            client.readable().await.unwrap();
            stop.cancel();
        };
        let served = serve(listener, app().router, 1, Duration::from_millis(50), stop.clone());
        let ended = tokio::time::timeout(Duration::from_secs(120), served);
        let (served, ()) = tokio::join!(ended, stops);
        served.expect("it ends").unwrap();
    }
}
