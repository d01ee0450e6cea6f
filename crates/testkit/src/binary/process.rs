//! The processes: a payment provider and a shop, each in a data directory of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::ground::{Engine, Ground};

/// How long a process may take to die of its crash point, or to stop.
const DEADLINE: Duration = Duration::from_secs(120);
const SIGKILL: i32 = 9;

/// A payment provider that runs, and a shop to be started, as one process or as many.
pub struct Fleet {
    directory: tempfile::TempDir,
    ground: Ground,
    /// Options beyond those that say where everything is.
    said: Vec<(String, String)>,
    shop_port: u16,
    provider_port: u16,
    provider: Server,
}

impl Fleet {
    /// A running provider; no shop yet.
    pub async fn on(engine: Engine) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (shop_port, provider_port) = (free_port(), free_port());
        let provider = provider(&directory, provider_port);
        let ground = Ground::new(engine).await;
        Self { directory, ground, said: Vec::new(), shop_port, provider_port, provider }
    }

    /// Ends the provider, and takes away what the shop stood on.
    pub async fn close(self) {
        drop(self.provider);
        self.ground.clear().await;
    }

    /// What it stands on.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Says an option to every process that is started from here on; what is said last counts.
    pub fn say(&mut self, option: &str, value: &str) {
        self.said.push((option.to_owned(), value.to_owned()));
    }

    /// Where the shop listens.
    pub fn shop_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.shop_port)
    }

    /// Where the provider listens.
    pub fn provider_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.provider_port)
    }

    /// Starts the shop, to die at the crash point if there is one, and waits until it listens. With much to catch up on it
    /// may die before that.
    pub async fn shop(&self, crash_at: Option<&str>) -> Server {
        let mut command = self.command(self.shop_port);
        command.arg("serve").env("ORDO_CRASH_AT", crash_at.unwrap_or_default());
        let (shop, listens) = tokio::task::block_in_place(|| Server::start(command));
        assert!(listens || crash_at.is_some(), "the shop ended before it listened");
        shop
    }

    /// Starts an instance of one role, and waits until it listens.
    pub async fn instance(&self, role: &str, port: u16) -> Server {
        let mut command = self.command(port);
        command.args(["serve", "--role", role]);
        let (instance, listens) = tokio::task::block_in_place(|| Server::start(command));
        assert!(listens, "{role} ended before it listened");
        instance
    }

    /// Kills the provider and starts it again.
    pub async fn restart_provider(&mut self) {
        self.provider.kill();
        self.provider = tokio::task::block_in_place(|| provider(&self.directory, self.provider_port));
    }

    /// The audit has nothing to report.
    pub fn audit(&self) {
        println!("{}", self.run(&["audit"]).trim());
    }

    /// What a command of the shop says, which is to succeed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(self.shop_port).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// A command that talks to the shop, or to whoever stands before it, at this address.
    pub fn client(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = ordo();
        command.current_dir(self.directory.path()).env("ORDO_URL", url).args(arguments);
        command
    }

    fn command(&self, port: u16) -> Command {
        let mut command = ordo();
        command
            .current_dir(self.directory.path())
            .env("ORDO_HTTP_ADDR", format!("127.0.0.1:{port}"))
            .env("ORDO_PAYMENT_URL", self.provider_url());
        self.ground.point(&mut command, self.directory.path());
        command.envs(self.said.iter().cloned());
        command
    }
}

/// A running server. Dropped, it is killed.
pub struct Server {
    child: Child,
}

impl Server {
    /// Starts a server and waits for the line that says it listens. Tells whether that came before the server's end.
    pub(super) fn start(mut command: Command) -> (Self, bool) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let listens =
            BufReader::new(out).lines().map_while(Result::ok).any(|line| line.contains("listening on"));
        (Self { child }, listens)
    }

    /// Starts a whole shop that needs nothing else, with its own provider and its data in `directory`, and waits until it listens.
    pub async fn alone(directory: &Path, port: u16, options: &[(String, String)]) -> Self {
        let mut command = alone(directory, port);
        command.arg("serve").envs(options.iter().cloned());
        let (shop, listens) = tokio::task::block_in_place(|| Self::start(command));
        assert!(listens, "the shop ended before it listened");
        shop
    }

    /// Waits until the process was killed at its crash point.
    pub async fn dies(&mut self, crash: &str) {
        let status = self.ended().await;
        let status = status.unwrap_or_else(|| panic!("the crash point {crash} was not reached"));
        assert_eq!(status.signal(), Some(SIGKILL), "at {crash}: {status}");
    }

    /// How it ended. None: it does not.
    async fn ended(&mut self) -> Option<ExitStatus> {
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        for _ in 0..DEADLINE.as_millis() / 10 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            ticks.tick().await;
        }
        None
    }

    /// Kills the process.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the process to stop, and waits until it did so in good order.
    pub async fn stop(&mut self) {
        self.is_told_to_stop();
        self.stops().await;
    }

    /// Tells it to stop.
    pub fn is_told_to_stop(&self) {
        let pid = i32::try_from(self.child.id()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits until it has stopped, as it was told.
    pub async fn stops(&mut self) {
        let status = self.ended().await.expect("what is told to stop does");
        assert!(status.success(), "the shop ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn provider(directory: &tempfile::TempDir, port: u16) -> Server {
    let mut command = ordo();
    command
        .args(["serve", "--role", "provider", "--addr", &format!("127.0.0.1:{port}")])
        .current_dir(directory.path())
        .env("ORDO_DATABASE_URL", format!("sqlite:{}", directory.path().join("provider").display()));
    let (provider, listens) = Server::start(command);
    assert!(listens, "the provider ended before it listened");
    provider
}

/// A shell beside the shop that was started by [`Server::alone`]: in it `ordo` is the binary.
pub fn shell(directory: &Path, port: u16) -> Command {
    let bin = directory.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(binary().canonicalize().unwrap(), bin.join("ordo")).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = unsaid(Command::new("bash"));
    command
        .current_dir(directory)
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("ORDO_URL", format!("http://127.0.0.1:{port}"))
        .env("ORDO_DATABASE_URL", shop_database(directory));
    command
}

fn alone(directory: &Path, port: u16) -> Command {
    let mut command = ordo();
    command
        .current_dir(directory)
        .env("ORDO_HTTP_ADDR", format!("127.0.0.1:{port}"))
        .env("ORDO_DATABASE_URL", shop_database(directory));
    command
}

fn shop_database(directory: &Path) -> String {
    format!("sqlite:{}", directory.join("shop").display())
}

/// The binary, without the options of whoever runs the test.
pub(super) fn ordo() -> Command {
    unsaid(Command::new(binary()))
}

/// A command without the options of whoever runs the test.
fn unsaid(mut command: Command) -> Command {
    let options = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ORDO_"));
    options.for_each(|(name, _)| {
        command.env_remove(name);
    });
    command
}

fn binary() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/release/ordo");
    std::env::var_os("ORDO_BINARY").map_or_else(|| PathBuf::from(default), PathBuf::from)
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
