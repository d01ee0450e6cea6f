//! Every adapter, held to its port: one line each.
#![allow(clippy::unwrap_used, reason = "the whole file is a test")]

use std::sync::{Arc, Mutex, Weak};

use async_trait::async_trait;
use engine::embedded::EmbeddedInlet;
use engine::store::{Existing, Writes};
use engine::{Cursors, DeadLetters, Inlet, Key, Log, Note, Outbox, Position, Record, Service, Store};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use search::Index;
use store_sqlite::{
    DataDirectory, KeyColumn, Migration, OrdersTables, SqliteIndex, SqliteSettings, SqliteStore, Tables,
};
use tempfile::TempDir;
use testkit::conformance::index::IndexHarness;
use testkit::conformance::inlet::InletHarness;
use testkit::conformance::lists::{ListsHarness, Opened};
use testkit::conformance::store::{Capabilities, StoreHarness};
use testkit::conformance::{Tally, TallyState};
use testkit::{index_conformance, inlet_conformance, lists_conformance, store_conformance};

mod sqlite {
    use super::*;
    store_conformance!(SqliteHarness::new(20_000, 4_096));
}

/// With room for next to nothing in memory, so that the file is read.
mod sqlite_cold {
    use super::*;
    store_conformance!(SqliteHarness::new(0, 0));
}

mod sqlite_index {
    use super::*;
    index_conformance!(OrdersHarness::new());
    lists_conformance!(OrdersHarness::new());
}

mod embedded {
    use super::*;
    inlet_conformance!(EmbeddedHarness::new().await);
}

const PARTITIONS: u16 = 4;

/// The tables of [`Tally`] in SQLite.
struct TallyTables;

impl Tables<Tally> for TallyTables {
    fn migrations(&self) -> &'static [Migration] {
        &[Migration {
            name: "tally/0001_tally",
            up: "CREATE TABLE tallies (key ANY NOT NULL PRIMARY KEY, count INTEGER NOT NULL CHECK (count >= 0)) STRICT, WITHOUT ROWID",
            down: "DROP TABLE tallies",
        }]
    }

    fn load(&self, conn: &Connection, key: &Key) -> rusqlite::Result<Option<TallyState>> {
        let mut statement = conn.prepare_cached("SELECT count FROM tallies WHERE key = ?1")?;
        let state = |row: &rusqlite::Row<'_>| Ok(TallyState { count: row.get::<_, i64>(0)?.cast_unsigned() });
        statement.query_row([KeyColumn(key)], state).optional()
    }

    fn save(
        &self,
        conn: &Connection,
        key: &Key,
        state: &TallyState,
        existing: Existing,
    ) -> rusqlite::Result<()> {
        let sql = match existing {
            Existing::No => "INSERT INTO tallies (key, count) VALUES (?1, ?2)",
            Existing::Yes => "UPDATE tallies SET count = ?2 WHERE key = ?1",
        };
        conn.prepare_cached(sql)?.execute(params![KeyColumn(key), state.count.cast_signed()]).map(drop)
    }
}

struct SqliteHarness {
    directory: TempDir,
    settings: SqliteSettings,
    opened: Mutex<Weak<SqliteStore<Tally>>>,
}

impl SqliteHarness {
    fn new(hot_states: usize, hot_records: usize) -> Self {
        let settings =
            SqliteSettings { partitions: PARTITIONS, hot_states, hot_records, ..SqliteSettings::default() };
        Self { directory: TempDir::new().unwrap(), settings, opened: Mutex::new(Weak::new()) }
    }

    fn store(&self) -> Arc<SqliteStore<Tally>> {
        let directory = DataDirectory::open(self.directory.path()).unwrap();
        Arc::new(SqliteStore::open(&directory, TallyTables, self.settings).unwrap())
    }
}

#[async_trait]
impl StoreHarness for SqliteHarness {
    fn capabilities(&self) -> Capabilities {
        Capabilities { exclusive: true, recovers_leases: true }
    }

    async fn open(&self) -> Arc<dyn Store<Tally>> {
        let store = self.store();
        *self.opened.lock().unwrap() = Arc::downgrade(&store);
        store
    }

    async fn outbox(&self) -> Arc<dyn Outbox> {
        self.opened.lock().unwrap().upgrade().unwrap()
    }

    async fn letters(&self) -> Arc<dyn DeadLetters> {
        self.opened.lock().unwrap().upgrade().unwrap()
    }

    async fn notes(&self, key: &Key) -> Vec<Note> {
        self.opened.lock().unwrap().upgrade().unwrap().journal(key).unwrap()
    }
}

/// The file of the orders service, and the index beside it.
struct OrdersHarness {
    directory: TempDir,
}

impl OrdersHarness {
    fn new() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    fn directory(&self) -> DataDirectory {
        DataDirectory::open(self.directory.path()).unwrap()
    }
}

#[async_trait]
impl IndexHarness for OrdersHarness {
    fn is_shared(&self) -> bool {
        false
    }

    async fn open(&self) -> Arc<dyn Index> {
        Arc::new(SqliteIndex::open(&self.directory()).unwrap())
    }
}

#[async_trait]
impl ListsHarness for OrdersHarness {
    fn knows_customers(&self) -> bool {
        false
    }

    async fn open(&self) -> Opened {
        let directory = self.directory();
        let settings = SqliteSettings { partitions: PARTITIONS, hot_states: 0, ..SqliteSettings::default() };
        let store = Arc::new(SqliteStore::open(&directory, OrdersTables, settings).unwrap());
        let index = Arc::new(SqliteIndex::open(&directory).unwrap());
        Opened { store: store.clone(), queries: store, index }
    }

    fn break_index(&self) -> bool {
        for name in ["search.db", "search.db-wal"] {
            let file = self.directory.path().join(name);
            if let Ok(bytes) = std::fs::read(&file) {
                std::fs::write(file, vec![b'z'; bytes.len()]).unwrap();
            }
        }
        true
    }
}

/// Two services' files: one publishes, the other consumes.
struct EmbeddedHarness {
    _directories: [TempDir; 2],
    producer: Arc<SqliteStore<Tally>>,
    consumer: Arc<SqliteStore<Tally>>,
}

impl EmbeddedHarness {
    async fn new() -> Self {
        let [producer, consumer] = [SqliteHarness::new(9, 9), SqliteHarness::new(9, 9)];
        let stores = (producer.store(), consumer.store());
        Self {
            _directories: [producer.directory, consumer.directory],
            producer: stores.0,
            consumer: stores.1,
        }
    }

    async fn write(
        &self,
        store: &SqliteStore<Tally>,
        events: Vec<Arc<Record>>,
        cursors: Vec<(&'static str, u16, u64)>,
    ) {
        let mut tx = store.begin().await.unwrap();
        let writes = Writes {
            now: Timestamp::UNIX_EPOCH,
            claims: vec![],
            states: vec![],
            streams: vec![],
            notes: vec![],
            events,
            scheduled: vec![],
            dead_letters: vec![],
            cursors,
        };
        tx.write(writes).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[async_trait]
impl InletHarness for EmbeddedHarness {
    fn partitions(&self) -> u16 {
        self.producer.partitions()
    }

    async fn publish(&self, records: Vec<Record>) {
        self.write(&self.producer, records.into_iter().map(Arc::new).collect(), vec![]).await;
    }

    async fn inlet(&self) -> Box<dyn Inlet> {
        let log: Arc<dyn Log> = self.producer.clone();
        let cursors: Arc<dyn Cursors> = self.consumer.clone();
        Box::new(EmbeddedInlet::new(Tally::NAME, log, cursors))
    }

    async fn commit(&self, applied: &[Position]) {
        let mut cursors: Vec<_> =
            applied.iter().map(|position| (Tally::NAME, position.partition, position.offset)).collect();
        cursors.sort_unstable();
        self.write(&self.consumer, vec![], cursors).await;
    }
}
