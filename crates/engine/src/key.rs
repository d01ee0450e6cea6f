//! Keys: the name of one thing a service keeps, and of the stream of events about it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Before a name that would read back as something else.
const ESCAPE: char = '=';

/// The order, the product, the charge: what a message touches. Batches lock keys in this type's order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A thing with an id of ours. UUIDv7, so that keys born together lie together on disk.
    Id(Uuid),
    /// A thing that its users named.
    Name(Arc<str>),
}

impl Key {
    /// The key of a thing that its users named.
    pub fn name(name: &str) -> Self {
        Self::Name(Arc::from(name))
    }

    /// The id, if this key is one.
    pub fn id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            Self::Name(_) => None,
        }
    }

    /// The key as text that [`Self::read`] reads back as the same key, also where it is a name that looks like an id.
    pub fn text(&self) -> String {
        match self {
            Self::Name(name) if name.starts_with(ESCAPE) || Uuid::try_parse(name).is_ok() => {
                format!("{ESCAPE}{name}")
            }
            _ => self.to_string(),
        }
    }

    /// Reads what [`Self::text`] wrote.
    pub fn read(text: &str) -> Self {
        text.strip_prefix(ESCAPE).map_or_else(|| Self::from(text), Self::name)
    }

    /// The partition of the log that holds this key's events: FNV-1a over the key's bytes, so that it is the
    /// same in every process and version.
    pub fn partition(&self, partitions: u16) -> u16 {
        if partitions <= 1 {
            return 0;
        }
        let hash = match self {
            Self::Id(id) => fnv1a(id.as_bytes()),
            Self::Name(name) => fnv1a(name.as_bytes()),
        };
        u16::try_from(hash % u64::from(partitions)).unwrap_or(0)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(out),
            Self::Name(name) => out.write_str(name),
        }
    }
}

/// Reads what [`fmt::Display`] wrote: text that is a UUID is an id, all other text a name.
impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_| Self::name(text), Self::Id)
    }
}

impl From<Uuid> for Key {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}

/// Fowler-Noll-Vo 1a, 64 bit.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_was_written() {
        for key in [Key::Id(Uuid::from_u128(7)), Key::name("margherita")] {
            assert_eq!(Key::from(key.to_string().as_str()), key);
        }
    }

    #[test]
    fn the_text_of_a_key_reads_back_whatever_it_looks_like() {
        let id = Uuid::from_u128(7);
        for key in
            [Key::Id(id), Key::name("margherita"), Key::name(&id.to_string()), Key::name("=x"), Key::name("")]
        {
            assert_eq!(Key::read(&key.text()), key);
        }
        assert_eq!(Key::Id(id).text(), id.to_string());
    }

    #[test]
    fn partitions_are_stable_across_versions() {
        assert_eq!(Key::name("margherita").partition(8), 5);
        assert_eq!(Key::Id(Uuid::from_u128(7)).partition(1), 0);
    }
}
