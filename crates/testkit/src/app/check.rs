//! What a shop at rest is held to, and the check when a test ends.

use engine::service::sources;
use engine::{Cursors, Log, Service};
use invariants::Sequences;
use store_sqlite::SqliteStore;

use super::{TestApp, at_once};

impl TestApp {
    /// The test leaves so many dead letters behind on purpose.
    pub fn expect_dead(&mut self, count: usize) {
        self.expected_dead = count;
    }

    /// The test has looked for itself: nothing is checked when the app is dropped.
    pub fn unchecked(&mut self) {
        self.unchecked = true;
    }

    /// Everything that is wrong with a shop at rest: a consumer that is behind, an event that is set aside with nothing
    /// dead before it, an unexpected dead letter, a log with gaps, a broken promise.
    pub fn complaints(&self) -> Vec<String> {
        let shop = self.shop();
        let mut complaints = Vec::new();
        let logs: [(&str, &dyn Log); 4] = [
            ("orders", &*shop.orders.store),
            ("payments", &*shop.payments.store),
            ("processing", &*shop.processing.store),
            ("catalog", &*shop.catalog.store),
        ];
        complaints.extend(behind(&shop.orders.store, &logs));
        complaints.extend(behind(&shop.payments.store, &logs));
        complaints.extend(behind(&shop.processing.store, &logs));
        complaints.extend(set_aside(&shop.orders.store));
        complaints.extend(set_aside(&shop.payments.store));
        complaints.extend(set_aside(&shop.processing.store));
        complaints.extend(out_of_sequence(&shop.orders.store));
        complaints.extend(out_of_sequence(&shop.payments.store));
        complaints.extend(out_of_sequence(&shop.processing.store));
        complaints.extend(out_of_sequence(&shop.catalog.store));
        let dead = self.dead_letters();
        if dead.len() != self.expected_dead {
            complaints.push(format!(
                "{} dead letters, expected {}: {dead:?}",
                dead.len(),
                self.expected_dead
            ));
        }
        let mut broken = |violation: invariants::Violation| complaints.push(violation.to_string());
        at_once(self.audit().run(&mut broken)).expect("the files can be read");
        complaints
    }

    /// Holds a shop at rest to its promises.
    pub fn check(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() && !self.unchecked && self.is_alive() {
            self.check();
        }
    }
}

/// The logs that the consumer has not read to their ends.
fn behind<C: Service>(consumer: &SqliteStore<C>, logs: &[(&str, &dyn Log)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (source, log) in logs.iter().filter(|(source, _)| sources::<C>().contains(source)) {
        let cursors = at_once(consumer.cursors(source)).expect("the file can be read");
        for partition in 0..log.partitions() {
            let head = at_once(log.head(partition)).expect("the file can be read");
            let cursor =
                cursors.iter().find(|(known, _)| *known == partition).map_or(0, |(_, offset)| *offset);
            if cursor != head {
                complaints.push(format!("{} has read {cursor} of {head} events of {source}", C::NAME));
            }
        }
    }
    complaints
}

fn set_aside<S: Service>(store: &SqliteStore<S>) -> Vec<String> {
    let sql = "SELECT hex(key), name FROM scheduled AS held WHERE kind = 'held' AND standing <> 'dead'
        AND NOT EXISTS (SELECT 1 FROM scheduled AS dead
            WHERE dead.key = held.key AND dead.kind = 'held' AND dead.standing = 'dead')";
    let held = store.query(|conn| {
        let mut statement = conn.prepare(sql)?;
        let rows = statement.query_map((), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    });
    let held = held.expect("the file can be read").into_iter();
    held.map(|(key, name)| format!("{} has {name} of {key} set aside for nothing", S::NAME)).collect()
}

/// Only logs that were never trimmed can be followed from their beginning.
fn out_of_sequence<S: Service>(store: &SqliteStore<S>) -> Vec<String> {
    let log = TestApp::log(store);
    let heads = (0..store.partitions()).map(|partition| at_once(store.head(partition)).expect("readable"));
    if heads.sum::<u64>() != log.len() as u64 {
        return Vec::new();
    }
    let mut sequences = Sequences::new();
    log.iter().filter_map(|record| sequences.see(record)).map(|violation| violation.to_string()).collect()
}
