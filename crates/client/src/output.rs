//! Standard output, which may be closed at any time: `ordo orders list | head`.
//!
//! It guarantees that what cannot be written is told as [`Closed`] where nobody reads it any more, so that a command ends quietly
//! then, and as an error everywhere else.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stdout};

use anyhow::{Error, Result};
use thiserror::Error;

/// Nobody reads the output any more.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("nobody reads the output any more")]
pub struct Closed;

/// Prints text, and a line's end if it has none.
///
/// # Errors
/// [`Closed`], or that it cannot be written.
pub fn print(text: impl AsRef<[u8]>) -> Result<()> {
    let text = text.as_ref();
    let end: &[u8] = if text.ends_with(b"\n") { b"" } else { b"\n" };
    let mut out = stdout().lock();
    out.write_all(text).and_then(|()| out.write_all(end)).and_then(|()| out.flush()).map_err(unwritten)
}

/// Prints a line.
///
/// # Errors
/// As for [`print()`].
pub fn say(line: impl Display) -> Result<()> {
    print(format!("{line}\n"))
}

/// Prints a line about work that goes on whether anybody reads of it or not.
///
/// # Errors
/// That it cannot be written, but for [`Closed`].
pub fn report(line: impl Display) -> Result<()> {
    match say(line) {
        Err(error) if error.is::<Closed>() => Ok(()),
        said => said,
    }
}

/// What it means that standard output cannot be written.
pub fn unwritten(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::BrokenPipe => Closed.into(),
        _ => Error::new(error).context("cannot write to standard output"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reader_who_left_ends_it_quietly() {
        assert!(unwritten(ErrorKind::BrokenPipe.into()).is::<Closed>());
        assert!(!unwritten(ErrorKind::StorageFull.into()).is::<Closed>());
    }
}
