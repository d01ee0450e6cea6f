//! PostgreSQL behind a line that breaks.

use std::net::SocketAddr;
use std::time::Duration;

use engine::store::{Existing, Writes};
use engine::{Fault, Ids, Key, Log, Record, Service, Store, SystemIds, Transaction};
use jiff::Timestamp;
use store_postgres::{Database, DatabaseSettings, PostgresStore};
use testkit::conformance::{Tally, TallyState, run};
use testkit::patience::{until, within};
use testkit::proxy::Proxy;
use tokio::runtime::Handle;

use super::{TallyTables, database, url};

/// The line is cut at places so many bytes apart, a prime number.
const STEP: usize = 67;
/// How long to wait for a connection and for a lock.
const PATIENCE: Duration = Duration::from_secs(2);

/// A store over a line, and another one straight at the same schema.
struct Lines {
    proxy: Proxy,
    store: PostgresStore<Tally>,
    direct: PostgresStore<Tally>,
}

impl Lines {
    async fn new() -> Self {
        let (url, schema) = (url(), format!("tally_{}", SystemIds.next().simple()));
        let authority = url.rsplit_once('@').and_then(|(_, behind)| behind.split('/').next());
        let authority =
            authority.expect("ORDO_TEST_POSTGRES_URL is postgres://user:password@127.0.0.1:port/database");
        let proxy = Proxy::to(authority.parse::<SocketAddr>().unwrap()).await;
        let direct = PostgresStore::open(database(&schema, true), TallyTables).await.unwrap();
        let url = url.replace(authority, &proxy.address().to_string());
        let store = until("the store opens", async || open(&url, &schema).await).await;
        Self { proxy, store, direct }
    }

    /// What is there of a key's change: its state, and its event.
    async fn there(&self, key: &Key) -> (bool, bool) {
        let mut tx = self.direct.begin().await.unwrap();
        let state = tx.load(&[], std::slice::from_ref(key)).await.unwrap().remove(0).state;
        tx.commit().await.unwrap();
        let partition = key.partition(self.direct.partitions());
        let events = self.direct.read(partition, 0, 10_000).await.unwrap();
        (state.is_some(), events.iter().any(|(_, record)| record.key == *key))
    }
}

/// With less patience than a service has.
async fn open(url: &str, schema: &str) -> Option<PostgresStore<Tally>> {
    let settings = DatabaseSettings {
        lock_timeout: PATIENCE,
        connect_timeout: PATIENCE,
        partitions: 4,
        ..DatabaseSettings::default()
    };
    let database = Database::new(url, schema, settings, Handle::current()).unwrap();
    PostgresStore::open(database, TallyTables).await.ok()
}

/// A state that nobody wrote yet, and its event.
fn change(key: &Key) -> Writes<TallyState> {
    let record = Record {
        source: Tally::NAME.to_owned(),
        key: key.clone(),
        sequence: Some(1),
        foreign_id: None,
        steps: None,
        kind: "tally.changed".to_owned(),
        time: Timestamp::UNIX_EPOCH,
        data: "{}".to_owned(),
    };
    Writes {
        now: Timestamp::UNIX_EPOCH,
        claims: vec![],
        states: vec![(key.clone(), TallyState { count: 1 }.into(), Existing::No)],
        streams: vec![],
        notes: vec![],
        events: vec![record.into()],
        scheduled: vec![],
        dead_letters: vec![],
        cursors: vec![],
    }
}

async fn loaded(store: &PostgresStore<Tally>, key: &Key) -> Result<Box<dyn Transaction<Tally>>, Fault> {
    let mut tx = store.begin().await?;
    tx.load(std::slice::from_ref(key), &[]).await?;
    Ok(tx)
}

async fn changed(store: &PostgresStore<Tally>, key: &Key) -> Result<(), Fault> {
    let mut tx = loaded(store, key).await?;
    tx.write(change(key)).await?;
    tx.commit().await
}

fn assert_unavailable<T>(result: Result<T, Fault>) {
    match result {
        Err(Fault::Unavailable(_)) => {}
        Err(other) => panic!("a broken line is no reason for {other}"),
        Ok(_) => panic!("nothing came through"),
    }
}

/// At every place of it, from the first byte of a new connection to the last one of the commit. What is committed is there,
/// and of what is not known to be, all is there or nothing. The store works again behind each cut.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_transaction_that_is_cut_off_is_done_or_not_done() {
    run(async {
        let lines = Lines::new().await;
        let (mut place, mut cuts) = (1, 0);
        loop {
            lines.proxy.cut().await;
            lines.proxy.storm(1, place);
            let (key, result) = until("a transaction is cut off or comes through", async || {
                let key = Key::Id(SystemIds.next());
                let result = changed(&lines.store, &key).await;
                // Otherwise it got a connection of which it was not known yet that it is cut.
                (result.is_ok() || lines.proxy.is_calm()).then_some((key, result))
            })
            .await;
            if !lines.proxy.is_calm() {
                break;
            }
            match result {
                Ok(()) => assert_eq!(lines.there(&key).await, (true, true)),
                lost => assert_unavailable(lost),
            }
            // A commit that arrived may take a moment yet.
            until("all is there or nothing", async || {
                let (state, event) = lines.there(&key).await;
                (state == event).then_some(())
            })
            .await;
            (place, cuts) = (place + STEP, cuts + 1);
        }
        assert!(cuts > 10, "a transaction has more than {cuts} places");
    });
}

/// Whatever is done next, nothing of it is there.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_connection_that_is_cut_takes_its_transaction_with_it() {
    run(async {
        let lines = Lines::new().await;
        let key = Key::name("cut");
        let mut tx = until("a transaction begins", async || loaded(&lines.store, &key).await.ok()).await;
        lines.proxy.cut().await;
        assert_unavailable(within("writing ends", tx.write(change(&key))).await);
        let mut tx = until("the store works again", async || loaded(&lines.store, &key).await.ok()).await;
        tx.write(change(&key)).await.unwrap();
        lines.proxy.cut().await;
        assert_unavailable(within("the commit ends", tx.commit()).await);
        assert_eq!(lines.there(&key).await, (false, false));
        until("the store works again", async || changed(&lines.store, &key).await.ok()).await;
        assert_eq!(lines.there(&key).await, (true, true));
    });
}

/// In a transaction, on a connection that was idle, and on a new one.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_server_that_falls_silent_is_unavailable_in_time() {
    run(async {
        let lines = Lines::new().await;
        let key = Key::name("silent");
        let mut tx = until("a transaction begins", async || loaded(&lines.store, &key).await.ok()).await;
        // A second connection, and it is idle then.
        until("another one ends", async || lines.store.begin().await.ok()?.commit().await.ok()).await;
        lines.proxy.silence().await;
        assert_unavailable(within("writing ends", tx.write(change(&key))).await);
        drop(tx);
        for _ in 0..4 {
            assert_unavailable(within("beginning ends", lines.store.begin()).await);
        }
        lines.proxy.heal().await;
        until("the store works again", async || changed(&lines.store, &key).await.ok()).await;
        assert_eq!(lines.there(&key).await, (true, true));
    });
}

/// Nobody listens there, and later somebody does.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_server_that_is_away_is_waited_for() {
    run(async {
        let lines = Lines::new().await;
        let key = Key::name("away");
        lines.proxy.refuse().await;
        assert_unavailable(within("beginning ends", changed(&lines.store, &key)).await);
        lines.proxy.heal().await;
        until("the store works again", async || changed(&lines.store, &key).await.ok()).await;
        assert_eq!(lines.there(&key).await, (true, true));
    });
}
