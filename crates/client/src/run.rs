//! The commands, and what their ends are told as.

use std::process::ExitCode;

use anyhow::Result;

use crate::args::{Args, Command};
use crate::away::Away;
use crate::target::Target;
use crate::{export, get, import, list, place, watch};

/// The server is away: the same command may work later.
const AWAY: u8 = 3;

/// Does what the command line says.
///
/// # Errors
/// One line that says what was refused or cannot be. That the server is away is an exit status of its own, and told here.
pub async fn run(args: Args) -> Result<ExitCode> {
    told(command(args).await)
}

/// Tells that the server is away, which has an exit status of its own.
pub fn told(ended: Result<ExitCode>) -> Result<ExitCode> {
    match ended {
        Err(error) if error.is::<Away>() => {
            eprintln!("ordo: {error:#}");
            Ok(ExitCode::from(AWAY))
        }
        ended => ended,
    }
}

async fn command(args: Args) -> Result<ExitCode> {
    let (target, json) = (Target::read(&args.at.url)?, args.at.json);
    match args.command {
        Command::Place(order) => place::run(&target, &order, json).await?,
        Command::Get { id } => get::run(&target, &id, json).await?,
        Command::List(filter) => list::run(&target, &filter, json).await?,
        Command::Watch(what) => watch::run(&target, &what, json).await?,
        Command::Export(wanted) => export::run(&target, &wanted).await?,
        Command::Import(file) => return import::run(&target, &file, json).await,
    }
    Ok(ExitCode::SUCCESS)
}
