//! The databases: whether each can be reached, has its tables, is in order, and tells the same time.

use std::time::Duration;

use anyhow::Result;
use engine::{Clock, Service, SystemClock};
use jiff::Timestamp;
use settings::{Role, Settings};
use store_postgres::Database;
use store_sqlite::{DataDirectory, Integrity, integrity};

use super::finding::Findings;
use crate::stores::{Opener, Place, Purpose};

/// By so much the clocks of this machine and of a database may differ, in milliseconds: timers are that late.
const DRIFT_MS: i128 = 1_000;

/// Looks at the databases of all services.
pub async fn look(settings: &Settings, limit: Duration, findings: &mut Findings) {
    if let Err(error) = look_at_all(settings, limit, findings).await {
        findings.bad("databases", format_args!("{error:#}"), "mend the URL, or start the server it names");
    }
}

async fn look_at_all(settings: &Settings, limit: Duration, findings: &mut Findings) -> Result<()> {
    let shop = Look { opener: Opener::of_shop(settings, Purpose::LookOn)?, limit };
    shop.at(Role::Orders, &store_sqlite::OrdersTables, &store_postgres::OrdersTables, findings).await?;
    shop.at(Role::Payments, &store_sqlite::PaymentsTables, &store_postgres::PaymentsTables, findings).await?;
    let (sqlite, postgres) = (&store_sqlite::ProcessingTables, &store_postgres::ProcessingTables);
    shop.at(Role::Processing, sqlite, postgres, findings).await?;
    shop.at(Role::Catalog, &store_sqlite::CatalogTables, &store_postgres::CatalogTables, findings).await?;
    let (sqlite, postgres) = (&store_sqlite::NotificationsTables, &store_postgres::NotificationsTables);
    shop.at(Role::Notifications, sqlite, postgres, findings).await?;
    if settings.payment_url.is_none() {
        let ledger = Look { opener: Opener::of_provider(settings, false, Purpose::LookOn)?, limit };
        let (sqlite, postgres) = (&store_sqlite::ProviderTables, &store_postgres::ProviderTables);
        ledger.at(Role::Provider, sqlite, postgres, findings).await?;
    }
    Ok(())
}

/// How databases are looked at.
struct Look<'s> {
    opener: Opener<'s>,
    /// How long the check of a file may take.
    limit: Duration,
}

impl Look<'_> {
    async fn at<S: Service>(
        &self,
        role: Role,
        sqlite: &dyn store_sqlite::Tables<S>,
        postgres: &dyn store_postgres::Tables<S>,
        findings: &mut Findings,
    ) -> Result<()> {
        let part = format!("{role} database");
        match self.opener.at(role)? {
            Place::Directory(directory) => self.file(&part, &directory, sqlite, findings),
            Place::Server(database) => server(&part, &database, postgres, findings).await,
        }
        Ok(())
    }

    fn file<S: Service>(
        &self,
        part: &str,
        directory: &DataDirectory,
        tables: &dyn store_sqlite::Tables<S>,
        findings: &mut Findings,
    ) {
        let file = directory.file(S::NAME);
        if !file.exists() {
            let remedy = "the first `ordo serve` makes it";
            return findings.note(part, format_args!("{} is not there yet", file.display()), remedy);
        }
        let looked = store_sqlite::Migrations::look(directory, tables);
        let unapplied = |all: Vec<store_sqlite::Status>| -> Vec<_> {
            all.iter().filter(|one| !one.applied).map(|one| one.name).collect()
        };
        match looked.map(unapplied) {
            Err(error) => return findings.bad(part, &error, "restore a backup, or see ordo migrate status"),
            Ok(missing) => migrations(part, &missing, findings),
        }
        let remedy = "stop the server, keep a copy of the file, and restore a backup";
        match integrity(directory, S::NAME, self.limit) {
            Ok(Integrity::Sound) => findings.good(part, "the file is in order"),
            Ok(Integrity::Damaged(how)) => {
                findings.bad(part, format_args!("the file is damaged: {how}"), remedy)
            }
            Ok(Integrity::Unfinished) => {
                let found = format!("nothing was found within {:?}, and the file is larger", self.limit);
                findings.note(part, found, "give it more time with --check-limit");
            }
            Err(error) => findings.bad(part, error, remedy),
        }
    }
}

async fn server<S: Service>(
    part: &str,
    database: &Database,
    tables: &dyn store_postgres::Tables<S>,
    findings: &mut Findings,
) {
    let known = store_postgres::Migrations::new(database, tables);
    match known.status().await {
        Err(error) => findings.bad(part, error, "start the server, or mend ORDO_DATABASE_URL"),
        Ok(all) => {
            let missing: Vec<_> = all.iter().filter(|one| !one.applied).map(|one| one.name).collect();
            migrations(part, &missing, findings);
            let before = SystemClock.now();
            if let Ok(there) = known.clock().await {
                clocks(part, before, there, SystemClock.now(), findings);
            }
        }
    }
}

fn migrations(part: &str, missing: &[&str], findings: &mut Findings) {
    match missing {
        [] => findings.good(part, "reachable, and all migrations are applied"),
        missing => {
            let remedy = "`ordo migrate up` applies them; so does `ordo serve`, if its user may";
            findings.note(part, format_args!("reachable; pending: {}", missing.join(", ")), remedy);
        }
    }
}

/// The database was asked between two looks at this machine's clock.
fn clocks(part: &str, before: Timestamp, there: Timestamp, behind: Timestamp, findings: &mut Findings) {
    let early = before.as_millisecond() - there.as_millisecond();
    let late = there.as_millisecond() - behind.as_millisecond();
    let drift = i128::from(early.max(late).max(0));
    if drift > DRIFT_MS {
        let found = format!("its clock and this machine's differ by {drift} ms");
        findings.note(
            part,
            found,
            "let a time service such as chrony set both; timers and leases are that late",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_differ_are_told_whichever_is_ahead() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (there, told) in [(at(100), false), (at(105), false), (at(90), true), (at(120), true)] {
            let mut findings = Findings::default();
            clocks("orders database", at(100), there, at(105), &mut findings);
            assert_eq!(findings.lines().contains("differ"), told, "{there}");
        }
    }
}
