//! A row: what is common to all ways of writing orders in a file.

use bytes::Bytes;

/// An order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line it begins in, from 1.
    pub line: u64,
    /// The order as JSON in one line, or why it is none.
    pub order: Result<Bytes, String>,
    /// Where the file goes on behind it, in bytes.
    pub end: u64,
}
