//! How PostgreSQL finds what a transaction asks for.

use engine::store::{Existing, Stream, Writes};
use engine::{Ids, Key, Store, SystemIds};
use jiff::Timestamp;
use store_postgres::{Database, PostgresStore};
use testkit::conformance::{Tally, TallyState, run};
use tokio_postgres::types::Type;

use super::{TallyTables, database};

/// A plan is kept from here on; PostgreSQL looks at the values of the first five executions.
const EXECUTIONS: u64 = 12;
const KEYS: usize = 40;

/// Inserts the keys, or updates them.
async fn write(store: &PostgresStore<Tally>, keys: &[Key], count: u64) {
    let mut tx = store.begin().await.unwrap();
    let loaded = tx.load(keys, &[]).await.unwrap();
    let existing = if loaded[0].state.is_some() { Existing::Yes } else { Existing::No };
    let states = keys.iter().map(|key| (key.clone(), TallyState { count }.into(), existing)).collect();
    let stream = Stream { emitted: count, ..Stream::default() };
    let streams = keys.iter().map(|key| (key.clone(), stream.clone(), existing)).collect();
    let writes = Writes {
        now: Timestamp::UNIX_EPOCH,
        claims: vec![],
        states,
        streams,
        notes: vec![],
        events: vec![],
        scheduled: vec![],
        dead_letters: vec![],
        cursors: vec![],
    };
    tx.write(writes).await.unwrap();
    tx.commit().await.unwrap();
}

/// How often the streams and the states were read whole, and by their index.
async fn scans(database: &Database, schema: &str) -> [(i64, i64); 2] {
    // It is the store's own connection, the only one so far, and tells of its own scans when it is asked to.
    let session = database.session().await.unwrap();
    session.query("SELECT pg_stat_force_next_flush()", &[]).await.unwrap();
    let sql = "SELECT seq_scan, idx_scan FROM pg_stat_user_tables
        WHERE schemaname = $1 AND relname IN ('streams', 'tallies') ORDER BY relname";
    let rows = session.query(sql, &[(&schema, Type::TEXT)]).await.unwrap();
    let scans: Vec<_> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    scans.try_into().expect("two tables")
}

/// Otherwise a plan from when the table was nearly empty reads all of it, again and again, until the next look at its
/// statistics: for a minute or longer.
#[test]
#[ignore = "needs PostgreSQL: scripts/services up"]
fn a_table_that_was_empty_just_now_is_read_by_its_index() {
    run(async {
        let schema = format!("tally_{}", SystemIds.next().simple());
        let database = database(&schema, true);
        let store = PostgresStore::open(database.clone(), TallyTables).await.unwrap();
        let before = scans(&database, &schema).await;
        let mut keys: Vec<_> = (0..KEYS).map(|key| Key::name(&format!("key-{key:02}"))).collect();
        keys.sort_unstable();
        for count in 1..=EXECUTIONS {
            write(&store, &keys, count).await;
        }
        let after = scans(&database, &schema).await;
        assert_eq!(after.map(|(whole, _)| whole), before.map(|(whole, _)| whole), "none was read whole");
        assert!((0..2).all(|table| after[table].1 > before[table].1), "all were found: {after:?}");
    });
}
