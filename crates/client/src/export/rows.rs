//! How many orders have come: lines, or rows of a table, which may have line ends within their quotes.

use crate::args::Format;

/// A count.
#[derive(Debug)]
pub struct Rows {
    ends: u64,
    bytes: u64,
    is_quoted: bool,
    format: Format,
}

impl Rows {
    /// None yet.
    pub const fn of(format: Format) -> Self {
        Self { ends: 0, bytes: 0, is_quoted: false, format }
    }

    /// Looks at the next piece.
    pub fn see(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        for byte in piece {
            match byte {
                b'"' if self.format == Format::Csv => self.is_quoted = !self.is_quoted,
                b'\n' if !self.is_quoted => self.ends += 1,
                _ => {}
            }
        }
    }

    /// How many orders have come. The first row of a table is none.
    pub const fn count(&self) -> u64 {
        match self.format {
            Format::Csv => self.ends.saturating_sub(1),
            Format::Ndjson => self.ends,
        }
    }

    /// How many bytes have come.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_counted_however_the_answer_is_cut() {
        let text = "id,items\r\n1,\"a\r\n\"\"b\"\r\n2,c\r\n";
        for size in [1, 2, 7, 100] {
            let mut rows = Rows::of(Format::Csv);
            text.as_bytes().chunks(size).for_each(|piece| rows.see(piece));
            assert_eq!((rows.count(), rows.bytes()), (2, text.len() as u64));
        }
        let mut lines = Rows::of(Format::Ndjson);
        lines.see(b"{\"a\": \"\\\"\"}\n{}\n");
        assert_eq!(lines.count(), 2);
        assert_eq!(Rows::of(Format::Csv).count(), 0);
    }
}
