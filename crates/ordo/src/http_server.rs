//! Serving HTTP: a bounded number of connections, none of them for nothing, all ended within a deadline.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use futures::future::BoxFuture;
use http_api::Closing;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a connection may take for the head of a request, and how long it may be idle between two.
const HEAD_TIME: Duration = Duration::from_secs(60);
/// The most that is read of a connection in advance, in bytes.
const READ_AHEAD: usize = 64 << 10;
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
                let app = App { router: router.clone(), peer: Peer(peer), closing: Closing(stop.clone()) };
                open.spawn(connection(stream, app, place?, stop.clone()));
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
async fn connection(stream: TcpStream, app: App, _place: OwnedSemaphorePermit, stop: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps Nagle's algorithm");
    }
    let mut server = Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(READ_AHEAD);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), app));
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection broke");
    }
}

/// Who is on the other end.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The router, told who asks and when the server is asked to stop.
struct App {
    router: Router,
    peer: Peer,
    closing: Closing,
}

impl Service<Request<Incoming>> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(self.closing.clone());
        let mut router = self.router.clone();
        Box::pin(async move { tower::Service::call(&mut router, request).await })
    }
}
