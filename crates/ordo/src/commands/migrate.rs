//! `ordo migrate`: the tables of all services, up, one step down, or how they stand; and with the schemas' owner, the users that
//! services sign in as.

use std::process::ExitCode;

use anyhow::Result;
use client::{report, say};
use engine::Service;
use settings::{Role, Settings};
use store_postgres::{Access, Database};
use store_sqlite::DataDirectory;

use crate::cli::Direction;
use crate::stores::{Opener, Place, Purpose};

/// Migrates, or says how the databases stand.
pub async fn run(settings: &Settings, direction: Direction) -> Result<ExitCode> {
    let purpose = match direction {
        Direction::Up | Direction::Down => Purpose::Serve,
        Direction::Status => Purpose::LookOn,
    };
    let shop = Opener::of_shop(settings, purpose)?;
    one(&shop, Role::Orders, direction, &store_sqlite::OrdersTables, &store_postgres::OrdersTables).await?;
    one(&shop, Role::Payments, direction, &store_sqlite::PaymentsTables, &store_postgres::PaymentsTables)
        .await?;
    let (sqlite, postgres) = (&store_sqlite::ProcessingTables, &store_postgres::ProcessingTables);
    one(&shop, Role::Processing, direction, sqlite, postgres).await?;
    one(&shop, Role::Catalog, direction, &store_sqlite::CatalogTables, &store_postgres::CatalogTables)
        .await?;
    let (sqlite, postgres) = (&store_sqlite::NotificationsTables, &store_postgres::NotificationsTables);
    one(&shop, Role::Notifications, direction, sqlite, postgres).await?;
    let ledger = Opener::of_provider(settings, false, purpose)?;
    one(&ledger, Role::Provider, direction, &store_sqlite::ProviderTables, &store_postgres::ProviderTables)
        .await?;
    Ok(ExitCode::SUCCESS)
}

async fn one<S: Service>(
    opener: &Opener<'_>,
    role: Role,
    direction: Direction,
    sqlite: &dyn store_sqlite::Tables<S>,
    postgres: &dyn store_postgres::Tables<S>,
) -> Result<()> {
    match opener.at(role)? {
        Place::Directory(directory) => in_directory(role, direction, &directory, sqlite),
        Place::Server(database) => match opener.owner() {
            None => on_server(role, direction, &database, postgres).await,
            Some(owner) => {
                let owned = owner.sign_in(&database)?;
                on_server(role, direction, &owned, postgres).await?;
                if direction == Direction::Up { admit(role, &database, &owned).await } else { Ok(()) }
            }
        },
    }
}

fn in_directory<S: Service>(
    role: Role,
    direction: Direction,
    directory: &DataDirectory,
    tables: &dyn store_sqlite::Tables<S>,
) -> Result<()> {
    use store_sqlite::Migrations;
    match direction {
        Direction::Up => went_up(role, &Migrations::open(directory, tables)?.up()?),
        Direction::Down => went_down(role, Migrations::open(directory, tables)?.down()?),
        Direction::Status => {
            let status = Migrations::look(directory, tables)?;
            status.iter().try_for_each(|status| stands(role, status.name, status.applied))
        }
    }
}

async fn on_server<S: Service>(
    role: Role,
    direction: Direction,
    database: &Database,
    tables: &dyn store_postgres::Tables<S>,
) -> Result<()> {
    let migrations = store_postgres::Migrations::new(database, tables);
    match direction {
        Direction::Up => went_up(role, &migrations.up().await?),
        Direction::Down => went_down(role, migrations.down().await?),
        Direction::Status => {
            let status = migrations.status().await?;
            status.iter().try_for_each(|status| stands(role, status.name, status.applied))
        }
    }
}

/// Lets the user that the service's URL names do the service's work. Always: a migration may have brought a table, and the URL
/// another password.
async fn admit(role: Role, service: &Database, owner: &Database) -> Result<()> {
    if let Some(access) = Access::of(service, owner)? {
        access.grant().await?;
        report(format_args!("{role}: {} may use it", access.user()))?;
    }
    Ok(())
}

fn went_up(role: Role, applied: &[&str]) -> Result<()> {
    match applied {
        [] => report(format_args!("{role}: nothing to do")),
        applied => applied.iter().try_for_each(|name| report(format_args!("{role}: applied {name}"))),
    }
}

fn went_down(role: Role, undone: Option<&str>) -> Result<()> {
    match undone {
        Some(name) => report(format_args!("{role}: undid {name}")),
        None => report(format_args!("{role}: nothing to undo")),
    }
}

fn stands(role: Role, name: &str, applied: bool) -> Result<()> {
    let word = if applied { "applied" } else { "missing" };
    say(format_args!("{role}: {word:8} {name}"))
}
