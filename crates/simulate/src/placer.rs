//! Placing: what one connection does, order after order, until the plan ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{HeaderName, HeaderValue};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    body::Writer,
    connection::{Connection, rest},
    dice::Dice,
    harvest::Harvest,
    live::Live,
    outcome::{Failure, Outcome},
    pace::{Plan, Slot},
    recent::Recent,
    target::Target,
};

/// Ids kept for `--wait` at most: 16 MB of them.
const KEPT: usize = 1_000_000;

/// What all placing connections share.
pub struct Placing {
    /// Where orders go.
    pub target: Arc<Target>,
    /// When they go, and how many.
    pub plan: Plan,
    /// What they say.
    pub writer: Writer,
    /// Where placed ids are left for reads.
    pub recent: Arc<Recent>,
    /// The figures so far.
    pub live: Arc<Live>,
    /// Reads per hundred orders.
    pub reads_percent: u32,
    /// Whether each order carries an idempotency key.
    pub idempotency_keys: bool,
    /// Whether anything reads the placed ids from [`Recent`].
    pub remember: bool,
    /// Room left for ids to wait for; none without `--wait`.
    pub room: Room,
}

/// Room for a bounded number of ids.
pub struct Room(AtomicUsize);

impl Room {
    /// Room for as many ids as are ever kept, or for none.
    pub const fn new(wanted: bool) -> Self {
        Self(AtomicUsize::new(if wanted { KEPT } else { 0 }))
    }

    fn take(&self) -> bool {
        let one_less = |room: usize| room.checked_sub(1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok()
    }
}

/// One connection that places orders.
pub struct Placer {
    /// What it shares with the others.
    pub shared: Arc<Placing>,
    /// Its connection.
    pub connection: Connection,
    /// What it counted.
    pub harvest: Harvest,
}

impl Placer {
    /// A connection that has placed nothing yet.
    pub fn new(shared: Arc<Placing>, connection: Connection) -> Self {
        Self { shared, connection, harvest: Harvest::default() }
    }

    /// Places orders until the plan ends or the server stays out of reach.
    pub async fn work(&mut self) -> anyhow::Result<()> {
        let shared = Arc::clone(&self.shared);
        while let Some(slot) = shared.plan.take() {
            let outcome = self.place(&slot).await;
            match outcome {
                Outcome::Refused(pause) => rest(self.until_deadline(pause)).await,
                Outcome::Failed(Failure::Unreachable) => return Ok(()),
                _ => {}
            }
            for read in 0..reads_after(slot.number, shared.reads_percent) {
                self.read(slot.number, read).await?;
            }
        }
        Ok(())
    }

    async fn place(&mut self, slot: &Slot) -> Outcome {
        let (form, body) = self.shared.writer.order(slot.number);
        let mut request = self.shared.target.place(body);
        if self.shared.idempotency_keys
            && let Ok(key) = HeaderValue::try_from(self.shared.writer.idempotency_key(slot.number))
        {
            request.headers_mut().insert(HeaderName::from_static("idempotency-key"), key);
        }
        let since = slot.wait().await;
        let result = self.connection.send(request).await;
        let (outcome, took) = (Outcome::of_placed(&result), since.elapsed());
        self.harvest.by_form[form as usize].count(outcome, took);
        self.shared.live.count(outcome, took);
        if let (Outcome::Ok, Some(id)) = (outcome, result.ok().and_then(|answer| answer.id)) {
            self.keep(id);
        }
        outcome
    }

    fn keep(&mut self, id: Uuid) {
        if self.shared.remember {
            self.shared.recent.note(id);
        }
        if self.shared.room.take() {
            self.harvest.placed.push(id);
        }
    }

    async fn read(&mut self, number: u64, read: u64) -> anyhow::Result<()> {
        let mut dice = Dice::of(!self.shared.writer.seed, number.wrapping_add(read << 48));
        if let Some(id) = self.shared.recent.any(&mut dice) {
            let request = self.shared.target.read_orders(&format!("/{id}"))?;
            let since = Instant::now();
            let outcome = Outcome::of(&self.connection.send(request).await);
            self.harvest.reads.count(outcome, since.elapsed());
        }
        Ok(())
    }

    /// No pause outlasts the run.
    fn until_deadline(&self, pause: Duration) -> Duration {
        let left = self.shared.plan.deadline().map(|deadline| deadline.duration_since(Instant::now()));
        left.map_or(pause, |left| pause.min(left))
    }
}

/// How many reads follow order `number`, so that `percent` of the orders so far have been read.
const fn reads_after(number: u64, percent: u32) -> u64 {
    let percent = percent as u64;
    (number + 1) * percent / 100 - number * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_are_spread_evenly_over_the_orders() {
        let after = |percent| (0..10).map(|number| reads_after(number, percent)).collect::<Vec<_>>();
        assert_eq!(after(50), [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
        assert_eq!(after(200), [2; 10]);
        assert_eq!(after(0), [0; 10]);
    }

    #[test]
    fn room_runs_out() {
        assert!(Room::new(true).take());
        assert!(!Room::new(false).take());
    }
}
