//! The lines of a batch that are under way: handed in together, answered in their order.

use std::collections::VecDeque;
use std::future::pending;
use std::time::Duration;

use axum::http::StatusCode;
use bytes::{BufMut, Bytes, BytesMut};
use engine::Answer;
use engine::claim::ClaimKind;
use orders::Orders;
use serde::Serialize;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, timeout_at};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::{Problem, ProblemView};
use crate::problems::timed_out;
use crate::submit::{Done, outcome, unanswered};

/// Where the problems of lines occur.
const PATH: &str = "/api/v1/orders/batch";
/// Lines under way at once: two of what the engine takes at once, so that one is full when the other is committed.
const MAX_LINES: usize = 4096;
/// What they may come to, in bytes as they were sent.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// So much is written at once, in bytes, give or take one answer.
const CHUNK: usize = 32 * 1024;

/// The answer to one line.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = BatchAnswer, description = "The answer to one line of a batch.")]
pub(crate) enum LineView<'a> {
    /// The order is placed.
    Placed {
        /// The line, from 1. Blank lines count.
        #[schema(minimum = 1)]
        line: u64,
        /// 201, or 200 if the order was placed before under its external id.
        #[schema(example = 201)]
        status: u16,
        /// The order.
        id: Uuid,
    },
    /// It is not.
    Refused {
        /// The line, from 1. Blank lines count.
        #[schema(minimum = 1)]
        line: u64,
        /// What a request of its own would have been answered with.
        #[schema(example = 422)]
        status: u16,
        /// What is wrong.
        problem: ProblemView<'a>,
    },
}

/// What came of a line: the order, or why there is none.
type Told = Result<(StatusCode, Uuid), Box<Problem>>;

/// The lines under way.
#[derive(Debug, Default)]
pub(super) struct Window {
    held: VecDeque<Held>,
    bytes: usize,
}

#[derive(Debug)]
struct Held {
    line: u64,
    bytes: usize,
    answer: State,
}

#[derive(Debug)]
enum State {
    Told(Told),
    Awaited {
        since: Instant,
        answer: oneshot::Receiver<Answer<Orders>>,
        /// Of what all batches together may have under way.
        _share: OwnedSemaphorePermit,
    },
}

impl Window {
    /// Whether nothing is under way.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether one more line may be under way.
    pub fn has_room(&self) -> bool {
        self.held.len() < MAX_LINES && self.bytes < MAX_BYTES
    }

    /// A line was handed in.
    pub fn expect(
        &mut self,
        line: u64,
        bytes: usize,
        answer: oneshot::Receiver<Answer<Orders>>,
        share: OwnedSemaphorePermit,
    ) {
        self.bytes += bytes;
        let answer = State::Awaited { since: Instant::now(), answer, _share: share };
        self.held.push_back(Held { line, bytes, answer });
    }

    /// A line was refused at the door.
    pub fn refuse(&mut self, line: u64, problem: Problem) {
        self.held.push_back(Held { line, bytes: 0, answer: State::Told(Err(Box::new(problem))) });
    }

    /// Waits until the first line has its answer, or has waited for it too long. Safe to cancel.
    pub async fn first(&mut self, limit: Duration) {
        let Some(first) = self.held.front_mut() else { return pending().await };
        let State::Awaited { since, answer, .. } = &mut first.answer else { return };
        let told = match timeout_at(*since + limit, answer).await {
            Ok(answer) => tell(answer.unwrap_or_else(|_| unanswered())),
            Err(_) => Err(Box::new(timed_out())),
        };
        first.answer = State::Told(told);
    }

    /// Takes the answers that are there, as lines of JSON, in the order of their lines.
    pub fn answers(&mut self) -> Bytes {
        let mut out = BytesMut::new();
        while out.len() < CHUNK
            && let Some(first) = self.held.front_mut()
            && first.is_told()
        {
            write(&mut out, first);
            self.bytes -= first.bytes;
            self.held.pop_front();
        }
        out.freeze()
    }
}

impl Held {
    /// Whether its answer is there, which is taken then.
    fn is_told(&mut self) -> bool {
        let State::Awaited { answer, .. } = &mut self.answer else { return true };
        let answer = match answer.try_recv() {
            Ok(answer) => answer,
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Closed) => unanswered(),
        };
        self.answer = State::Told(tell(answer));
        true
    }

    /// Its answer, once it is there.
    fn view(&self) -> Option<LineView<'_>> {
        let State::Told(told) = &self.answer else { return None };
        let line = self.line;
        Some(match told {
            Ok((status, id)) => LineView::Placed { line, status: status.as_u16(), id: *id },
            Err(problem) => {
                let status = problem.kind.status.as_u16();
                LineView::Refused { line, status, problem: problem.view(PATH) }
            }
        })
    }
}

fn tell(answer: Answer<Orders>) -> Told {
    let Done { reply, replayed } = outcome(answer)?;
    let status = match replayed {
        Some(ClaimKind::External) => StatusCode::OK,
        _ => StatusCode::CREATED,
    };
    Ok((status, reply.id))
}

fn write(out: &mut BytesMut, held: &Held) {
    // What is written are texts and numbers into memory, which cannot fail.
    let _ = serde_json::to_writer(out.writer(), &held.view());
    out.put_u8(b'\n');
}
