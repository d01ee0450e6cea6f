//! A client's events: how far it has come, and what it is told next.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Bytes;
use engine::Fault;
use serde_json::json;
use tokio::time::Instant;

use super::filter::Filter;
use crate::live::{Frame, HEARTBEAT, Heard, Listener, Live, Place, Position, RETRY, Waited};
use crate::view::event::EventView;

/// A client's events, as far as it has come.
pub(super) struct Feed {
    live: Arc<Live>,
    filter: Filter,
    listener: Listener,
    place: Place,
    /// How far it has come.
    position: Position,
    /// From where on it listens, while it catches up on what is before.
    end: Option<Position>,
    /// What was read to catch up and not looked at yet.
    heard: VecDeque<Heard>,
}

impl Feed {
    /// From now on, or from where the client was, if it says so and that can be read.
    pub async fn open(
        live: &Arc<Live>,
        filter: Filter,
        place: Place,
        token: Option<String>,
    ) -> Result<Self, Fault> {
        let (listener, now) = live.tail().listen().await?;
        let (live, position) = (Arc::clone(live), now.clone());
        let mut feed = Self { live, filter, listener, place, position, end: None, heard: VecDeque::new() };
        if let Some(token) = token {
            feed.resume(&token, now);
        }
        Ok(feed)
    }

    /// What the stream begins with.
    pub fn opening(&self) -> Bytes {
        Frame::opening().id(&self.position).finish()
    }

    /// Goes on from where the client was, if that lies before `now`.
    fn resume(&mut self, token: &str, now: Position) {
        match token.parse::<Position>() {
            Ok(position) if position.leads_to(&now) => (self.position, self.end) = (position, Some(now)),
            Ok(_) | Err(_) => self.heard.push_back(Heard::Gap),
        }
    }

    /// What to send next. None: the process stops.
    pub async fn next(mut self) -> Option<(Bytes, Self)> {
        let until = Instant::now() + HEARTBEAT;
        // Of many events that are not wanted none is told, and the client is to know that the stream goes on.
        while Instant::now() < until {
            match self.hear(until).await {
                Waited::Came(heard) => {
                    if let Some(frame) = self.tell(heard) {
                        return Some((frame.finish(), self));
                    }
                }
                Waited::Quiet => break,
                Waited::Over => return None,
            }
        }
        Some((Frame::heartbeat().id(&self.position).finish(), self))
    }

    /// What comes next: what lies before, and then what happens.
    async fn hear(&mut self, until: Instant) -> Waited<Heard> {
        while !self.place.is_over() {
            if let Some(heard) = self.heard.pop_front() {
                return Waited::Came(heard);
            }
            let moved = match self.end.take() {
                Some(end) => self.catch_up(end, until).await,
                None => self.listen(until).await,
            };
            match moved {
                Waited::Came(()) => {}
                Waited::Quiet => return Waited::Quiet,
                Waited::Over => break,
            }
        }
        Waited::Over
    }

    /// Waits for what happens. Who is too slow for that reads on from the logs, which may still have it all.
    async fn listen(&mut self, until: Instant) -> Waited<()> {
        match self.place.wait(until, self.listener.next()).await {
            Waited::Came(Some(heard)) => self.heard.push_back(heard),
            Waited::Came(None) => match self.live.tail().listen().await {
                Ok((listener, now)) => (self.listener, self.end) = (listener, Some(now)),
                Err(fault) => return self.rest(&fault, until).await,
            },
            Waited::Quiet => return Waited::Quiet,
            Waited::Over => return Waited::Over,
        }
        Waited::Came(())
    }

    /// Reads some of what lies before. A database that is away is asked again a little later.
    async fn catch_up(&mut self, end: Position, until: Instant) -> Waited<()> {
        let reading = self.live.tail().catch_up(&mut self.position, &end);
        let read = self.place.wait(until, reading).await;
        self.end = Some(end);
        match read {
            Waited::Came(Ok(None)) => self.end = None,
            Waited::Came(Ok(Some(heard))) => self.heard = heard.into(),
            Waited::Came(Err(fault)) => return self.rest(&fault, until).await,
            Waited::Quiet => return Waited::Quiet,
            Waited::Over => return Waited::Over,
        }
        Waited::Came(())
    }

    /// Waits a little before the logs are read again.
    async fn rest(&self, fault: &Fault, until: Instant) -> Waited<()> {
        tracing::debug!(%fault, "a stream cannot read the logs");
        self.place.pause(until, RETRY).await
    }

    /// The frame of what was heard, if it is wanted.
    fn tell(&mut self, heard: Heard) -> Option<Frame> {
        match heard {
            Heard::Event(event) => {
                self.position.advance(event.lane, event.offset);
                let is_wanted = self.filter.has(&event.record);
                is_wanted
                    .then(|| Frame::event("event").id(&self.position).data(&EventView::from(&*event.record)))
            }
            Heard::Gap => {
                self.live.count_gap();
                let message = json!({"message": "events may be missing here"});
                Some(Frame::event("gap").id(&self.position).data(&message))
            }
        }
    }
}
