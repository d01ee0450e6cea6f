//! Where an export goes: standard output, or a file that gets its name at the end.

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

/// What is written to.
pub enum Output {
    /// Standard output.
    Stdout,
    /// A file, under another name until it is whole. Dropped before, it is gone.
    File(BufWriter<NamedTempFile>, PathBuf),
    /// Something that is there and no file, such as a pipe.
    Other(File),
}

impl Output {
    /// Opens standard output (no name, or `-`), or a file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else { return Ok(Self::Stdout) };
        let what = || format!("cannot write {}", path.display());
        if path.exists() && !path.is_file() {
            ensure!(!path.is_dir(), "{} is a directory; name a file", path.display());
            return Ok(Self::Other(File::options().write(true).open(path).with_context(what)?));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(parent).with_context(what)?;
        Ok(Self::File(BufWriter::new(file), path.to_owned()))
    }

    /// Writes the next piece.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, piece: &[u8]) -> Result<()> {
        match self {
            Self::Stdout => stdout().lock().write_all(piece)?,
            Self::File(file, _) => file.write_all(piece)?,
            Self::Other(file) => file.write_all(piece)?,
        }
        Ok(())
    }

    /// All of it is there.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> Result<()> {
        match self {
            Self::Stdout => stdout().lock().flush()?,
            Self::Other(mut file) => file.flush()?,
            Self::File(file, path) => {
                let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                let file = file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
                readable(&file)?;
            }
        }
        Ok(())
    }
}

/// Temporary files are their owner's alone; an export is a file like any other.
fn readable(file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644)).context("cannot set the file's permissions")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.csv");
        let mut half = Output::open(Some(&path)).unwrap();
        half.write(b"half").unwrap();
        drop(half);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        for content in ["first", "second"] {
            let mut output = Output::open(Some(&path)).unwrap();
            output.write(content.as_bytes()).unwrap();
            output.finish().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
        assert!(Output::open(Some(folder.path())).is_err());
        assert!(Output::open(Some(Path::new("/no/such/folder/orders.csv"))).is_err());
    }
}
