//! Whether the file can be written, by what came of it last. A full disk shows only to who writes.

use std::sync::atomic::{AtomicBool, Ordering};

use engine::Fault;

/// What is known.
#[derive(Debug, Default)]
pub(crate) struct Writing {
    is_doubted: AtomicBool,
}

impl Writing {
    /// Takes note of what came of a transaction, or of a part of one. One that wrote nothing says nothing about the disk, nor does
    /// what the store refused to write.
    pub fn heed<T>(&self, result: &Result<T, Fault>, has_written: bool) {
        match result {
            Ok(_) if has_written => self.is_doubted.store(false, Ordering::Relaxed),
            Err(Fault::Unavailable(_)) => self.is_doubted.store(true, Ordering::Relaxed),
            _ => {}
        }
    }

    /// Whether the last attempt failed.
    pub fn is_doubted(&self) -> bool {
        self.is_doubted.load(Ordering::Relaxed)
    }
}
