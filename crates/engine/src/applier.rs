//! The applier: gathers messages into a batch and applies it in one transaction. The one place that commits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::batch::Batch;
use crate::clock::Clock;
use crate::effects::Desk;
use crate::fault::Fault;
use crate::inlet::Inlet;
use crate::intake::{Answer, Outlet};
use crate::item::{EventItem, Item, What};
use crate::job::Job;
use crate::key::Key;
use crate::message::Context;
use crate::observe::{Observation, Observer};
use crate::pace::Pace;
use crate::retry::{Backoff, later};
use crate::schedule::{Kind, Scheduled};
use crate::service::Service;
use crate::signal::Signal;
use crate::step::{Progress, Step};
use crate::store::{NextDue, Store, Transaction, Writes};

/// So many batches of commands are taken at once. A row costs less the more there are: fewer pages are written twice.
const DEPTH: usize = 4;

/// The applier's limits.
#[derive(Clone, Copy, Debug)]
pub struct ApplierSettings {
    /// Messages in a batch; of commands four times as many, where they wait.
    pub batch: usize,
    /// Retry of set-aside messages and effects.
    pub backoff: Backoff,
    /// How long a worker has for a leased effect before another may take it.
    pub lease: Duration,
    /// How often a batch is tried before its commands are told that the store is away.
    pub patience: u32,
    /// After how long the schedule is looked at although nothing is known to be due: other processes may have scheduled
    /// something, or have left it behind when they died. None: no other process writes to the store.
    pub look_again: Option<Duration>,
    /// How long at most, behind a batch, all gathers that nobody waits for; no longer than that batch took. Zero: it never
    /// does.
    pub longest_rest: Duration,
}

impl Default for ApplierSettings {
    fn default() -> Self {
        Self {
            batch: 512,
            backoff: Backoff::default(),
            lease: Duration::from_secs(30),
            patience: 3,
            look_again: None,
            longest_rest: Duration::ZERO,
        }
    }
}

/// Everything an applier stands on.
pub struct Applier<S: Service> {
    name: String,
    service: Arc<S>,
    store: Arc<dyn Store<S>>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn Observer>,
    settings: ApplierSettings,
    outlet: Outlet<S>,
    inlets: Vec<Box<dyn Inlet>>,
    desk: Option<Arc<Desk>>,
    /// Raised after every commit that published something.
    readers: Vec<Signal>,
    /// Items of a batch that met a fault, to be tried again first.
    pending: Vec<Item<S>>,
    /// Something was polled that is not settled yet.
    polled: bool,
    faults: u32,
    /// A commit was begun whose end is not known.
    uncertain: bool,
    /// When the schedule has something. None: not asked yet.
    next: Option<NextDue>,
    /// When the schedule is to be asked whatever is known of it.
    look: Option<Timestamp>,
    /// Who waits for an answer is not held up by it.
    pace: Pace,
    /// Raised when another process has scheduled something.
    elsewhere: Signal,
}

/// The log positions of a batch: the highest offset per source and partition.
type Cursors = BTreeMap<(&'static str, u16), u64>;

impl<S: Service> Applier<S> {
    /// An applier of `service` over `store`.
    pub fn new(
        service: Arc<S>,
        store: Arc<dyn Store<S>>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn Observer>,
        settings: ApplierSettings,
        outlet: Outlet<S>,
    ) -> Self {
        Self {
            name: format!("{}/apply", S::NAME),
            service,
            store,
            clock,
            observer,
            settings,
            outlet,
            inlets: Vec::new(),
            desk: None,
            readers: Vec::new(),
            pending: Vec::new(),
            polled: false,
            faults: 0,
            uncertain: false,
            next: None,
            look: None,
            pace: Pace::new(settings.longest_rest),
            elsewhere: Signal::new(),
        }
    }

    /// To be raised when another process has scheduled something.
    pub fn elsewhere(&self) -> Signal {
        self.elsewhere.clone()
    }

    /// Consumes what the inlet delivers.
    #[must_use]
    pub fn inlet(mut self, inlet: Box<dyn Inlet>) -> Self {
        self.inlets.push(inlet);
        self
    }

    /// Leases effects to the worker behind the desk.
    #[must_use]
    pub fn desk(mut self, desk: Arc<Desk>) -> Self {
        self.desk = Some(desk);
        self
    }

    /// Raises the signal whenever something was published.
    #[must_use]
    pub fn reader(mut self, signal: Signal) -> Self {
        self.readers.push(signal);
        self
    }

    /// Takes what is there: intake first, and of that several batches at once where so much waits, since who hands it in wants
    /// it taken and not finished; the saga has its room all the same.
    async fn gather(&mut self) -> Result<(Vec<Item<S>>, Cursors), Fault> {
        let limit = self.settings.batch;
        let mut items = std::mem::take(&mut self.pending);
        while items.len() < limit * DEPTH
            && let Ok(command) = self.outlet.commands.try_recv()
        {
            items.push(Item::command(command));
        }
        while let Ok(repair) = self.outlet.repairs.try_recv() {
            items.push(Item::repair(repair));
        }
        for _ in 0..self.room(items.len()) {
            let Ok(attempted) = self.outlet.attempts.try_recv() else { break };
            items.push(Item::attempted(&*self.service, attempted));
        }
        // A fault comes with no items, so none is lost.
        let cursors = self.poll(&mut items).await?;
        Ok((items, cursors))
    }

    /// How much more of each kind a batch takes that has so many items: at least a fifth of what it may have.
    fn room(&self, items: usize) -> usize {
        let limit = self.settings.batch;
        limit.saturating_sub(items).max(limit / 5).max(1)
    }

    /// A source that is away stops neither commands nor the other sources; with nothing else to do its fault is told.
    async fn poll(&mut self, items: &mut Vec<Item<S>>) -> Result<Cursors, Fault> {
        let mut cursors = Cursors::new();
        let mut away = None;
        let service = Arc::clone(&self.service);
        for place in 0..self.inlets.len() {
            let room = self.room(items.len());
            let inlet = &mut self.inlets[place];
            let keeps = inlet.consumer_keeps_cursor();
            let deliveries = match inlet.poll(room).await {
                Ok(deliveries) => deliveries,
                Err(fault) => {
                    inlet.rewind().await;
                    away = Some(fault);
                    continue;
                }
            };
            self.polled |= !deliveries.is_empty();
            for delivery in deliveries {
                if keeps {
                    let cursor = cursors.entry((inlet.source(), delivery.position.partition)).or_default();
                    *cursor = delivery.position.offset.max(*cursor);
                }
                items.extend(Item::event(&*service, delivery.record));
            }
        }
        match away {
            Some(fault) if items.is_empty() && cursors.is_empty() && !self.polled => Err(fault),
            _ => Ok(cursors),
        }
    }

    /// Whether the schedule has something for this batch, or has to be asked.
    fn is_due(&self, now: Timestamp) -> bool {
        self.look.is_some_and(|look| look <= now)
            || self.next.is_none_or(|next| next.message.is_some_and(|due| due <= now))
    }

    /// How many effects to lease with this batch, if there are that many.
    fn lease_room(&self, now: Timestamp) -> usize {
        // What was performed and not taken in yet still takes its place.
        self.desk.as_ref().map_or(0, |desk| desk.room(now).saturating_sub(self.outlet.attempts.len()))
    }

    fn has_due_effects(&self, now: Timestamp) -> bool {
        self.next.is_none_or(|next| next.effect.is_some_and(|due| due <= now)) && self.lease_room(now) > 0
    }

    fn idle_until(&self, now: Timestamp) -> Option<Timestamp> {
        let next = self.next.unwrap_or_default();
        let closed = self.desk.as_ref().and_then(|desk| desk.closed_until(now));
        // With a full desk the worker's next report is the wake-up.
        let effect = next.effect.filter(|_| self.lease_room(now) > 0 || closed.is_some());
        let effect = effect.map(|due| due.max(closed.unwrap_or(due)));
        [next.message, effect, self.look].into_iter().flatten().min()
    }

    /// One batch, one transaction. Answers the leased jobs; what the items came to is in them. Unless an item is `alone`,
    /// what the schedule has joins it.
    async fn transact(
        &mut self,
        items: &mut Vec<Item<S>>,
        cursors: &Cursors,
        alone: bool,
        now: Timestamp,
    ) -> Result<Vec<Job>, Fault> {
        let begun = Instant::now();
        self.uncertain = false;
        let due = !alone && self.is_due(now);
        let service = Arc::clone(&self.service);
        let mut tx = self.store.begin().await?;
        if due {
            let rows = tx.due(now, self.settings.batch).await?;
            items.extend(rows.into_iter().map(|row| Item::due(&*service, row)));
        }
        let backoff = self.settings.backoff;
        let mut batch = Batch::new(&*service, &backoff, Context { now }, alone);
        claim(&mut *tx, &mut batch, items).await?;
        load(&mut *tx, &mut batch, &service, items).await?;
        items.iter_mut().for_each(|item| batch.apply(item));
        let verdicts = std::mem::take(&mut batch.verdicts);
        let writes =
            batch.finish(cursors.iter().map(|((source, p), offset)| (*source, *p, *offset)).collect());
        let events = writes.events.clone();
        let notes: Vec<_> = writes.notes.iter().map(|note| (note.key.clone(), note.sequence)).collect();
        let mut next = self.next.map(|next| earliest(next, &writes));
        tx.write(writes).await?;
        let room = self.lease_room(now);
        let leases = room > 0 && next.is_none_or(|next| next.effect.is_some_and(|due| due <= now));
        let leased = match leases {
            true => tx.lease(now, later(now, self.settings.lease), room).await?,
            false => Vec::new(),
        };
        if due || leases {
            next = Some(tx.next_due().await?);
        }
        self.uncertain = true;
        tx.commit().await?;
        self.uncertain = false;
        self.next = next;
        if due {
            self.look = self.settings.look_again.map(|period| later(now, period));
        }
        verdicts.iter().for_each(|verdict| self.observer.observe(Observation::Message(*verdict)));
        let took = begun.elapsed();
        self.observer.observe(Observation::Batch { messages: verdicts.len(), events: events.len(), took });
        events.iter().for_each(|record| self.observer.published(record));
        notes.iter().for_each(|(key, sequence)| self.observer.noted(key, *sequence));
        if !events.is_empty() {
            self.readers.iter().for_each(Signal::raise);
        }
        Ok(leased.into_iter().map(Job::from).collect())
    }

    fn dispatch(&self, now: Timestamp, jobs: Vec<Job>) {
        if let (false, Some(desk)) = (jobs.is_empty(), &self.desk) {
            desk.dispatch(now, jobs);
        }
    }

    /// Applies the batch; on a fault keeps what has to be tried again.
    async fn apply(
        &mut self,
        mut items: Vec<Item<S>>,
        cursors: &Cursors,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let gathered = items.len();
        match self.transact(&mut items, cursors, false, now).await {
            Ok(jobs) => {
                self.faults = 0;
                answer(items);
                self.dispatch(now, jobs);
                self.settle_inlets().await
            }
            // Behind a commit whose end is not known it may be applied already.
            Err(Fault::Rejected(reason)) if !self.uncertain => {
                tracing::warn!(
                    step = self.name,
                    reason,
                    "the store rejected a batch; applying it one by one"
                );
                self.one_by_one(items, cursors, now).await
            }
            Err(fault) => {
                items.truncate(gathered);
                self.retry_later(items, &fault).await;
                Err(fault)
            }
        }
    }

    /// Applies the items of a rejected batch each in its own transaction, without the set-aside events that would follow
    /// it. The one that is rejected alone is guilty and is set aside.
    async fn one_by_one(
        &mut self,
        items: Vec<Item<S>>,
        cursors: &Cursors,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let mut items = items.into_iter();
        while let Some(item) = items.next() {
            let mut alone = vec![item];
            let mut result = self.transact(&mut alone, &Cursors::new(), true, now).await;
            if let Err(Fault::Rejected(reason)) = &result {
                alone.iter_mut().for_each(|item| item.condemned = Some(reason.clone()));
                result = self.transact(&mut alone, &Cursors::new(), true, now).await;
            }
            match result {
                Ok(jobs) => {
                    answer(alone);
                    self.dispatch(now, jobs);
                }
                Err(fault) => {
                    alone.extend(items);
                    self.retry_later(alone, &fault).await;
                    return Err(fault);
                }
            }
        }
        let jobs = self.transact(&mut Vec::new(), cursors, true, now).await?;
        self.dispatch(now, jobs);
        self.settle_inlets().await
    }

    async fn settle_inlets(&mut self) -> Result<(), Fault> {
        for inlet in &mut self.inlets {
            inlet.settle().await?;
        }
        self.polled = false;
        Ok(())
    }

    /// Keeps what only this process knows; what was delivered or due comes again by itself. A command that may have been
    /// committed is only tried again if a claim makes that safe.
    async fn retry_later(&mut self, items: Vec<Item<S>>, fault: &Fault) {
        self.faults += 1;
        self.next = None;
        self.observer.observe(Observation::BatchFault);
        let given_up = self.faults >= self.settings.patience;
        for item in items {
            match item.what {
                What::Command { command, sender, .. }
                    if given_up || (self.uncertain && command.claims.is_empty()) =>
                {
                    let _ = sender.send(Answer::Unavailable(fault.to_string()));
                }
                What::Command { .. } | What::Repair { .. } | What::Attempted { .. } => {
                    self.pending.push(item)
                }
                What::Event(_) | What::Timer { .. } | What::Held(_) => {}
            }
        }
        for inlet in &mut self.inlets {
            inlet.rewind().await;
        }
        self.polled = false;
    }
}

#[async_trait]
impl<S: Service> Step for Applier<S> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn step(&mut self) -> Result<Progress, Fault> {
        let now = self.clock.now();
        if let (Some(rest), false) = (self.pace.rest(now), self.outlet.is_awaited()) {
            return Ok(Progress::Idle(Some(rest)));
        }
        let (items, cursors) = self.gather().await?;
        if items.is_empty() && cursors.is_empty() && !self.is_due(now) && !self.has_due_effects(now) {
            return match self.polled {
                // All of it was about keys that this service has no part in.
                true => self.settle_inlets().await.map(|()| Progress::Worked),
                false => Ok(Progress::Idle(self.idle_until(now))),
            };
        }
        self.apply(items, &cursors, now).await?;
        self.pace.worked(now, self.clock.now());
        Ok(Progress::Worked)
    }

    async fn wait(&mut self) {
        tokio::select! {
            () = self.outlet.signal.raised() => {}
            () = self.elsewhere.raised() => self.next = None,
        }
    }

    /// Leases nothing more, and takes in what comes of the jobs that are under way.
    async fn stop(&mut self) {
        let Some(desk) = self.desk.clone() else { return };
        desk.close();
        while desk.is_busy() || !self.outlet.attempts.is_empty() {
            if self.outlet.attempts.is_empty() {
                tokio::select! {
                    () = self.outlet.signal.raised() => {}
                    () = desk.empty().raised() => {}
                }
            } else if self.step().await.is_err() {
                return;
            }
        }
    }
}

async fn claim<S: Service>(
    tx: &mut dyn Transaction<S>,
    batch: &mut Batch<'_, S>,
    items: &[Item<S>],
) -> Result<(), Fault> {
    let mut ids: Vec<String> = Vec::new();
    for item in items {
        match &item.what {
            What::Command { command, .. } => ids.extend(command.claims.iter().map(|claim| claim.id.clone())),
            What::Event(event) => {
                ids.extend(event.id.iter().chain(&event.claims).map(|claim| claim.id.clone()));
            }
            _ => {}
        }
    }
    claim_ids(tx, batch, ids).await
}

async fn claim_ids<S: Service>(
    tx: &mut dyn Transaction<S>,
    batch: &mut Batch<'_, S>,
    mut ids: Vec<String>,
) -> Result<(), Fault> {
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    let borrowed: Vec<&str> = ids.iter().map(String::as_str).collect();
    let found = tx.claim(&borrowed).await?;
    batch.claimed.extend(ids.into_iter().zip(found).filter_map(|(id, claimed)| Some((id, claimed?))));
    Ok(())
}

async fn load<S: Service>(
    tx: &mut dyn Transaction<S>,
    batch: &mut Batch<'_, S>,
    service: &S,
    items: &[Item<S>],
) -> Result<(), Fault> {
    let (mut writes, mut reads) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        let touch = item.touch(service);
        writes.push(item.key().clone());
        writes.extend(touch.writes);
        reads.extend(touch.reads);
    }
    load_keys(tx, batch, writes, reads).await?;
    let mut asides: Vec<Key> = Vec::new();
    for item in items {
        let held = batch.workspace.entry(item.key()).is_some_and(|entry| entry.stream.held > 0);
        if item.needs_rows() || (held && item.is_event()) {
            asides.push(item.key().clone());
        }
    }
    load_rows(tx, batch, service, asides).await?;
    // An event that may be set aside in this batch is looked for among the rows of its key: there are none.
    for item in items.iter().filter(|item| item.is_event()) {
        if let Some(entry) = batch.workspace.entry_mut(item.key()) {
            entry.rows.get_or_insert_default();
        }
    }
    Ok(())
}

async fn load_keys<S: Service>(
    tx: &mut dyn Transaction<S>,
    batch: &mut Batch<'_, S>,
    mut writes: Vec<Key>,
    mut reads: Vec<Key>,
) -> Result<(), Fault> {
    for keys in [&mut writes, &mut reads] {
        keys.retain(|key| !batch.workspace.contains(key));
        keys.sort_unstable();
        keys.dedup();
    }
    reads.retain(|key| writes.binary_search(key).is_err());
    if writes.is_empty() && reads.is_empty() {
        return Ok(());
    }
    for loaded in tx.load(&writes, &reads).await? {
        batch.workspace.insert(loaded);
    }
    Ok(())
}

/// Loads the schedule's rows of the keys, and what their set-aside events claim and touch.
async fn load_rows<S: Service>(
    tx: &mut dyn Transaction<S>,
    batch: &mut Batch<'_, S>,
    service: &S,
    mut keys: Vec<Key>,
) -> Result<(), Fault> {
    if keys.is_empty() {
        return Ok(());
    }
    keys.sort_unstable();
    keys.dedup();
    let rows = tx.rows(&keys).await?;
    for key in &keys {
        if let Some(entry) = batch.workspace.entry_mut(key) {
            entry.rows = Some(BTreeMap::new());
        }
    }
    let (mut writes, mut reads, mut claims) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        if let Some(event) = held_event(service, &row) {
            claims.extend(event.claims.iter().map(|claim| claim.id.clone()));
            let touch = Item::new(What::Event(event)).touch(service);
            writes.extend(touch.writes);
            reads.extend(touch.reads);
        }
        if let Some(rows) = batch.workspace.entry_mut(&row.key).and_then(|entry| entry.rows.as_mut()) {
            rows.insert(row.name.clone(), row);
        }
    }
    // Here keys are locked already, unlike in `claim`: two instances may wait for each other. PostgreSQL ends one of the two
    // transactions then, and its batch is tried again.
    claim_ids(tx, batch, claims).await?;
    load_keys(tx, batch, writes, reads).await
}

/// The set-aside event of a row, which has claimed its id already.
fn held_event<S: Service>(service: &S, row: &Scheduled) -> Option<EventItem<S>> {
    if row.kind != Kind::Held {
        return None;
    }
    EventItem::new(service, Arc::new(row.record()?))
}

/// When the schedule has something next, going by what is known and what is written.
fn earliest<T>(known: NextDue, writes: &Writes<T>) -> NextDue {
    let mut next = known;
    for row in writes.scheduled.iter().filter_map(|(_, _, row)| row.as_ref()) {
        let due = if row.kind == Kind::Effect { &mut next.effect } else { &mut next.message };
        *due = [*due, row.due].into_iter().flatten().min();
    }
    next
}

/// Tells everybody who waits. Only ever called behind the commit.
fn answer<S: Service>(items: Vec<Item<S>>) {
    for item in items {
        match item.what {
            // A caller that is gone does not change what was decided.
            What::Command { sender, answer: Some(answer), .. } => drop(sender.send(answer)),
            What::Repair { sender, found, .. } => drop(sender.send(found)),
            _ => {}
        }
    }
}
