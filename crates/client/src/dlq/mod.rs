//! `ordo dlq`: dead letters, looked at and mended.

mod act;
mod args;
mod letter;
mod list;

use std::process::ExitCode;

use anyhow::Result;

use crate::ask::ask;
use crate::output::print;
use crate::run::told;
use crate::show::segment;
use crate::target::Target;

pub use args::{Args, Command, Discard, Filters, List, Redrive};

/// Where they are.
const PATH: &str = "/api/v1/dead-letters";

/// Does what the command line says about dead letters.
///
/// # Errors
/// One line that says what was refused or cannot be. That the server is away is an exit status of its own, and told here.
pub async fn run(args: Args) -> Result<ExitCode> {
    told(command(args).await)
}

async fn command(args: Args) -> Result<ExitCode> {
    let (target, json) = (Target::read(&args.at.url)?, args.at.json);
    match args.command {
        Command::List(list) => list::run(&target, &list, json).await?,
        Command::Show { id } => show(&target, &id, json).await?,
        Command::Redrive(redrive) => return act::redrive(&target, &redrive, json).await,
        Command::Discard(discard) => return act::discard(&target, &discard, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(target: &Target, id: &str, json: bool) -> Result<()> {
    let answer = ask(target, target.get(&format!("{PATH}/{}", segment(id)))?).await?;
    match json {
        true => print(&answer),
        false => print(letter::whole(&answer)?),
    }
}
