//! PostgreSQL, held to the store port, and the whole shop on it. Each test has schemas of its own in the database at
//! `ORDO_TEST_POSTGRES_URL`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

#[path = "postgres/lines.rs"]
mod lines;
#[path = "postgres/lists.rs"]
mod lists;
#[path = "postgres/matrix.rs"]
mod matrix;
#[path = "postgres/place.rs"]
mod place;
#[path = "postgres/plans.rs"]
mod plans;
#[path = "postgres/users.rs"]
mod users;

use std::sync::{Arc, Mutex, Weak};

use async_trait::async_trait;
use engine::{DeadLetters, Fault, Ids, Key, Note, Outbox, Store, SystemIds};
use futures::future::join_all;
use jiff::Timestamp;
use store_postgres::{
    Changes, Database, DatabaseSettings, Migration, Migrations, PostgresStore, Session, Tables, key_of,
    key_text,
};
use testkit::conformance::store::{Capabilities, StoreHarness};
use testkit::conformance::{Tally, TallyState, run};
use testkit::store_conformance;
use tokio::runtime::Handle;
use tokio_postgres::types::Type;

mod prepared {
    use super::*;
    store_conformance!(Harness::new(true), #[ignore = "needs PostgreSQL: scripts/services up"]);
}

/// As behind a proxy that pools by transaction.
mod unprepared {
    use super::*;
    store_conformance!(Harness::new(false), #[ignore = "needs PostgreSQL: scripts/services up"]);
}

/// As a user that may do no more than a service needs.
mod least_privilege {
    use super::*;
    store_conformance!(Harness::with_owner(), #[ignore = "needs PostgreSQL: scripts/services up"]);
}

/// And none of them is left in a transaction of which nobody knows.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn several_that_open_a_new_schema_at_once_all_get_it() {
    run(async {
        let schema = format!("tally_{}", SystemIds.next().simple());
        let opened =
            join_all((0..4).map(|_| PostgresStore::open(database(&schema, true), TallyTables))).await;
        let stores: Vec<_> = opened.into_iter().map(|store| store.unwrap()).collect();
        let relay = SystemIds.next();
        let (now, until) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let held = stores[0].hold(relay, now, until).await.unwrap();
        assert_eq!(held.len(), 4);
        for store in &stores {
            // What one has written, all see.
            assert_eq!(store.hold(SystemIds.next(), now, until).await.unwrap(), []);
        }
        assert_eq!(
            Migrations::new::<Tally>(&database(&schema, true), &TallyTables).up().await.unwrap(),
            [""; 0]
        );
    });
}

/// The tables of [`Tally`] in PostgreSQL.
pub struct TallyTables;

#[async_trait]
impl Tables<Tally> for TallyTables {
    fn migrations(&self) -> &'static [Migration] {
        &[Migration {
            name: "tally/0001_tally",
            up: "CREATE TABLE tallies (key text PRIMARY KEY COLLATE \"C\", count bigint NOT NULL CHECK (count >= 0))",
            down: "DROP TABLE tallies",
        }]
    }

    async fn load(
        &self,
        session: &Session,
        keys: &[Key],
        lock: bool,
    ) -> Result<Vec<(Key, TallyState)>, Fault> {
        let lock = if lock { "FOR UPDATE" } else { "" };
        let sql = format!("SELECT key, count FROM @tallies WHERE key = ANY($1) ORDER BY key {lock}");
        let keys: Vec<_> = keys.iter().map(key_text).collect();
        let rows = session.query(&sql, &[(&keys, Type::TEXT_ARRAY)]).await?;
        let state = |row: &tokio_postgres::Row| TallyState { count: row.get::<_, i64>(1).cast_unsigned() };
        Ok(rows.iter().map(|row| (key_of(row.get(0)), state(row))).collect())
    }

    async fn insert(&self, session: &Session, states: &Changes<'_, TallyState>) -> Result<(), Fault> {
        write(session, "INSERT INTO @tallies (key, count) SELECT * FROM unnest($1, $2)", states).await
    }

    async fn update(&self, session: &Session, states: &Changes<'_, TallyState>) -> Result<(), Fault> {
        let sql = "UPDATE @tallies AS old SET count = new.count
            FROM unnest($1, $2) AS new (key, count) WHERE old.key = new.key";
        write(session, sql, states).await
    }
}

async fn write(session: &Session, sql: &str, states: &Changes<'_, TallyState>) -> Result<(), Fault> {
    let keys: Vec<_> = states.iter().map(|(key, _)| key_text(key)).collect();
    let counts: Vec<_> = states.iter().map(|(_, state)| state.count.cast_signed()).collect();
    session.execute(sql, &[(&keys, Type::TEXT_ARRAY), (&counts, Type::INT8_ARRAY)]).await.map(drop)
}

fn url() -> String {
    std::env::var("ORDO_TEST_POSTGRES_URL").expect("ORDO_TEST_POSTGRES_URL: see scripts/services")
}

fn database(schema: &str, prepared_statements: bool) -> Database {
    let settings = DatabaseSettings { prepared_statements, partitions: 4, ..DatabaseSettings::default() };
    Database::new(&url(), schema, settings, Handle::current()).unwrap()
}

struct Harness {
    database: Database,
    /// Makes the schema and the user, where that is not who uses it.
    owner: Option<Database>,
    opened: Mutex<Weak<PostgresStore<Tally>>>,
}

impl Harness {
    fn new(prepared_statements: bool) -> Self {
        let database = database(&format!("tally_{}", SystemIds.next().simple()), prepared_statements);
        Self { database, owner: None, opened: Mutex::new(Weak::new()) }
    }

    fn with_owner() -> Self {
        let schema = format!("tally_{}", SystemIds.next().simple());
        let service = place::as_user(&url(), "ordo_tally", "tally");
        let owner = Some(database(&schema, true));
        Self { database: place::database(&service, &schema), owner, opened: Mutex::new(Weak::new()) }
    }

    fn store(&self) -> Arc<PostgresStore<Tally>> {
        self.opened.lock().unwrap().upgrade().unwrap()
    }
}

#[async_trait]
impl StoreHarness for Harness {
    fn capabilities(&self) -> Capabilities {
        Capabilities { exclusive: false, recovers_leases: false }
    }

    async fn open(&self) -> Arc<dyn Store<Tally>> {
        if let Some(owner) = &self.owner {
            place::admit(&self.database, owner, &TallyTables).await.unwrap();
        }
        let store = Arc::new(PostgresStore::open(self.database.clone(), TallyTables).await.unwrap());
        *self.opened.lock().unwrap() = Arc::downgrade(&store);
        store
    }

    async fn outbox(&self) -> Arc<dyn Outbox> {
        self.store()
    }

    async fn letters(&self) -> Arc<dyn DeadLetters> {
        self.store()
    }

    async fn notes(&self, key: &Key) -> Vec<Note> {
        self.store().journal(key).await.unwrap()
    }
}
