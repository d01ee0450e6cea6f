//! `GET /api/v1/events`: the public events of all services, as they are published.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use broker::{TOPICS, Topic};
use engine::{Key, Record};
use futures::{StreamExt, stream};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use crate::api::Api;
use crate::live::{Frame, HEARTBEAT, Heard, Listener, Live, Place, Position, RETRY, Waited, response};
use crate::metrics::Stream;
use crate::parameters::{self, LAST_EVENT_ID, invalid, last_event_id, parameters};
use crate::problem::{Problem, ProblemView};
use crate::view::event::EventView;

const KNOWN: &[&str] = &["type", "order_id", "topic", LAST_EVENT_ID];

/// Follow all events
///
/// Server-sent events, from now on. Each is an `event`, its data the CloudEvent as JSON. Within an order they come as they
/// were published, beyond that roughly so. Whoever comes back with the `Last-Event-ID`, to any instance, gets what he
/// missed as long as the logs still have it. Where something may be missing, because that was too long ago or the client
/// is too slow, comes a `gap`.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "follow_events",
    tag = "operations",
    params(
        ("type" = Option<String>, Query, description = "Only events of this type; may be given several times"),
        ("order_id" = Option<Uuid>, Query, description = "Only events about this order"),
        ("topic" = Option<String>, Query, description = "Only events that brokers carry on this topic: `order-events`, `payment-events`, `processing-events`, `catalog-events`"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event you have"),
        ("last_event_id" = Option<String>, Query, description = "The same, for clients that cannot send the header"),
    ),
    responses(
        (status = 200, description = "Events without end", body = EventView<'static>, content_type = "text/event-stream"),
        (status = 400, description = "An unknown or invalid parameter", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 503, description = "As many streams are open as may be", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn events(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let (filter, parameter) = read(&uri)?;
    let place = api.live.place(Stream::Events)?;
    let (listener, now) = api.live.tail().listen().await?;
    let mut feed = Feed {
        live: Arc::clone(&api.live),
        filter,
        listener,
        place,
        position: now.clone(),
        end: None,
        heard: VecDeque::new(),
    };
    if let Some(token) = last_event_id(&headers, parameter.as_deref()) {
        feed.resume(&token, now);
    }
    let opening = Frame::opening().id(&feed.position).finish();
    let opening = stream::once(async { opening });
    Ok(response(opening.chain(stream::unfold(feed, Feed::next))))
}

/// Which events somebody wants.
#[derive(Debug, Default)]
struct Filter {
    /// Of one of these types; any if there are none.
    kinds: Vec<&'static str>,
    order: Option<Key>,
    topic: Option<&'static Topic>,
}

impl Filter {
    fn has(&self, record: &Record) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&&*record.kind))
            && self.order.as_ref().is_none_or(|order| *order == record.key)
            && self.topic.is_none_or(|topic| topic.source == record.source)
    }
}

/// What is wanted, and from where on.
fn read(uri: &Uri) -> Result<(Filter, Option<String>), Problem> {
    let (mut filter, mut last_event_id) = (Filter::default(), None);
    for (name, value) in parameters(uri) {
        match &*name {
            "type" => filter.kinds.push(kind(&value)?),
            "order_id" => filter.order = Some(Key::Id(order(&value)?)),
            "topic" => filter.topic = Some(topic(&value)?),
            LAST_EVENT_ID => last_event_id = Some(value.into_owned()),
            unknown => return Err(parameters::unknown(unknown, KNOWN)),
        }
    }
    Ok((filter, last_event_id))
}

/// The topics of our own events.
fn topics() -> impl Iterator<Item = &'static Topic> {
    TOPICS.iter().filter(|topic| topic.counts)
}

fn kind(value: &str) -> Result<&'static str, Problem> {
    let kinds: Vec<_> = topics().flat_map(|topic| topic.kinds).copied().collect();
    let known = kinds.iter().find(|kind| **kind == value);
    known.copied().ok_or_else(|| invalid("type", format!("write one of {}", kinds.join(", "))))
}

fn topic(value: &str) -> Result<&'static Topic, Problem> {
    let names: Vec<_> = topics().map(|topic| topic.name).collect();
    let known = topics().find(|topic| topic.name == value);
    known.ok_or_else(|| invalid("topic", format!("write one of {}", names.join(", "))))
}

fn order(value: &str) -> Result<Uuid, Problem> {
    value.parse().map_err(|_| invalid("order_id", "write an order's id"))
}

/// A client's events, as far as it has come.
struct Feed {
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
    /// Goes on from where the client was, if that can be read and lies before `now`.
    fn resume(&mut self, token: &str, now: Position) {
        match token.parse::<Position>() {
            Ok(position) if position.leads_to(&now) => (self.position, self.end) = (position, Some(now)),
            Ok(_) | Err(_) => self.heard.push_back(Heard::Gap),
        }
    }

    /// What to send next. None: the process stops.
    async fn next(mut self) -> Option<(Bytes, Self)> {
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
            match self.end.take() {
                Some(end) => self.catch_up(end).await,
                None => return self.place.wait(until, self.listener.next()).await,
            }
        }
        Waited::Over
    }

    /// Reads some of what lies before. A database that is away is asked again a little later.
    async fn catch_up(&mut self, end: Position) {
        match self.live.tail().catch_up(&mut self.position, &end).await {
            Ok(None) => {}
            Ok(Some(heard)) => (self.heard, self.end) = (heard.into(), Some(end)),
            Err(fault) => {
                tracing::debug!(%fault, "a stream cannot catch up");
                self.end = Some(end);
                self.place.pause(RETRY).await;
            }
        }
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
