//! A client of server-sent events, as the HTML standard reads them (section 9.2).

use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

/// A stream that is open.
pub struct Events {
    body: Incoming,
    /// What came and is not read yet.
    text: String,
    last_id: String,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What sort it is.
    pub name: String,
    /// Where to go on behind it.
    pub id: String,
    /// What it says.
    pub data: Value,
}

impl Events {
    pub(super) fn of(body: Incoming) -> Self {
        Self { body, text: String::new(), last_id: String::new() }
    }

    /// The next event. None: the stream has ended, or broken.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(event) = self.read(&frame) {
                    return Some(event);
                }
            }
            let bytes = self.body.frame().await?.ok()?.into_data().ok()?;
            self.text += std::str::from_utf8(&bytes).expect("frames are text");
        }
    }

    /// The next event of which this is true. None: the stream has ended before.
    pub async fn find(&mut self, is_it: impl Fn(&Event) -> bool) -> Option<Event> {
        loop {
            let event = self.next().await?;
            if is_it(&event) {
                return Some(event);
            }
        }
    }

    /// Where to go on, should the stream end now.
    pub fn last_id(&self) -> &str {
        &self.last_id
    }

    /// The event in a frame. None: it has no data.
    fn read(&mut self, frame: &str) -> Option<Event> {
        let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        if let Some(id) = field("id") {
            id.clone_into(&mut self.last_id);
        }
        let data = serde_json::from_str(field("data")?).expect("data is JSON");
        let name = field("event").unwrap_or("message").to_owned();
        Some(Event { name, id: self.last_id.clone(), data })
    }
}
