//! Line numbers of a table. The reader of tables passes over blank lines without a word, and looks at the end of a line only
//! when it needs the next one.

use std::collections::VecDeque;
use std::io::{Read, Result};

/// What is read, with the lines that have been read ahead.
pub struct Counted<R> {
    from: R,
    offset: u64,
    line: u64,
    is_blank: bool,
    /// Where lines end that are not blank, in bytes, and their numbers.
    ahead: VecDeque<(u64, u64)>,
}

impl<R> Counted<R> {
    /// Counts from line 1 on.
    pub fn new(from: R) -> Self {
        Self { from, offset: 0, line: 1, is_blank: true, ahead: VecDeque::new() }
    }

    /// The number of the line in which a row begins that was looked for from this offset on. Offsets only grow.
    pub fn line_from(&mut self, offset: u64) -> u64 {
        while self.ahead.front().is_some_and(|(end, _)| *end <= offset) {
            self.ahead.pop_front();
        }
        // The end of the row's line may not have been read yet.
        self.ahead.front().map_or(self.line, |(_, line)| *line)
    }

    fn end_line(&mut self) {
        if !self.is_blank {
            self.ahead.push_back((self.offset, self.line));
        }
        self.is_blank = true;
    }

    fn see(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.end_line();
                self.line += 1;
            }
            b'\r' => {}
            _ => self.is_blank = false,
        }
        self.offset += 1;
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, piece: &mut [u8]) -> Result<usize> {
        let length = self.from.read(piece)?;
        piece[..length].iter().for_each(|byte| self.see(*byte));
        if length == 0 {
            self.end_line();
        }
        Ok(length)
    }
}
