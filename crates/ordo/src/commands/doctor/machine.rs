//! This machine: its clock, the port, and how many files may be open.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use client::Caller;
use engine::{Clock, SystemClock};
use jiff::Timestamp;
use settings::Settings;

use super::finding::Findings;
use crate::limits::open_files;
use crate::roles::Roles;

/// Before this was written no clock is right: 2026-01-01.
const WRITTEN: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// Looks at the machine.
pub async fn look(settings: &Settings, roles: &Roles, findings: &mut Findings) {
    clock(SystemClock.now(), findings);
    port(roles.addr(settings), findings).await;
    files(settings, findings);
}

fn clock(now: Timestamp, findings: &mut Findings) {
    match now >= WRITTEN {
        true => findings.good("clock", format_args!("{now}")),
        false => {
            let remedy = "let a time service such as chrony set it: deadlines and ids come of it";
            findings.bad("clock", format_args!("{now} is before this program was written"), remedy);
        }
    }
}

async fn port(addr: SocketAddr, findings: &mut Findings) {
    let part = "port";
    // Bound for no longer than this look.
    let bound = TcpListener::bind(addr).map(drop);
    match bound.map_err(|error| error.kind()) {
        Ok(()) => findings.good(part, format_args!("{addr} is free")),
        Err(ErrorKind::AddrInUse) if is_ordo(addr).await => {
            let remedy =
                "that is fine if it is your server; another one needs a port of its own: ordo serve --addr";
            findings.note(part, format_args!("{addr} is taken by an ordo that runs"), remedy);
        }
        Err(ErrorKind::AddrInUse) => {
            let remedy = "stop the program that listens there, or choose another port with ORDO_HTTP_ADDR";
            findings.bad(part, format_args!("{addr} is taken by another program"), remedy);
        }
        Err(kind) => {
            let remedy = "choose an address of this machine, and a port above 1023, with ORDO_HTTP_ADDR";
            findings.bad(part, format_args!("{addr} cannot be listened on: {kind}"), remedy);
        }
    }
}

/// Whether it is an ordo that answers there.
async fn is_ordo(addr: SocketAddr) -> bool {
    let asked = async { Caller::new(&format!("http://{addr}"))?.get("/openapi.json").await };
    asked.await.is_ok_and(|answer| answer.json()["info"]["title"] == "ordo")
}

fn files(settings: &Settings, findings: &mut Findings) {
    let part = "open files";
    match open_files(settings.http.max_connections) {
        (Some(allowed), wanted) if allowed < wanted => {
            let found = format!("{allowed} may be open, {wanted} are wanted for http.max_connections");
            findings.note(
                part,
                found,
                "raise the limit (ulimit -n, LimitNOFILE), or lower http.max_connections",
            );
        }
        (Some(allowed), wanted) => {
            findings.good(part, format_args!("{allowed} may be open, {wanted} are wanted"))
        }
        (None, _) => findings.good(part, "any number may be open"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_of_another_program_is_in_the_way() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = taken.local_addr().unwrap();
        let mut findings = Findings::default();
        // Whoever connects is hung up on.
        let hang_up = tokio::task::spawn_blocking(move || drop(taken.accept()));
        port(addr, &mut findings).await;
        hang_up.await.unwrap();
        assert!(!findings.is_good() && findings.lines().contains("another program"), "{}", findings.lines());
        let mut findings = Findings::default();
        port(addr, &mut findings).await;
        assert!(findings.is_good() && findings.lines().contains("is free"), "{}", findings.lines());
    }

    #[test]
    fn a_clock_from_before_the_program_is_wrong() {
        let mut findings = Findings::default();
        clock(Timestamp::UNIX_EPOCH, &mut findings);
        assert!(!findings.is_good());
    }
}
