//! The rows of a file, one order each, whichever way they are written.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, Result};
use bytes::Bytes;

use super::row::Row;
use super::source::Source;
use super::table::Table;
use crate::args::Format;

/// The longest line, in bytes. A server takes less.
const MAX_LINE: usize = 16 << 20;
/// How much is read ahead, in bytes.
const AHEAD: usize = 256 * 1024;

/// The rows that are left.
pub enum Rows {
    /// Lines of JSON.
    Lines(Lines<BufReader<File>>),
    /// A table.
    Table(Table<File>),
}

impl Rows {
    /// The rows of a file.
    ///
    /// # Errors
    /// If it cannot be read, or is a table with unknown columns.
    pub fn open(source: &Source, format: Option<Format>) -> Result<Self> {
        let file = source.content()?;
        Ok(match format.unwrap_or_else(|| source.format()) {
            Format::Ndjson => Self::Lines(Lines::new(BufReader::with_capacity(AHEAD, file))),
            Format::Csv => Self::Table(Table::new(file)?),
        })
    }

    /// The next row. None: there are no more.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next(&mut self) -> Result<Option<Row>> {
        match self {
            Self::Lines(lines) => lines.next().context("cannot read the file"),
            Self::Table(table) => table.next().context("cannot read the file"),
        }
    }
}

/// Lines of JSON that are not blank.
pub struct Lines<R> {
    from: R,
    line: u64,
    end: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines from here on.
    pub fn new(from: R) -> Self {
        Self { from, line: 0, end: 0 }
    }

    /// The next line that is not blank.
    pub fn next(&mut self) -> std::io::Result<Option<Row>> {
        loop {
            let mut text = Vec::new();
            let limit = MAX_LINE as u64 + 1;
            let read = self.from.by_ref().take(limit).read_until(b'\n', &mut text)?;
            if read == 0 {
                return Ok(None);
            }
            self.line += 1;
            self.end += read as u64;
            let (line, is_too_long) = (self.line, read as u64 == limit && !text.ends_with(b"\n"));
            if is_too_long {
                self.end += skip_line(&mut self.from)?;
                let order = Err(format!("the line is longer than {MAX_LINE} bytes"));
                return Ok(Some(Row { line, order, end: self.end }));
            }
            let order = text.trim_ascii();
            if !order.is_empty() {
                return Ok(Some(Row { line, order: Ok(Bytes::copy_from_slice(order)), end: self.end }));
            }
        }
    }
}

/// Passes over the rest of a line, and tells how long it was.
fn skip_line(from: &mut impl BufRead) -> std::io::Result<u64> {
    let mut skipped = 0;
    loop {
        let ahead = from.fill_buf()?;
        let end = ahead.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(ahead.len(), |end| end + 1);
        from.consume(length);
        skipped += length as u64;
        if end.is_some() || length == 0 {
            return Ok(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<Row> {
        let mut lines = Lines::new(text);
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    #[test]
    fn blank_lines_are_counted_and_passed_over() {
        let row =
            |line, text: &'static str, end| Row { line, order: Ok(Bytes::from_static(text.as_bytes())), end };
        assert_eq!(read(b"a\n\n \r\nb c\r\nd"), [row(1, "a", 2), row(4, "b c", 11), row(5, "d", 12)]);
        assert_eq!(read(b"\n"), []);
    }

    #[test]
    fn a_line_without_end_is_not_kept() {
        let long = [vec![b'x'; MAX_LINE + 10], b"\nb\n".to_vec()].concat();
        let rows = read(&long);
        assert_eq!((rows.len(), rows[0].line, rows[0].order.is_err()), (2, 1, true));
        assert_eq!((rows[1].line, rows[1].order.as_deref()), (2, Ok(&b"b"[..])));
        assert_eq!(rows[1].end, long.len() as u64);
        let whole = [vec![b'x'; MAX_LINE], b"\n".to_vec()].concat();
        assert!(read(&whole)[0].order.is_ok());
    }
}
