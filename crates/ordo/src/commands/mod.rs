//! The commands, one file each.

mod audit;
mod backup;
mod bar;
mod completions;
mod config;
mod migrate;
mod produce;
mod restore;
mod serve;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use settings::{Role, Settings, Sources};

use crate::cli::{Cli, Command, Serve};

/// Does what the command line says.
pub fn run(cli: Cli) -> Result<ExitCode> {
    let mut flags = flags(&cli)?;
    match cli.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(serve) => {
            let set = |key: &str, value: &Option<String>| value.clone().map(|value| (key.to_owned(), value));
            flags.extend(set("http.addr", &serve.addr));
            flags.extend(set("database_url", &serve.database_url));
            let roles: Vec<_> = serve.roles.iter().map(|role| Role::from(*role)).collect();
            serve::run(&load(flags)?, &roles)
        }
        Command::Migrate { direction } => runtime()?.block_on(migrate::run(&load(flags)?, direction)),
        Command::Audit(audit) => runtime()?.block_on(audit::run(&load(flags)?, &audit)),
        Command::Backup(args) => {
            flags.extend(data(args.data.as_deref()));
            backup::run(&load(flags)?, &args)
        }
        Command::Restore(args) => {
            flags.extend(data(args.data.as_deref()));
            restore::run(&load(flags)?, &args)
        }
        Command::Orders(args) => runtime()?.block_on(client::run(args)),
        Command::Simulate(args) => {
            let json = args.json;
            let report = runtime()?.block_on(simulate::run(args))?;
            if json {
                report.print_json()?
            } else {
                report.print_table()?
            }
            Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Produce(produce) => runtime()?.block_on(produce::run(&load(flags)?, &produce)),
        Command::Config { about } => config::run(flags, about),
        Command::Completions { shell } => completions::run(shell),
    }
}

fn flags(cli: &Cli) -> Result<Vec<(String, String)>> {
    let mut flags = Vec::new();
    for pair in &cli.set {
        let (key, value) =
            pair.split_once('=').with_context(|| format!("--set {pair}: write it as KEY=VALUE"))?;
        flags.push((key.to_owned(), value.to_owned()));
    }
    if let Some(file) = &cli.config {
        flags.push(("config".to_owned(), file.display().to_string()));
    }
    Ok(flags)
}

/// The flag of a data directory, as the option that it sets.
fn data(directory: Option<&Path>) -> Option<(String, String)> {
    directory.map(|directory| ("database_url".to_owned(), format!("sqlite:{}", directory.display())))
}

fn load(flags: Vec<(String, String)>) -> Result<Settings> {
    let settings = Settings::load(Sources::from_process(flags))?;
    settings.check()?;
    Ok(settings)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}
