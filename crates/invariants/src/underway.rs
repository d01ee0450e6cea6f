//! Events between two services: published, and not applied yet. Until then the two may disagree, and neither is wrong.

use std::collections::HashSet;

use engine::reading::Reading;
use engine::{Fault, Key};

/// The keys of all events that some reader has not applied yet.
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
