//! What is settled of a channel's deliveries.
//!
//! The server numbers the deliveries of a channel from 1, and one acknowledgement can tell of all through a number. So what
//! counts is the number through which there is no gap; what is settled beyond a gap waits until the gap is closed. It
//! guarantees that nothing counts as settled that was not.

use std::collections::BTreeSet;

use async_trait::async_trait;
use broker::Acknowledge;
use engine::Fault;
use tokio::sync::watch;

/// A delivery: which channel's, counted by its inlet, and its number there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag {
    pub channel: u64,
    pub delivery: u64,
}

/// Takes note of what is settled. Whoever has the channel sees it, and tells the server.
pub(crate) struct Settled {
    /// The delivery through which all of its channel is settled.
    through: Tag,
    /// What is settled of the same channel, behind a gap. At most what the server sends without acknowledgements.
    beyond: BTreeSet<u64>,
    seen: watch::Sender<Tag>,
}

impl Settled {
    /// Nothing is settled yet. What is will be seen at the other end.
    pub fn new() -> (Self, watch::Receiver<Tag>) {
        let (seen, other_end) = watch::channel(Tag::default());
        (Self { through: Tag::default(), beyond: BTreeSet::new(), seen }, other_end)
    }

    fn note(&mut self, tag: Tag) {
        if tag.channel < self.through.channel {
            // That channel is gone, and the server delivers again what it had not heard of.
            return;
        }
        if tag.channel > self.through.channel {
            self.through = Tag { channel: tag.channel, delivery: 0 };
            self.beyond.clear();
        }
        if tag.delivery > self.through.delivery {
            self.beyond.insert(tag.delivery);
        }
        while self.beyond.remove(&(self.through.delivery + 1)) {
            self.through.delivery += 1;
        }
    }
}

#[async_trait]
impl Acknowledge<Tag> for Settled {
    async fn acknowledge(&mut self, tags: Vec<Tag>) -> Result<(), Fault> {
        for tag in tags {
            self.note(tag);
        }
        self.seen.send_replace(self.through);
        Ok(())
    }
}
