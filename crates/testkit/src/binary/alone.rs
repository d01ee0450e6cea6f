//! A shop by itself, with the payment provider that ships with ordo in the same process: a data directory is all there is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::process::{Server, free_port, ordo};

/// A shop over one data directory.
pub struct Alone {
    data: PathBuf,
    port: u16,
    /// Options beyond those that say where everything is.
    said: Vec<(String, String)>,
}

impl Alone {
    /// A shop that does not run yet. The directory's parent is there.
    pub fn at(data: &Path) -> Self {
        Self { data: data.to_owned(), port: free_port(), said: Vec::new() }
    }

    /// Says an option to everything that is started from here on.
    pub fn say(&mut self, option: &str, value: &str) {
        self.said.push((option.to_owned(), value.to_owned()));
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it, and waits until it listens.
    pub fn serve(&self) -> Server {
        self.serve_until(None)
    }

    /// Starts it, to die at the crash point if there is one, and waits until it listens.
    pub fn serve_until(&self, crash_at: Option<&str>) -> Server {
        let mut command = self.command();
        command.arg("serve").env("ORDO_CRASH_AT", crash_at.unwrap_or_default());
        let (server, listens) = tokio::task::block_in_place(|| Server::start(command));
        assert!(listens || crash_at.is_some(), "the shop ended before it listened");
        server
    }

    /// What came of a command.
    pub fn run(&self, arguments: &[&str]) -> Output {
        tokio::task::block_in_place(|| self.command().args(arguments).output().unwrap())
    }

    /// What a command says that is to succeed.
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// The one line that a command says which is to fail.
    pub fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines = said.lines().filter(|line| line.starts_with("ordo: ")).count();
        assert_eq!(lines, 1, "{said}");
        said
    }

    fn command(&self) -> Command {
        let mut command = ordo();
        command
            .current_dir(self.data.parent().unwrap())
            .env("ORDO_HTTP_ADDR", format!("127.0.0.1:{}", self.port))
            .env("ORDO_DATABASE_URL", format!("sqlite:{}", self.data.display()))
            .envs(self.said.iter().cloned());
        command
    }
}
