//! What a shop at rest is held to, and the check when a test ends.

use engine::reading::Lag;
use engine::{Log, Service};
use invariants::Sequences;

use super::{Node, TestApp};

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
        let mut complaints = self.unread();
        complaints.extend(self.set_aside(&shop.orders));
        complaints.extend(self.set_aside(&shop.payments));
        complaints.extend(self.set_aside(&shop.processing));
        complaints.extend(self.set_aside(&shop.catalog));
        complaints.extend(self.out_of_sequence(&*shop.orders.store));
        complaints.extend(self.out_of_sequence(&*shop.payments.store));
        complaints.extend(self.out_of_sequence(&*shop.processing.store));
        complaints.extend(self.out_of_sequence(&*shop.catalog.store));
        let dead = self.dead_letters();
        if dead.len() != self.expected_dead {
            complaints.push(format!(
                "{} dead letters, expected {}: {dead:?}",
                dead.len(),
                self.expected_dead
            ));
        }
        let mut broken = |violation: invariants::Violation| complaints.push(violation.to_string());
        self.ask(self.audit().run(&mut broken));
        complaints
    }

    /// Holds a shop at rest to its promises.
    pub fn check(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    /// The logs that were not read to their ends.
    fn unread(&self) -> Vec<String> {
        let mut unread = Vec::new();
        for reading in &self.shop().readings {
            let Lag { events, .. } = self.ask(reading.lag(self.now()));
            if events > 0 {
                unread
                    .push(format!("{} has not read {events} events of {}", reading.consumer, reading.source));
            }
        }
        unread
    }

    fn set_aside<S: Service, Q: ?Sized>(&self, node: &Node<S, Q>) -> Vec<String> {
        let stranded = self.ask(node.shelf.stranded()).into_iter();
        stranded.map(|(key, name)| format!("{} has {name} of {key} set aside for nothing", S::NAME)).collect()
    }

    /// Only logs that were never trimmed can be followed from their beginning.
    fn out_of_sequence(&self, log: &dyn Log) -> Vec<String> {
        let (records, mut sequences) = (self.log(log), Sequences::new());
        let written: u64 = (0..log.partitions()).map(|partition| self.ask(log.head(partition))).sum();
        if written != records.len() as u64 {
            return Vec::new();
        }
        let violations = records.iter().filter_map(|record| sequences.see(record));
        violations.map(|violation| violation.to_string()).collect()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() && !self.unchecked && self.is_alive() {
            self.check();
        }
    }
}
