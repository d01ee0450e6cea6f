//! A directory for files, and variables from a table.
#![allow(clippy::unwrap_used, reason = "a test that cannot write its files has failed")]

use std::path::PathBuf;

use settings::{Settings, Sources};

/// A directory that goes when it is dropped.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file, and gives its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The text without the path of this directory.
    pub fn strip(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// Names and values as sources take them.
pub fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What is wrong with the sources, as it is printed.
pub fn refusal(sources: Sources) -> String {
    Settings::load(sources).unwrap_err().to_string()
}
