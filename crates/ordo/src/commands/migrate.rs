//! `ordo migrate`: the tables of all services, up, one step down, or how they stand.

use std::process::ExitCode;

use anyhow::Result;
use engine::Service;
use settings::Settings;
use store_sqlite::{
    CatalogTables, DataDirectory, Migrations, OrdersTables, PaymentsTables, ProcessingTables, ProviderTables,
    Tables,
};

use crate::cli::Direction;

pub fn run(settings: &Settings, direction: Direction) -> Result<ExitCode> {
    let directory = DataDirectory::open(&super::data_directory(settings)?)?;
    one::<orders::Orders>(&directory, &OrdersTables, direction)?;
    one::<payments::Payments>(&directory, &PaymentsTables, direction)?;
    one::<processing::Processing>(&directory, &ProcessingTables, direction)?;
    one::<catalog::Catalog>(&directory, &CatalogTables, direction)?;
    let ledger = DataDirectory::open(&super::provider_directory(settings, false)?)?;
    one::<provider::Provider>(&ledger, &ProviderTables, direction)?;
    Ok(ExitCode::SUCCESS)
}

fn one<S: Service>(directory: &DataDirectory, tables: &dyn Tables<S>, direction: Direction) -> Result<()> {
    let mut migrations = Migrations::open(directory, tables)?;
    match direction {
        Direction::Up => {
            let applied = migrations.up()?;
            applied.iter().for_each(|name| println!("{}: applied {name}", S::NAME));
            if applied.is_empty() {
                println!("{}: nothing to do", S::NAME);
            }
        }
        Direction::Down => match migrations.down()? {
            Some(name) => println!("{}: undid {name}", S::NAME),
            None => println!("{}: nothing to undo", S::NAME),
        },
        Direction::Status => {
            for status in migrations.status()? {
                let word = if status.applied { "applied" } else { "missing" };
                println!("{}: {word:8} {}", S::NAME, status.name);
            }
        }
    }
    Ok(())
}
