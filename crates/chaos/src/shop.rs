//! A throw-away shop: a child process of this very program, in a directory that goes with it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::Serialize;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::scenario::Scenario;

/// How long it may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long an audit may take.
const AUDIT_LIMIT: Duration = Duration::from_secs(120);
/// What it says before its address when it listens.
const LISTENING: &str = "ordo is listening on ";

/// A shop that runs, or that was killed. Dropped, it is gone, with all it had.
pub struct Shop {
    program: PathBuf,
    directory: TempDir,
    scenario: Scenario,
    child: Option<Running>,
    /// Where it listens, also behind a restart.
    url: String,
}

struct Running {
    child: Child,
    /// Kept, so that what it says finds an open pipe.
    _said: Lines<BufReader<ChildStdout>>,
}

/// What `ordo audit` found.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Audit {
    /// How many orders it looked at.
    pub orders: u64,
    /// How many charges at the provider.
    pub charges: u64,
    /// How many promises are broken.
    pub violations: u64,
}

impl Shop {
    /// Starts a shop as the scenario needs it.
    ///
    /// # Errors
    /// If it does not come to listen, with what it logged last.
    pub async fn start(scenario: Scenario) -> Result<Self> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let directory =
            tempfile::Builder::new().prefix("ordo-chaos-").tempdir().context("no temporary directory")?;
        let mut shop = Self { program, directory, scenario, child: None, url: String::new() };
        shop.run("127.0.0.1:0").await?;
        Ok(shop)
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process, for whoever wants to see it die.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(|running| running.child.id())
    }

    /// Kills it with SIGKILL: it has no time for anything.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub async fn kill(&mut self) -> Result<()> {
        match self.child.take() {
            Some(mut running) => running.child.kill().await.context("the shop cannot be killed"),
            None => Ok(()),
        }
    }

    /// Starts it again where it was, on what it left.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn restart(&mut self) -> Result<()> {
        let addr = self.url.trim_start_matches("http://").to_owned();
        self.run(&addr).await
    }

    /// Lets `ordo audit` judge its data, beside it.
    ///
    /// # Errors
    /// If the audit itself cannot be done.
    pub async fn audit(&self) -> Result<Audit> {
        let output = self.command().args(["audit", "--json"]).output();
        let output = timeout(AUDIT_LIMIT, output).await.context("the audit takes too long")??;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        serde_json::from_slice(&output.stdout).with_context(|| format!("the audit failed: {said}"))
    }

    /// Leaves the directory behind, for whoever wants to know more. Answers where it is.
    pub fn keep(mut self) -> PathBuf {
        self.directory.disable_cleanup(true);
        self.directory.path().to_owned()
    }

    async fn run(&mut self, addr: &str) -> Result<()> {
        let log = std::fs::File::options().append(true).create(true).open(self.log())?;
        let mut command = self.command();
        command.args(["serve", "--addr", addr]).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().context("the shop cannot be started")?;
        let said = child.stdout.take().context("the shop says nothing")?;
        let mut said = BufReader::new(said).lines();
        let line =
            timeout(START_LIMIT, said.next_line()).await.context("the shop does not come to listen")??;
        let url = line.as_deref().and_then(|line| line.strip_prefix(LISTENING));
        ensure!(url.is_some(), "the shop ended before it listened: {}", self.last_words());
        self.url = url.unwrap_or_default().to_owned();
        self.child = Some(Running { child, _said: said });
        Ok(())
    }

    /// This program, with nothing of this environment but what the scenario says.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"ORDO_"))
        {
            command.env_remove(name);
        }
        command
            .current_dir(self.directory.path())
            .env("ORDO_DATABASE_URL", format!("sqlite:{}", self.directory.path().join("data").display()))
            .envs(self.scenario.settings().iter().copied())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("ordo.log")
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        log.lines().last().unwrap_or("it logged nothing").to_owned()
    }
}
