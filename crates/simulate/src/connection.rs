//! One keep-alive connection: hyper's HTTP/1 client over a TCP stream, driven by the task that uses it.
//!
//! No second task and no pool: client and server share the same cores, so a request costs as few wake-ups as it can.
//! A connection that broke is made again with back-off. A request that was surely not sent goes out once more; one
//! that may have been sent never does.

use std::{future::poll_fn, pin::Pin, pin::pin, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::{
    answer::Answer,
    outcome::Failure,
    target::{Outgoing, Target},
};

/// The first pause between two attempts to connect.
const BACKOFF_BASE: Duration = Duration::from_millis(20);
/// The longest pause between two attempts to connect.
const BACKOFF_CAP: Duration = Duration::from_secs(1);

/// A connection to the target, made when first needed and again when lost.
pub struct Connection {
    target: Arc<Target>,
    time_limit: Duration,
    link: Option<Link>,
    made: u64,
}

impl Connection {
    /// A connection that is not made yet. `time_limit` bounds each request, and each loss.
    pub const fn new(target: Arc<Target>, time_limit: Duration) -> Self {
        Self { target, time_limit, link: None, made: 0 }
    }

    /// How often the connection had to be made again.
    pub const fn remade(&self) -> u64 {
        self.made.saturating_sub(1)
    }

    /// Connects now rather than at the first request.
    pub async fn reach(&mut self) -> Result<(), Failure> {
        if self.link.is_none() {
            self.link = Some(self.connect().await?);
        }
        Ok(())
    }

    /// Sends a request, reads the answer to its end and drops the body.
    pub async fn send(&mut self, request: Outgoing) -> Result<Answer, Failure> {
        self.exchange(request, false).await
    }

    /// Sends a request and keeps the body of the answer.
    pub async fn fetch(&mut self, request: Outgoing) -> Result<Answer, Failure> {
        self.exchange(request, true).await
    }

    async fn exchange(&mut self, request: Outgoing, keep_body: bool) -> Result<Answer, Failure> {
        match self.attempt(request, keep_body).await {
            Err(Lost { unsent: Some(request), .. }) => {
                self.attempt(*request, keep_body).await.map_err(|lost| lost.failure)
            }
            other => other.map_err(|lost| lost.failure),
        }
    }

    /// One attempt; unless it succeeds, the connection is given up.
    async fn attempt(&mut self, request: Outgoing, keep_body: bool) -> Result<Answer, Lost> {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => self.connect().await?,
        };
        let answer = timeout(self.time_limit, link.exchange(request, keep_body)).await;
        let answer = answer.map_err(|_| Failure::Timeout)??;
        self.link = Some(link);
        Ok(answer)
    }

    /// Connects, trying again with back-off until the time limit.
    async fn connect(&mut self) -> Result<Link, Failure> {
        let deadline = Instant::now() + self.time_limit;
        let mut pause = BACKOFF_BASE;
        loop {
            if let Ok(Ok(link)) = tokio::time::timeout_at(deadline, Link::open(&self.target)).await {
                self.made += 1;
                return Ok(link);
            }
            if Instant::now() + pause >= deadline {
                return Err(Failure::Unreachable);
            }
            rest(pause).await;
            pause = (pause * 2).min(BACKOFF_CAP);
        }
    }
}

/// Pauses the calling task: before another attempt, or because the server asked for it.
#[expect(clippy::disallowed_methods, reason = "a client program waits in real time; no step, no Clock port")]
pub async fn rest(pause: Duration) {
    tokio::time::sleep(pause).await;
}

/// Why an attempt gave no answer, and the request if it never left.
struct Lost {
    failure: Failure,
    unsent: Option<Box<Outgoing>>,
}

impl From<Failure> for Lost {
    fn from(failure: Failure) -> Self {
        Self { failure, unsent: None }
    }
}

impl From<hyper::Error> for Lost {
    fn from(_: hyper::Error) -> Self {
        Failure::Broken.into()
    }
}

/// The future that moves a connection's bytes.
type Driver = Pin<Box<http1::Connection<TokioIo<TcpStream>, Full<Bytes>>>>;

/// An open connection: where requests go in, and what moves its bytes until it ends.
struct Link {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: Option<Driver>,
}

impl Link {
    async fn open(target: &Target) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(target.addresses()).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
        Ok(Self { sender, driver: Some(Box::pin(driver)) })
    }

    async fn exchange(&mut self, request: Outgoing, keep_body: bool) -> Result<Answer, Lost> {
        let Self { sender, driver } = self;
        drive(driver, async {
            if sender.ready().await.is_err() {
                return Err(Lost { failure: Failure::Broken, unsent: Some(Box::new(request)) });
            }
            let sent = sender.try_send_request(request).await;
            let response = sent.map_err(|mut error| Lost {
                failure: Failure::Broken,
                unsent: error.take_message().map(Box::new),
            })?;
            let (head, body) = response.into_parts();
            let body = read(body, keep_body).await?;
            Ok(Answer::of(&head, body))
        })
        .await
    }
}

/// Runs `work` while moving the connection's bytes, in one task.
async fn drive<F: Future>(driver: &mut Option<Driver>, work: F) -> F::Output {
    let mut work = pin!(work);
    poll_fn(|context| {
        if driver.as_mut().is_some_and(|driver| driver.as_mut().poll(context).is_ready()) {
            *driver = None;
        }
        work.as_mut().poll(context)
    })
    .await
}

/// Reads a body to its end, so that the connection can be used again.
async fn read(mut body: Incoming, keep: bool) -> Result<Bytes, hyper::Error> {
    let mut kept = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let (true, Some(data)) = (keep, frame?.data_ref()) {
            kept.extend_from_slice(data);
        }
    }
    Ok(kept.freeze())
}
