//! The records of one publication, and what became of each.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use broker::Topic;
use engine::{Fault, Record};
use lapin::types::MAX_SHORT_STRING_LENGTH;

use crate::failure::Failure;

/// The records of one publication.
pub(crate) struct Flight<'r> {
    pub records: &'r [Arc<Record>],
    /// None: it is not known yet.
    fates: Vec<Option<Result<(), Fault>>>,
    /// Types that came back, because no queue takes them.
    returned: HashSet<String>,
}

impl<'r> Flight<'r> {
    /// Nothing is sent yet, and nothing will be of what has no place at the server.
    pub fn new(records: &'r [Arc<Record>]) -> Self {
        let fates =
            records.iter().map(|record| unsendable(record).map(|reason| Err(Fault::Rejected(reason))));
        Self { records, fates: fates.collect(), returned: HashSet::new() }
    }

    /// The records of which nothing is known yet, the largest first.
    pub fn open(&self) -> Vec<usize> {
        let mut open: Vec<_> = (0..self.fates.len()).filter(|item| self.fates[*item].is_none()).collect();
        open.sort_by_key(|item| Reverse(self.records[*item].data.len()));
        open
    }

    /// This became of a record.
    pub fn settle(&mut self, item: usize, fate: Result<(), Fault>) {
        self.fates[item] = Some(fate);
    }

    /// Whether the server will never take this record as it is.
    pub fn is_rejected(&self, item: usize) -> bool {
        matches!(self.fates[item], Some(Err(Fault::Rejected(_))))
    }

    /// A record of this type came back. The client may tell of it with the confirmation of another one, so what counts is
    /// the type: that decides which queues take it.
    pub fn note_returned(&mut self, kind: &str) {
        self.returned.insert(kind.to_owned());
    }

    /// What came back was not taken after all. Answers whether anything did.
    pub fn take_back(&mut self) -> bool {
        for (record, fate) in self.records.iter().zip(&mut self.fates) {
            if self.returned.contains(&record.kind) && *fate == Some(Ok(())) {
                let reason = format!("RabbitMQ: no queue takes {}; they are declared again", record.kind);
                *fate = Some(Err(Fault::Unavailable(reason)));
            }
        }
        !self.returned.is_empty()
    }

    /// One result for each record; `end` is why some are still open, if any are.
    pub fn results(self, end: Failure) -> Vec<Result<(), Fault>> {
        let open = Fault::from(end);
        self.fates.into_iter().map(|fate| fate.unwrap_or_else(|| Err(open.clone()))).collect()
    }
}

/// Why a record cannot be sent.
fn unsendable(record: &Record) -> Option<String> {
    if Topic::of(&record.source).is_none() {
        return Some(format!("there is no topic for events of {}", record.source));
    }
    let is_long = record.kind.len() > MAX_SHORT_STRING_LENGTH;
    is_long.then(|| format!("a type has at most {MAX_SHORT_STRING_LENGTH} bytes at RabbitMQ"))
}
