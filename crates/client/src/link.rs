//! One exchange with the server: a connection, a request, and the answer as it comes.
//!
//! The connection's bytes are moved by the very task that reads the answer, while the body is still being sent. Nothing is
//! tried twice here.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::away::Away;
use crate::target::{Outgoing, Target};

/// How long the server may take to be reached.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How long it may say nothing: longer than any of its own limits.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);
/// The longest body that is read whole, in bytes.
const MAX_BODY: usize = 64 << 20;

type Sent = UnsyncBoxBody<Bytes, Infallible>;

/// An open connection.
pub struct Link {
    sender: SendRequest<Sent>,
    driver: Connection<TokioIo<TcpStream>, Sent>,
}

impl Link {
    /// Connects.
    ///
    /// # Errors
    /// If nobody is there.
    pub async fn open(target: &Target) -> Result<Self, Away> {
        let opened = timeout(CONNECT_LIMIT, async {
            let stream = TcpStream::connect(&*target.address).await.map_err(|error| error.to_string())?;
            stream.set_nodelay(true).map_err(|error| error.to_string())?;
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())
        });
        let opened = opened.await.unwrap_or_else(|_| Err("it does not answer".to_owned()));
        let (sender, driver) = opened.map_err(|why| {
            Away(format!("{} cannot be reached: {why}; is `ordo serve` running?", target.url))
        })?;
        Ok(Self { sender, driver })
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// What `read` says, or that no answer came. It may have been done then.
    pub async fn exchange<T, E: From<Away>>(
        self,
        request: Outgoing,
        read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Self { mut sender, driver } = self;
        let mut work = pin!(async move {
            let head = in_time(sender.send_request(request)).await?;
            read(head).await
        });
        let mut driver = pin!(driver);
        let mut is_open = true;
        poll_fn(|context| {
            is_open = is_open && driver.as_mut().poll(context).is_pending();
            work.as_mut().poll(context)
        })
        .await
    }
}

/// The next piece of an answer. None: that was all of it.
///
/// # Errors
/// If the connection broke, or nothing comes.
pub async fn piece(body: &mut Incoming) -> Result<Option<Bytes>, Away> {
    loop {
        let frame = async { body.frame().await.transpose() };
        let Some(frame) = in_time(frame).await? else { return Ok(None) };
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

/// All of an answer.
///
/// # Errors
/// If it did not come, or is too long.
pub async fn whole(body: Incoming) -> Result<Bytes, Away> {
    let gathered = Limited::new(body, MAX_BODY).collect();
    match timeout(SILENCE_LIMIT, gathered).await {
        Ok(Ok(gathered)) => Ok(gathered.to_bytes()),
        Ok(Err(error)) => Err(Away(format!("the connection broke: {error}"))),
        Err(_) => Err(silence()),
    }
}

async fn in_time<T>(what: impl Future<Output = hyper::Result<T>>) -> Result<T, Away> {
    match timeout(SILENCE_LIMIT, what).await {
        Ok(Ok(come)) => Ok(come),
        Ok(Err(error)) => Err(Away(format!("the connection broke: {error}"))),
        Err(_) => Err(silence()),
    }
}

fn silence() -> Away {
    Away(format!("the server has said nothing for {} s", SILENCE_LIMIT.as_secs()))
}
