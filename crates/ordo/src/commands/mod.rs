//! The commands, one file each.

mod audit;
mod config;
mod migrate;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use settings::{DatabaseUrl, Settings, Sources};

use crate::cli::{Cli, Command, Serve};

/// Does what the command line says.
pub fn run(cli: Cli) -> Result<ExitCode> {
    let mut flags = flags(&cli)?;
    match cli.command.unwrap_or_else(|| Command::Serve(Serve::default())) {
        Command::Serve(serve) => {
            let set = |key: &str, value: &Option<String>| value.clone().map(|value| (key.to_owned(), value));
            flags.extend(set("http.addr", &serve.addr));
            flags.extend(set("database_url", &serve.database_url));
            serve::run(&load(flags)?, &serve.roles)
        }
        Command::Migrate { direction } => migrate::run(&load(flags)?, direction),
        Command::Audit(audit) => runtime()?.block_on(audit::run(&load(flags)?, &audit)),
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
        Command::Config { about } => config::run(flags, about),
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

fn load(flags: Vec<(String, String)>) -> Result<Settings> {
    let settings = Settings::load(Sources::from_process(flags))?;
    settings.check()?;
    Ok(settings)
}

/// The folder of the data directory where the payment provider that runs beside the shop keeps its ledger, as if it were
/// elsewhere.
const PROVIDER: &str = "provider";

/// The data directory of the embedded default.
fn data_directory(settings: &Settings) -> Result<PathBuf> {
    directory_of(&settings.database_url)
}

/// Where the payment provider keeps its ledger, alone or beside the shop.
fn provider_directory(settings: &Settings, alone: bool) -> Result<PathBuf> {
    let shop = data_directory(settings)?;
    match &settings.provider.database_url {
        Some(own) if alone || directory_of(own)? != shop => directory_of(own),
        Some(_) => {
            bail!("provider.database_url is the shop's own directory; leave it away, or name another one")
        }
        None if alone => Ok(shop),
        None => Ok(shop.join(PROVIDER)),
    }
}

fn directory_of(url: &DatabaseUrl) -> Result<PathBuf> {
    match url {
        DatabaseUrl::Sqlite { dir } => Ok(dir.clone()),
        DatabaseUrl::Postgres(_) => bail!("this version keeps its data in SQLite; use sqlite:DIR"),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}
