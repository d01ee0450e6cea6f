//! The flow of a batch: lines in, answers out, both at once and both bounded.
//!
//! It moves when the client takes answers, and at no other time: who does not read is not read. Nothing of it runs by itself,
//! so a client that goes away ends it; what was handed in by then is placed all the same.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use engine::{Command, Intake, Place, Saturated};
use futures::{FutureExt, stream};
use http_body_util::BodyExt;
use orders::{Orders, forms};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::lines::{Line, Lines};
use super::window::Window;
use crate::api::Api;
use crate::endpoints::orders::place::command;
use crate::idempotency::IdempotencyKey;
use crate::problem::Problem;
use crate::problems::{SLOW_BODY, TOO_LARGE, UNAVAILABLE, saturated};

/// A batch on its way.
pub(super) struct Flow {
    pub api: Arc<Api>,
    pub key: IdempotencyKey,
    pub body: Body,
    /// What all batches together may have under way.
    pub share: Arc<Semaphore>,
    /// Cancelled when the server stops.
    pub leaving: CancellationToken,
    /// One of the batches that may flow at once.
    pub _place: OwnedSemaphorePermit,
    pub progress: Progress,
}

/// How far a batch has come.
pub(super) struct Progress {
    lines: Lines,
    /// An order that has no place in the queue yet.
    stated: Option<Stated>,
    window: Window,
    is_reading: bool,
}

struct Stated {
    line: u64,
    bytes: usize,
    command: Command<Orders>,
}

/// A place in the queue, of the share that batches have in it.
struct Admission {
    place: Place<Orders>,
    share: OwnedSemaphorePermit,
}

/// What a batch waited for.
enum Event {
    Answered,
    Admitted(Result<Admission, Saturated>),
    Piece(Bytes),
    End,
    /// The line broke, and half a line is none.
    Broken,
    Slow,
    Leaving,
}

impl Progress {
    /// Nothing is read yet. A line may have so many bytes.
    pub fn new(max_bytes: usize) -> Self {
        Self { lines: Lines::new(max_bytes), stated: None, window: Window::default(), is_reading: true }
    }

    /// What is not read yet is not read at all, and the first line of it is told why.
    fn stop(&mut self, problem: Problem) {
        self.is_reading = false;
        let unread = self.stated.take().map_or(self.lines.upcoming(), |stated| stated.line);
        self.lines.clear();
        self.window.refuse(unread, problem);
    }

    fn hand_in(&mut self, admitted: Result<Admission, Saturated>) {
        let Some(Stated { line, bytes, command }) = self.stated.take() else { return };
        match admitted {
            Ok(Admission { place, share }) => self.window.expect(line, bytes, place.submit(command), share),
            Err(Saturated) => self.window.refuse(line, saturated()),
        }
    }
}

impl Flow {
    /// The answers, as a body that reads the other one as it is read itself.
    pub fn into_body(self) -> Body {
        Body::from_stream(stream::unfold(self, async |mut flow: Self| {
            let answers = flow.answers().await?;
            Some((Ok::<_, Infallible>(answers), flow))
        }))
    }

    /// The next answers, as many as there are. None: there are no more.
    async fn answers(&mut self) -> Option<Bytes> {
        loop {
            self.take_in();
            let answers = self.progress.window.answers();
            if !answers.is_empty() {
                return Some(answers);
            }
            let Progress { stated, window, is_reading, .. } = &self.progress;
            if !is_reading && stated.is_none() && window.is_empty() {
                return None;
            }
            let event = self.next().await;
            self.react(event);
        }
    }

    /// Hands in what has come, as long as there is room for it.
    fn take_in(&mut self) {
        while self.progress.window.has_room() {
            if self.progress.stated.is_some() {
                let Some(admitted) = admit(&self.api.orders, &self.share).now_or_never() else { return };
                self.progress.hand_in(admitted);
            } else {
                let Some(line) = self.progress.lines.next() else { return };
                self.read(line);
            }
        }
    }

    fn read(&mut self, Line { number, text }: Line) {
        let Some(text) = text else {
            let detail = format!("send at most {} bytes in a line", self.api.limits.max_body_bytes);
            return self.progress.window.refuse(number, Problem::new(TOO_LARGE, detail));
        };
        let text = text.trim_ascii();
        if text.is_empty() {
            return;
        }
        match forms::parse(text, &self.api.forms) {
            Ok(order) => {
                let command = command(&self.api, order, &self.key.of_line(number), text);
                self.progress.stated = Some(Stated { line: number, bytes: text.len(), command });
            }
            Err(error) => self.progress.window.refuse(number, error.into()),
        }
    }

    /// Waits for whatever lets the batch move. Safe to cancel.
    async fn next(&mut self) -> Event {
        let limits = &self.api.limits;
        let Progress { stated, window, is_reading, .. } = &mut self.progress;
        let (is_reading, waits) = (*is_reading, stated.is_some());
        let (has_room, is_empty) = (window.has_room(), window.is_empty());
        tokio::select! {
            biased;
            () = self.leaving.cancelled(), if is_reading => Event::Leaving,
            () = window.first(limits.request_timeout), if !is_empty => Event::Answered,
            admitted = admit(&self.api.orders, &self.share), if waits && has_room => Event::Admitted(admitted),
            event = piece(&mut self.body, limits.body_timeout), if is_reading && !waits && has_room => event,
        }
    }

    fn react(&mut self, event: Event) {
        let progress = &mut self.progress;
        match event {
            Event::Answered => {}
            Event::Admitted(admitted) => progress.hand_in(admitted),
            Event::Piece(piece) => progress.lines.push(piece),
            Event::End => {
                progress.is_reading = false;
                progress.lines.end();
            }
            Event::Broken => {
                progress.is_reading = false;
                progress.lines.clear();
            }
            Event::Slow => {
                let limit = self.api.limits.body_timeout;
                progress.stop(Problem::new(SLOW_BODY, format!("no line came within {limit:?}")));
            }
            Event::Leaving => {
                let detail = "the server is stopping; send the batch again from this line on";
                progress.stop(Problem::new(UNAVAILABLE, detail).retry_after(1));
            }
        }
    }
}

/// The next piece of the body.
async fn piece(body: &mut Body, limit: Duration) -> Event {
    match timeout(limit, body.frame()).await {
        Err(_) => Event::Slow,
        Ok(None) => Event::End,
        Ok(Some(Ok(frame))) => Event::Piece(frame.into_data().unwrap_or_default()),
        Ok(Some(Err(error))) => {
            tracing::debug!(%error, "a batch broke off");
            Event::Broken
        }
    }
}

async fn admit(intake: &Intake<Orders>, share: &Arc<Semaphore>) -> Result<Admission, Saturated> {
    let share = Arc::clone(share).acquire_owned().await.map_err(|_| Saturated)?;
    Ok(Admission { place: intake.place().await?, share })
}
