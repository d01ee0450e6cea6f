//! Events between two services: published, and not applied yet. Until then the two may disagree, and neither is wrong.

use std::collections::{BTreeMap, HashSet};

use engine::{Cursors, Fault, Key, Log};

/// Records of a log in memory.
const PAGE: usize = 1_000;

/// That one service reads another one's log.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Whose log.
    pub source: &'static str,
    /// The log.
    pub log: &'a dyn Log,
    /// Who reads it.
    pub reader: &'a dyn Cursors,
}

/// The keys of all events that a reader has not applied yet. An event that was lost is not among them: it has to lie in
/// the log, behind the reader's cursor.
///
/// # Errors
/// [`Fault`] if a store cannot answer.
pub async fn underway(readings: &[Reading<'_>]) -> Result<HashSet<Key>, Fault> {
    let mut keys = HashSet::new();
    for reading in readings {
        let read: BTreeMap<_, _> = reading.reader.cursors(reading.source).await?.into_iter().collect();
        for partition in 0..reading.log.partitions() {
            let mut after = read.get(&partition).copied().unwrap_or(0);
            loop {
                let page = reading.log.read(partition, after, PAGE).await?;
                let Some((last, _)) = page.last() else { break };
                after = *last;
                keys.extend(page.into_iter().map(|(_, record)| record.key.clone()));
            }
        }
    }
    Ok(keys)
}
