//! The file: read once to know it by its content, and then to send it.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom, Write, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::args::Format;

/// How much is read at once, in bytes.
const PIECE: usize = 256 * 1024;

/// A file that can be read again. What cannot, such as standard input, is copied to a nameless temporary file first.
pub struct Source {
    /// What it contains, SHA-256 in lower-case hex.
    pub hash: String,
    /// How long it is, in bytes.
    pub length: u64,
    path: PathBuf,
    file: File,
    /// What it was like when its content was looked at. None: it is a copy that nobody else has.
    before: Option<Metadata>,
}

impl Source {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let what = || format!("cannot read {}", path.display());
        if path.as_os_str() == "-" {
            return Self::copy(path, stdin().lock()).context("cannot read standard input");
        }
        let mut file = File::open(path).with_context(what)?;
        let before = file.metadata().with_context(what)?;
        if !before.is_file() {
            return Self::copy(path, file).with_context(what);
        }
        let (hash, length) = hash(&mut file, &mut std::io::sink()).with_context(what)?;
        Ok(Self { hash, length, path: path.to_owned(), file, before: Some(before) })
    }

    fn copy(path: &Path, mut from: impl Read) -> Result<Self> {
        let mut file = tempfile::tempfile()?;
        let (hash, length) = hash(&mut from, &mut file)?;
        Ok(Self { hash, length, path: path.to_owned(), file, before: None })
    }

    /// The content, from its beginning.
    ///
    /// # Errors
    /// If it cannot be read any more.
    pub fn content(&self) -> Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// How its orders are written, going by its name.
    pub fn format(&self) -> Format {
        match self.path.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("csv") => Format::Csv,
            _ => Format::Ndjson,
        }
    }

    /// That what was sent is what the keys were made of.
    ///
    /// # Errors
    /// If somebody wrote to the file meanwhile.
    pub fn check_unchanged(&self) -> Result<()> {
        let Some(before) = &self.before else { return Ok(()) };
        let now = self.file.metadata()?;
        let same = before.len() == now.len() && before.modified()? == now.modified()?;
        ensure!(
            same,
            "{} was changed while it was imported; look at what it has placed",
            self.path.display()
        );
        Ok(())
    }
}

/// Passes everything on, and tells what it was and how long.
fn hash(from: &mut impl Read, to: &mut impl Write) -> Result<(String, u64)> {
    let mut digest = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut length = 0;
    loop {
        let read = from.read(&mut piece)?;
        if read == 0 {
            break;
        }
        digest.update(&piece[..read]);
        to.write_all(&piece[..read])?;
        length += read as u64;
    }
    Ok((digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_has_the_same_hash_whatever_holds_it() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"abc").unwrap();
        let named = Source::open(file.path()).unwrap();
        let copied = Source::copy(Path::new("-"), &b"abc"[..]).unwrap();
        assert_eq!(named.hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((&named.hash, named.length), (&copied.hash, copied.length));
        let mut text = String::new();
        copied.content().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
    }

    #[test]
    fn a_file_that_grows_meanwhile_is_noticed() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let source = Source::open(file.path()).unwrap();
        assert!(source.check_unchanged().is_ok());
        file.write_all(b"more").unwrap();
        assert!(source.check_unchanged().is_err());
        assert!(Source::open(Path::new("/no/such/file")).is_err());
    }
}
