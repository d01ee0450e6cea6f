//! The embedded broker: the log itself. A consumer reads the producer's log by a cursor that it keeps in its own
//! database, in the transaction that applies the events.

use std::sync::Arc;

use async_trait::async_trait;

use crate::fault::Fault;
use crate::inlet::{Delivery, Inlet, Position};
use crate::store::{Cursors, Log};

/// An inlet that reads the producer's log.
pub struct EmbeddedInlet {
    source: &'static str,
    log: Arc<dyn Log>,
    consumer: Arc<dyn Cursors>,
    /// Per partition the last offset that was polled. None where only the database knows: before the first poll, and
    /// behind a commit that failed or may have failed.
    cursors: Option<Vec<u64>>,
    /// The partition to begin the next poll with, so that a busy one does not starve the others.
    next: usize,
}

impl EmbeddedInlet {
    /// Reads `source`'s `log` for the service whose database is `consumer`.
    pub fn new(source: &'static str, log: Arc<dyn Log>, consumer: Arc<dyn Cursors>) -> Self {
        Self { source, log, consumer, cursors: None, next: 0 }
    }

    /// A cursor past the end of the log is the work of a backup that put back one file of two.
    async fn load(&self) -> Result<Vec<u64>, Fault> {
        let mut cursors = vec![0; usize::from(self.log.partitions())];
        for (partition, offset) in self.consumer.cursors(self.source).await? {
            let Some(cursor) = cursors.get_mut(usize::from(partition)) else { continue };
            if offset > self.log.head(partition).await? {
                return Err(self.misfit("is shorter than what was read of it"));
            }
            *cursor = offset;
        }
        Ok(cursors)
    }

    fn misfit(&self, what: &str) -> Fault {
        let source = self.source;
        Fault::Corrupt(format!(
            "the log of {source} {what}; restore the whole data directory from one backup"
        ))
    }
}

#[async_trait]
impl Inlet for EmbeddedInlet {
    fn source(&self) -> &'static str {
        self.source
    }

    fn consumer_keeps_cursor(&self) -> bool {
        true
    }

    async fn poll(&mut self, limit: usize) -> Result<Vec<Delivery>, Fault> {
        let mut cursors = match self.cursors.take() {
            Some(cursors) => cursors,
            None => self.load().await?,
        };
        let mut deliveries = Vec::new();
        let mut result = Ok(());
        for turn in 0..cursors.len() {
            let index = (self.next + turn) % cursors.len();
            let partition = u16::try_from(index).unwrap_or(u16::MAX);
            let room = limit - deliveries.len();
            if room == 0 {
                break;
            }
            let cursor = cursors[index];
            match self.log.read(partition, cursor, room).await {
                // A consumer that is new, with its cursor at 0, begins with what the log still has.
                Ok(records)
                    if cursor > 0 && records.first().is_some_and(|(first, _)| *first != cursor + 1) =>
                {
                    result = Err(self.misfit("was cleaned of what was not read yet"));
                }
                Ok(records) => deliveries.extend(records.into_iter().map(|(offset, record)| {
                    cursors[index] = offset;
                    Delivery { record, position: Position { partition, offset } }
                })),
                Err(fault) => result = Err(fault),
            }
        }
        self.next = (self.next + 1) % cursors.len().max(1);
        self.cursors = Some(cursors);
        // What was read before a fault is applied; the fault shows again with the next poll.
        if deliveries.is_empty() { result.map(|()| deliveries) } else { Ok(deliveries) }
    }

    async fn settle(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    async fn rewind(&mut self) {
        self.cursors = None;
    }
}
