//! Server-sent events, as the HTML standard reads them (section 9.2), as far as ordo's servers write them.

use anyhow::{Result, ensure};
use hyper::body::Incoming;

use crate::link::piece;

/// The longest event, in bytes: longer than any that a server of ours writes.
const MAX_FRAME: usize = 16 << 20;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What sort it is. Empty: none was named.
    pub name: String,
    /// Where to go on behind it.
    pub id: Option<String>,
    /// What it says. Empty: it only says where to go on.
    pub data: String,
}

/// Events as they come.
pub struct Events {
    body: Incoming,
    buffer: Buffer,
}

impl Events {
    /// The events of an answer.
    pub fn of(body: Incoming) -> Self {
        Self { body, buffer: Buffer::default() }
    }

    /// The next event. None: the stream has ended.
    ///
    /// # Errors
    /// [`Away`](crate::Away) if the connection broke, or says nothing for too long.
    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.buffer.next() {
                return Ok(Some(event));
            }
            let Some(bytes) = piece(&mut self.body).await? else { return Ok(None) };
            self.buffer.bytes.extend_from_slice(&bytes);
            ensure!(self.buffer.bytes.len() <= MAX_FRAME, "an event is too long; is this an ordo server?");
        }
    }
}

/// What came and is not read yet.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
}

impl Buffer {
    /// The next event that is whole.
    fn next(&mut self) -> Option<Event> {
        let end = self.bytes.windows(2).position(|pair| pair == b"\n\n")?;
        let frame: Vec<u8> = self.bytes.drain(..end + 2).collect();
        Some(read(&String::from_utf8_lossy(&frame)))
    }
}

fn read(frame: &str) -> Event {
    let mut event = Event::default();
    for line in frame.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut event.name),
            "id" => event.id = Some(value.to_owned()),
            "data" if event.data.is_empty() => value.clone_into(&mut event.data),
            "data" => event.data += &format!("\n{value}"),
            _ => {}
        }
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_in_whatever_pieces_they_come() {
        let stream = "retry: 1000\n\n:\nid: 1.2\n\nevent: entry\nid: 7\ndata: {\"a\":\ndata: 1}\n\n";
        let expected = [
            Event::default(),
            Event { id: Some("1.2".into()), ..Event::default() },
            Event { name: "entry".into(), id: Some("7".into()), data: "{\"a\":\n1}".into() },
        ];
        for size in [1, 2, 3, 7, stream.len()] {
            let (mut buffer, mut events) = (Buffer::default(), Vec::new());
            for piece in stream.as_bytes().chunks(size) {
                buffer.bytes.extend_from_slice(piece);
                events.extend(std::iter::from_fn(|| buffer.next()));
            }
            assert_eq!(events, expected, "{size}");
        }
    }

    #[test]
    fn an_event_that_is_not_whole_waits() {
        let mut buffer = Buffer { bytes: b"data: 1\n".to_vec() };
        assert_eq!(buffer.next(), None);
        buffer.bytes.push(b'\n');
        assert_eq!(buffer.next().unwrap().data, "1");
    }
}
