//! The `ordo` binary: configuration, roles, wiring and the command line. All that it does is done by other crates.

mod brokers;
mod caches;
mod checks;
mod cli;
mod commands;
mod crash;
mod drive;
mod fleet;
mod http_server;
mod lag;
mod limits;
mod logs;
mod notify;
mod process;
mod roles;
mod searches;
mod service;
mod shop;
mod space;
mod stores;
mod streams;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match commands::run(cli::Cli::parse()) {
        Ok(code) => code,
        // Such as `ordo orders list | head`: whoever reads has seen enough.
        Err(error) if error.is::<client::Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ordo: {error:#}");
            ExitCode::FAILURE
        }
    }
}
