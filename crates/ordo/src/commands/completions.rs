//! `ordo completions`: what a shell needs to complete the command line.

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::cli::Cli;

/// Writes the script of a shell.
pub fn run(shell: Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "ordo", &mut script);
    client::print(&script)?;
    Ok(ExitCode::SUCCESS)
}
