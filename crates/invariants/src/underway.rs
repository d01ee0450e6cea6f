//! Events between two services: published, and not applied yet. Until then the two may disagree, and neither is wrong.

use std::collections::HashSet;

use engine::reading::Reading;
use engine::{Fault, Key};

/// The keys of all events that some reader has not applied yet, where readers read the log itself. An event that was lost
/// is not among them: it has to lie in the log, behind the reader's cursor.
///
/// # Errors
/// [`Fault`] if a store cannot answer.
pub async fn underway(readings: &[Reading]) -> Result<HashSet<Key>, Fault> {
    let mut keys = HashSet::new();
    for reading in readings {
        keys.extend(reading.unread().await?);
    }
    Ok(keys)
}

/// Those of the keys about which some reader has not applied all that was published, whatever carries the events. An event
/// that was lost is among them, so an audit must not excuse a key with it for ever.
///
/// # Errors
/// [`Fault`] if a store cannot answer.
pub async fn behind(readings: &[Reading], keys: &[Key]) -> Result<HashSet<Key>, Fault> {
    let mut behind = HashSet::new();
    for reading in readings {
        behind.extend(reading.behind(keys).await?);
    }
    Ok(behind)
}
