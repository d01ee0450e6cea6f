//! The commands, and what their ends are told as.

use std::process::ExitCode;

use anyhow::Result;

use crate::args::{Args, Command};
use crate::away::Away;
use crate::target::Target;
use crate::{export, get, import, list, place};

/// The server is away: the same command may work later.
const AWAY: u8 = 3;

/// Does what the command line says.
///
/// # Errors
/// One line that says what was refused or cannot be. That the server is away is an exit status of its own, and told here.
pub async fn run(args: Args) -> Result<ExitCode> {
    match command(args).await {
        Err(error) if error.is::<Away>() => {
            eprintln!("ordo: {error:#}");
            Ok(ExitCode::from(AWAY))
        }
        ended => ended,
    }
}

async fn command(args: Args) -> Result<ExitCode> {
    let target = Target::read(&args.url)?;
    match args.command {
        Command::Place(order) => place::run(&target, &order, args.json).await?,
        Command::Get { id } => get::run(&target, &id, args.json).await?,
        Command::List(filter) => list::run(&target, &filter, args.json).await?,
        Command::Export(wanted) => export::run(&target, &wanted).await?,
        Command::Import(file) => return import::run(&target, &file, args.json).await,
    }
    Ok(ExitCode::SUCCESS)
}
