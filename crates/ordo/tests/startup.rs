//! What keeps `ordo serve` from starting is told in a line that says what to do, with an exit code that is not 0; and what has
//! started can be told to stop.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the whole file is a test")]

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

fn ordo(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordo"));
    command.current_dir(directory).env_clear().env("ORDO_DATABASE_URL", "sqlite:data");
    command.env("ORDO_HTTP_ADDR", "127.0.0.1:0").env("ORDO_LOG_LEVEL", "off");
    command
}

/// What a start that must fail says on standard error.
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "one line: {text}");
    text
}

/// A server that listens; it is killed when this is dropped.
struct Serving(Child);

impl Serving {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("ordo is listening on http://127.0.0.1:"), "{line}");
        Self(child)
    }
}

impl Serving {
    /// Tells it to stop, and waits until it does.
    fn stop(&mut self) -> ExitStatus {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, Signal::TERM).unwrap();
        self.0.wait().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_unknown_setting() {
    let directory = TempDir::new().unwrap();
    let text = refusal(ordo(directory.path()).env("ORDO_HTTP_ADR", "127.0.0.1:0"));
    assert!(text.contains("ORDO_HTTP_ADR") && text.contains("ORDO_HTTP_ADDR"), "{text}");
}

#[test]
fn a_port_in_use() {
    let directory = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let text = refusal(ordo(directory.path()).env("ORDO_HTTP_ADDR", &addr));
    assert!(text.contains(&addr) && text.contains("ORDO_HTTP_ADDR"), "{text}");
}

#[test]
fn an_address_that_others_can_reach() {
    let directory = TempDir::new().unwrap();
    let text = refusal(ordo(directory.path()).env("ORDO_HTTP_ADDR", "0.0.0.0:0"));
    assert!(text.contains("ORDO_ALLOW_ANONYMOUS"), "{text}");
}

#[test]
fn a_data_directory_that_another_process_holds() {
    let directory = TempDir::new().unwrap();
    let _first = Serving::start(&mut ordo(directory.path()));
    let text = refusal(&mut ordo(directory.path()));
    assert!(text.contains("data"), "{text}");
}

#[test]
fn a_file_that_is_no_database() {
    let directory = TempDir::new().unwrap();
    std::fs::create_dir(directory.path().join("data")).unwrap();
    let mut file = File::create(directory.path().join("data/orders.db")).unwrap();
    file.write_all(&[b'x'; 8192]).unwrap();
    let text = refusal(&mut ordo(directory.path()));
    assert!(text.contains("orders.db"), "{text}");
}

#[test]
fn a_ledger_in_the_shops_own_directory() {
    let directory = TempDir::new().unwrap();
    let text = refusal(ordo(directory.path()).env("ORDO_PROVIDER_DATABASE_URL", "sqlite:data"));
    assert!(text.contains("provider.database_url"), "{text}");
}

#[test]
fn a_ledger_elsewhere_and_a_variable_that_is_set_to_nothing_are_no_hindrance() {
    let directory = TempDir::new().unwrap();
    let mut command = ordo(directory.path());
    command.env("ORDO_PROVIDER_DATABASE_URL", "sqlite:ledger").env("ORDO_CONFIG", "");
    let _serving = Serving::start(&mut command);
    assert!(directory.path().join("ledger/provider.db").exists());
    assert!(!directory.path().join("data/provider").exists());
}

#[test]
fn the_status_of_migrations_makes_nothing() {
    let directory = TempDir::new().unwrap();
    let output = ordo(directory.path()).args(["migrate", "status"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("orders: missing  engine/0001_engine\n"), "{text}");
    assert!(text.contains("provider: missing  provider/0001_provider\n"), "{text}");
    assert!(!text.contains("applied"), "{text}");
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}

/// Several times, because it takes luck to be told so early.
#[test]
fn who_says_that_he_listens_stops_in_good_order_when_told_to() {
    let directory = TempDir::new().unwrap();
    for _ in 0..5 {
        let status = Serving::start(&mut ordo(directory.path())).stop();
        assert!(status.success(), "{status}");
    }
}
