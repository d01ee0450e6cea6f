//! Lines of a body that comes in pieces, cut where they end and never longer than the limit.

use std::mem::take;

use bytes::{Buf, Bytes, BytesMut};

/// A line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its place in the body, from 1. Blank lines count.
    pub number: u64,
    /// What it says. None: it was too long, and is not kept.
    pub text: Option<Bytes>,
}

/// The lines so far. It keeps one piece and the beginning of one line.
#[derive(Debug)]
pub(super) struct Lines {
    piece: Bytes,
    begun: BytesMut,
    is_too_long: bool,
    has_ended: bool,
    number: u64,
    max_bytes: usize,
}

impl Lines {
    /// No lines yet. Each may have so many bytes.
    pub fn new(max_bytes: usize) -> Self {
        Self {
            piece: Bytes::new(),
            begun: BytesMut::new(),
            is_too_long: false,
            has_ended: false,
            number: 0,
            max_bytes,
        }
    }

    /// The number of the line that comes next.
    pub fn upcoming(&self) -> u64 {
        self.number + 1
    }

    /// Takes the next piece, once there are no more lines in the one before it.
    pub fn push(&mut self, piece: Bytes) {
        self.piece = piece;
    }

    /// There are no more pieces: what has begun is a line too.
    pub fn end(&mut self) {
        self.has_ended = true;
    }

    /// Forgets what has come and was not asked for yet.
    pub fn clear(&mut self) {
        *self = Self::new(self.max_bytes);
    }

    fn keep(&mut self, text: &[u8]) {
        self.is_too_long |= self.begun.len() + text.len() > self.max_bytes;
        match self.is_too_long {
            true => self.begun = BytesMut::new(),
            false => self.begun.extend_from_slice(text),
        }
    }

    fn finish(&mut self, rest: Bytes) -> Line {
        self.number += 1;
        if self.begun.is_empty() && !self.is_too_long && rest.len() <= self.max_bytes {
            // A line in one piece, as most are, is not copied.
            return Line { number: self.number, text: Some(rest) };
        }
        self.keep(&rest);
        let text = take(&mut self.begun).freeze();
        Line { number: self.number, text: (!take(&mut self.is_too_long)).then_some(text) }
    }
}

impl Iterator for Lines {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if let Some(end) = self.piece.iter().position(|byte| *byte == b'\n') {
            let rest = self.piece.split_to(end);
            self.piece.advance(1);
            return Some(self.finish(rest));
        }
        let rest = take(&mut self.piece);
        self.keep(&rest);
        let is_last = self.has_ended && (self.is_too_long || !self.begun.is_empty());
        is_last.then(|| self.finish(Bytes::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&'static str], max_bytes: usize) -> Vec<(u64, Option<String>)> {
        let mut lines = Lines::new(max_bytes);
        let mut read = Vec::new();
        for piece in pieces {
            lines.push(Bytes::from_static(piece.as_bytes()));
            read.extend(&mut lines);
        }
        lines.end();
        read.extend(lines);
        let text = |text: Bytes| String::from_utf8(text.to_vec()).unwrap();
        read.into_iter().map(|line| (line.number, line.text.map(text))).collect()
    }

    fn line(number: u64, text: &str) -> (u64, Option<String>) {
        (number, Some(text.to_owned()))
    }

    #[test]
    fn lines_are_the_same_however_they_are_cut_into_pieces() {
        let whole = [line(1, "ab"), line(2, ""), line(3, "cde"), line(4, "f")];
        for pieces in [&["ab\n\ncde\nf"][..], &["a", "b\n", "\nc", "d", "e\nf"], &["ab\n\ncde\n", "f\n"]] {
            assert_eq!(read(pieces, 3), whole, "{pieces:?}");
        }
        assert_eq!(read(&[""], 3), []);
        assert_eq!(read(&["ab\n", ""], 3), [line(1, "ab")]);
    }

    #[test]
    fn a_line_that_is_too_long_is_not_kept_and_the_next_one_is_as_good_as_any() {
        for pieces in [&["abcd\nab\nabcde"][..], &["ab", "cd\nab\nabc", "de"], &["abcd", "\nab\nabcd", "e"]] {
            assert_eq!(read(pieces, 3), [(1, None), line(2, "ab"), (3, None)], "{pieces:?}");
        }
        let mut lines = Lines::new(3);
        for _ in 0..100 {
            lines.push(Bytes::from_static(b"abc"));
            assert_eq!(lines.next(), None);
            assert!(lines.begun.len() <= 3);
        }
    }
}
