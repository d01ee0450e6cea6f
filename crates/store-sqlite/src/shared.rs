//! What a store and its transactions share.

use std::path::PathBuf;

use engine::Service;

use crate::cache::Cache;
use crate::directory::DataDirectory;
use crate::readers::Readers;
use crate::scans::Scans;
use crate::tables::Tables;
use crate::tail::Tail;
use crate::writing::Writing;

/// What the store and its transactions share.
pub(crate) struct Shared<S: Service> {
    pub tables: Box<dyn Tables<S>>,
    pub cache: Cache<S::State>,
    pub tail: Tail,
    pub readers: Readers,
    pub scans: Scans,
    pub writing: Writing,
    pub file: PathBuf,
    /// Held as long as anything of the store lives.
    pub _directory: DataDirectory,
}
