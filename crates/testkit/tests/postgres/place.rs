//! A database whose owner is no superuser, to see what users may do in it.

use engine::{Ids, Service, SystemIds};
use store_postgres::{Access, Database, DatabaseSettings, Migrations, OpenError, Owner, Tables};
use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use super::{TallyTables, url};

/// The same URL for another user.
pub fn as_user(url: &str, user: &str, password: &str) -> String {
    let (_, place) = url.rsplit_once('@').expect("ORDO_TEST_POSTGRES_URL is postgres://user:password@...");
    format!("postgres://{user}:{password}@{place}")
}

pub fn database(url: &str, schema: &str) -> Database {
    let settings = DatabaseSettings { partitions: 4, ..DatabaseSettings::default() };
    Database::new(url, schema, settings, Handle::current()).unwrap()
}

/// What `ordo migrate up` does for a service.
pub async fn admit<S: Service>(
    service: &Database,
    owner: &Database,
    tables: &dyn Tables<S>,
) -> Result<(), OpenError> {
    Migrations::new(owner, tables).up().await?;
    match Access::of(service, owner)? {
        Some(access) => access.grant().await,
        None => Ok(()),
    }
}

/// A database with an owner, and the schemas `ours` and `theirs` of two services.
pub struct Place {
    pub name: String,
}

impl Place {
    pub async fn new() -> Self {
        let name = format!("ordo_{}", SystemIds.next().simple());
        let make = [
            format!("CREATE ROLE {name}_owner LOGIN CREATEROLE PASSWORD 'owner'"),
            format!("CREATE DATABASE {name} OWNER {name}_owner"),
        ];
        for statement in make {
            said(&url(), &statement).await.unwrap();
        }
        Self { name }
    }

    pub async fn clear(self) {
        said(&url(), &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await.unwrap();
        for user in ["owner", "ours", "theirs"] {
            said(&url(), &format!("DROP ROLE IF EXISTS {}_{user}", self.name)).await.unwrap();
        }
    }

    pub fn user(&self, user: &str) -> String {
        format!("{}_{user}", self.name)
    }

    /// The place as a user sees it, whose password is like its name.
    pub fn url(&self, user: &str) -> String {
        self.url_with(user, user)
    }

    pub fn url_with(&self, user: &str, password: &str) -> String {
        as_user(&self.superusers_url(), &self.user(user), password)
    }

    pub fn superusers_url(&self) -> String {
        let url = url();
        let (server, _) = url.rsplit_once('/').expect("a database in ORDO_TEST_POSTGRES_URL");
        format!("{server}/{}", self.name)
    }

    pub fn service(&self, user: &str) -> Database {
        database(&self.url(user), user)
    }

    pub fn owner_of(&self, schema: &str) -> Database {
        let owner = Owner { user: self.user("owner"), password: Some("owner".to_owned()) };
        owner.sign_in(&self.service(schema)).unwrap()
    }

    pub async fn admit(&self, user: &str) -> Result<(), OpenError> {
        admit(&self.service(user), &self.owner_of(user), &TallyTables).await
    }
}

/// Says a statement to the server. What it answers is only whether it was done.
pub async fn said(url: &str, statement: &str) -> Result<(), SqlState> {
    let code = |error: tokio_postgres::Error| error.code().cloned().unwrap_or(SqlState::CONNECTION_FAILURE);
    let (client, connection): (Client, _) = tokio_postgres::connect(url, NoTls).await.map_err(code)?;
    tokio::select! {
        done = client.batch_execute(statement) => done.map_err(code),
        ended = connection => panic!("the connection ended: {ended:?}"),
    }
}
