//! `ordo doctor`: what is right about this machine and the configuration, and what is not, each with its remedy.
//!
//! It guarantees that it changes nothing: it makes no directory, no table and no topic, and holds no lock for longer than a look.
//! It looks at each part as `ordo serve` would use it, so that what it calls good is what a server finds.

mod configuration;
mod databases;
mod directory;
mod finding;
mod machine;
mod servers;

use std::process::ExitCode;

use anyhow::Result;
use client::{print, say};

use crate::cli;
use finding::Findings;

/// Looks at everything, and tells.
pub async fn run(flags: Vec<(String, String)>, doctor: &cli::Doctor) -> Result<ExitCode> {
    let mut findings = Findings::default();
    if let Some((settings, roles)) = configuration::look(flags, &mut findings) {
        directory::look(&settings, &mut findings);
        databases::look(&settings, doctor.check_limit, &mut findings).await;
        servers::look(&settings, &mut findings).await;
        machine::look(&settings, &roles, &mut findings).await;
    }
    match doctor.json {
        true => say(findings.json())?,
        false => print(findings.lines())?,
    }
    Ok(if findings.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
