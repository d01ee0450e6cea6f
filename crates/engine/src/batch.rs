//! A batch inside its transaction: every item applied, one after the other, on one workspace.
//!
//! Pure: all that was loaded is here, and what is to be written is gathered here. Each message is tried on an overlay
//! that is dropped unless it ends in a change.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::claim::{Claim, Claimed, MESSAGE_RETENTION};
use crate::dead_letter::{DeadLetter, DeadLetterState, OperatorAct};
use crate::gate::{Gate, gate};
use crate::intake::{Answer, Command, Repair, RepairAct};
use crate::item::{EventItem, Item, What, guarded};
use crate::job::Attempted;
use crate::key::Key;
use crate::message::{Context, Message};
use crate::observe::Verdict;
use crate::record::Record;
use crate::retry::{Backoff, later};
use crate::schedule::{Kind, Scheduled, Standing, held_name};
use crate::service::{Change, Outcome, Service, source_of};
use crate::store::{DeadLetterWrite, Existing, Note, Writes};
use crate::workspace::{Draft, Workspace};

/// The drafted states of one message.
type Drafted<S> = SmallVec<[(Key, <S as Service>::State); 2]>;

pub(crate) struct Batch<'s, S: Service> {
    service: &'s S,
    backoff: &'s Backoff,
    context: Context,
    /// Each item is on trial alone: nothing that waits behind it follows in this transaction.
    alone: bool,
    pub workspace: Workspace<S::State>,
    /// What was found claimed, and what this batch claimed.
    pub claimed: HashMap<String, Claimed>,
    /// One verdict per message, for those who watch.
    pub verdicts: Vec<Verdict>,
    claims: Vec<(Claim, String)>,
    notes: Vec<Note>,
    events: Vec<Arc<Record>>,
    scheduled: BTreeMap<(Key, String), Option<Scheduled>>,
    dead_letters: Vec<DeadLetterWrite>,
}

impl<'s, S: Service> Batch<'s, S> {
    pub fn new(service: &'s S, backoff: &'s Backoff, context: Context, alone: bool) -> Self {
        Self {
            service,
            backoff,
            context,
            alone,
            workspace: Workspace::new(),
            claimed: HashMap::new(),
            verdicts: Vec::new(),
            claims: Vec::new(),
            notes: Vec::new(),
            events: Vec::new(),
            scheduled: BTreeMap::new(),
            dead_letters: Vec::new(),
        }
    }

    /// Applies one item.
    pub fn apply(&mut self, item: &mut Item<S>) {
        let condemned = item.condemned.clone();
        let verdict = match &mut item.what {
            What::Command { command, answer, .. } => {
                let (decided, verdict) = self.command(command, condemned);
                *answer = Some(decided);
                verdict
            }
            What::Repair { repair, found, .. } => {
                *found = self.repair(repair);
                if *found { Verdict::Changed } else { Verdict::Ignored }
            }
            What::Event(event) => self.event(event, condemned),
            What::Timer { row, .. } if !self.is_current(row) => Verdict::Stale,
            What::Timer { row, message } => {
                let row = row.clone();
                match message {
                    Ok(message) => self.timer(row, message, condemned),
                    Err(malformed) => self.die(row, "malformed", malformed.to_string()),
                }
            }
            What::Held(key) => {
                let key = key.clone();
                self.turn(&key, condemned);
                Verdict::Ignored
            }
            What::Attempted { attempted, message } => match message {
                None => self.fruitless(attempted, condemned),
                Some(message) => {
                    self.answered(attempted, message.as_ref().map_err(ToString::to_string), condemned)
                }
            },
        };
        self.verdicts.push(verdict);
    }

    /// Everything to be written.
    pub fn finish(self, cursors: Vec<(&'static str, u16, u64)>) -> Writes<S::State> {
        let existing = |stored: bool| if stored { Existing::Yes } else { Existing::No };
        let (mut states, mut streams) = (Vec::new(), Vec::new());
        for (key, entry) in self.workspace.into_entries() {
            if let (true, Some(state)) = (entry.state_changed, entry.state) {
                states.push((key.clone(), state, existing(entry.stored_state)));
            }
            if entry.stream_changed {
                streams.push((key, entry.stream, existing(entry.stored_stream)));
            }
        }
        states.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        streams.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        Writes {
            now: self.context.now,
            claims: self.claims,
            states,
            streams,
            notes: self.notes,
            events: self.events,
            scheduled: self.scheduled.into_iter().map(|((key, name), row)| (key, name, row)).collect(),
            dead_letters: self.dead_letters,
            cursors,
        }
    }

    fn command(&mut self, command: &Command<S>, condemned: Option<String>) -> (Answer<S>, Verdict) {
        if let Some(answer) = self.replay(&command.claims) {
            return (answer, Verdict::Replayed);
        }
        let outcome = match condemned {
            Some(reason) => Err(reason),
            None => self.run(&command.message, |_| {}),
        };
        match outcome {
            Ok(Outcome::Change(change)) => match change.reply {
                Some(reply) => {
                    self.claim(&command.claims, Some(&reply));
                    (Answer::Done { reply, replayed: None }, Verdict::Changed)
                }
                None => (Answer::Failed("the command has no reply".to_owned()), Verdict::Changed),
            },
            Ok(Outcome::Refused(refusal)) => (Answer::Refused(refusal), Verdict::Refused),
            Ok(Outcome::Ignored) => (Answer::Failed("nothing to do".to_owned()), Verdict::Ignored),
            Ok(Outcome::NotYet(reason) | Outcome::Poison(reason)) | Err(reason) => {
                (Answer::Failed(reason), Verdict::Dead)
            }
        }
    }

    /// The answer of an earlier command with one of the claims.
    fn replay(&self, claims: &[Claim]) -> Option<Answer<S>> {
        let (claim, claimed) = claims.iter().find_map(|claim| Some((claim, self.claimed.get(&claim.id)?)))?;
        if claim.fingerprint != claimed.fingerprint {
            return Some(Answer::Conflict(claim.kind));
        }
        Some(match serde_json::from_str(&claimed.reply) {
            Ok(reply) => Answer::Done { reply, replayed: Some(claim.kind) },
            Err(error) => Answer::Failed(format!("the stored reply cannot be read: {error}")),
        })
    }

    fn claim(&mut self, claims: &[Claim], reply: Option<&S::Reply>) {
        if claims.is_empty() {
            return;
        }
        let reply = reply.and_then(|reply| serde_json::to_string(reply).ok()).unwrap_or_default();
        for claim in claims {
            let claimed = Claimed { fingerprint: claim.fingerprint.clone(), reply: reply.clone() };
            self.claimed.insert(claim.id.clone(), claimed);
            self.claims.push((claim.clone(), reply.clone()));
        }
    }

    fn event(&mut self, event: &EventItem<S>, condemned: Option<String>) -> Verdict {
        let record = &event.record;
        if event.id.as_ref().is_some_and(|claim| self.claimed.contains_key(&claim.id)) {
            return Verdict::Duplicate;
        }
        self.follow(&record.key);
        let Some(entry) = self.workspace.entry(&record.key) else { return Verdict::Ignored };
        let applied = entry.stream.applied(event.source);
        let blocked = entry.is_blocked(self.context.now) || (self.alone && entry.is_waiting());
        let turn = gate(applied, record.sequence, blocked);
        if turn == Gate::Duplicate {
            return Verdict::Duplicate;
        }
        // Whether applied or set aside, from here on it is taken care of.
        let expires = Some(later(self.context.now, MESSAGE_RETENTION));
        self.claim(event.id.clone().map(|id| Claim { expires, ..id }).as_slice(), None);
        if turn == Gate::Hold {
            return self.hold(record);
        }
        let outcome = match (&event.message, condemned) {
            (_, Some(reason)) => Err(reason),
            (None, None) => Ok(Outcome::Ignored),
            (Some(Err(malformed)), None) => Err(malformed.to_string()),
            (Some(Ok(message)), None) => self.run_event(message, &event.claims),
        };
        let verdict = match outcome {
            Ok(Outcome::Change(_)) => Verdict::Changed,
            Ok(Outcome::Ignored) => Verdict::Ignored,
            other => {
                self.count_held(&record.key, 1);
                return self.conclude(Scheduled::held(record), other);
            }
        };
        self.mark(&record.key, event.source, record.sequence);
        self.follow(&record.key);
        verdict
    }

    /// What waits behind what was just done follows: at once, or, where items are tried alone, with the next batch.
    fn follow(&mut self, key: &Key) {
        if self.held(key) == 0 {
            return;
        }
        if !self.alone {
            return self.drain(key);
        }
        if let Some((mut row, _)) = self.next_held(key).filter(|(row, _)| row.due.is_none()) {
            row.due = Some(self.context.now);
            self.put(row);
        }
    }

    /// A set-aside event's turn has come.
    fn turn(&mut self, key: &Key, condemned: Option<String>) {
        match condemned {
            Some(reason) => {
                if let Some((row, _)) = self.next_held(key) {
                    self.die(row, "poison", reason);
                }
            }
            None => self.drain(key),
        }
    }

    /// Applies the set-aside events of a key whose turn has come.
    fn drain(&mut self, key: &Key) {
        while let Some((row, record)) = self.next_held(key) {
            let Some(event) = EventItem::new(self.service, Arc::new(record)) else {
                self.die(row, "malformed", "nobody consumes its source".to_owned());
                return;
            };
            let outcome = match &event.message {
                None => Ok(Outcome::Ignored),
                Some(Err(malformed)) => Err(malformed.to_string()),
                Some(Ok(message)) => self.run_event(message, &event.claims),
            };
            match outcome {
                Ok(Outcome::Change(_) | Outcome::Ignored) => {
                    self.mark(key, event.source, event.record.sequence);
                    self.release(&row);
                }
                other => {
                    self.conclude(row, other);
                }
            }
            if self.alone {
                return self.follow(key);
            }
        }
    }

    /// The next set-aside event of a key whose turn has come; duplicates on the way are let go.
    fn next_held(&mut self, key: &Key) -> Option<(Scheduled, Record)> {
        loop {
            let entry = self.workspace.entry(key)?;
            if entry.is_blocked(self.context.now) {
                return None;
            }
            let (row, record, turn) = entry.held_rows().find_map(|row| {
                let record = row.record()?;
                let turn = gate(entry.stream.applied(&record.source), record.sequence, false);
                (turn != Gate::Hold).then(|| (row.clone(), record, turn))
            })?;
            if turn == Gate::Pass {
                return Some((row, record));
            }
            self.release(&row);
        }
    }

    fn timer(&mut self, row: Scheduled, message: &Message<S::Input>, condemned: Option<String>) -> Verdict {
        let outcome = match condemned {
            Some(reason) => Err(reason),
            None => self.run(message, |batch| batch.unschedule(&row)),
        };
        self.conclude(row, outcome)
    }

    /// Whether a timer is still the one that was found due: neither this batch nor another instance has touched it.
    fn is_current(&self, row: &Scheduled) -> bool {
        let place = (row.key.clone(), row.name.clone());
        !self.scheduled.contains_key(&place) && self.row(&row.key, &row.name) == Some(row)
    }

    /// The world answered: the job is done, and its answer is a message.
    fn answered(
        &mut self,
        attempted: &Attempted,
        message: Result<&Message<S::Input>, String>,
        condemned: Option<String>,
    ) -> Verdict {
        let Some(mut row) = self.leased_row(attempted) else { return Verdict::Stale };
        row.attempts = attempted.job.attempt;
        let outcome = match (message, condemned) {
            (_, Some(reason)) | (Err(reason), None) => Err(reason),
            (Ok(message), None) => self.run(message, |batch| batch.unschedule(&row)),
        };
        self.conclude(row, outcome)
    }

    /// What becomes of a row of the schedule when its message came to this.
    fn conclude(&mut self, row: Scheduled, outcome: Result<Outcome<S>, String>) -> Verdict {
        match outcome {
            Ok(Outcome::Change(_)) => Verdict::Changed,
            Ok(Outcome::Ignored) => {
                self.unschedule(&row);
                Verdict::Ignored
            }
            Ok(Outcome::NotYet(reason)) => self.postpone(row, reason),
            Ok(Outcome::Poison(reason)) | Err(reason) => self.die(row, "poison", reason),
            Ok(Outcome::Refused(refusal)) => self.die(row, "refused", format!("{refusal:?}")),
        }
    }

    /// The attempt was fruitless: repeat it, or, if it was the last, let the service change course.
    fn fruitless(&mut self, attempted: &Attempted, condemned: Option<String>) -> Verdict {
        let Some(mut row) = self.leased_row(attempted) else { return Verdict::Stale };
        if let Some(reason) = condemned {
            return self.die(row, "poison", reason);
        }
        let (now, attempt) = (self.context.now, attempted.job.attempt);
        let exhausted = self.backoff.is_exhausted(attempt);
        let Some(attempted) = attempted.fruitless(exhausted) else {
            // An interrupted one keeps its lease, so that whoever has it next knows.
            if !attempted.job.interrupted {
                row.due = Some(self.backoff.due(now, row.attempts + 1, &row.key, &row.name));
                self.put(row);
            }
            return Verdict::NotYet;
        };
        let reason = attempted.reason.to_owned();
        row.attempts = attempt;
        row.due = Some(self.backoff.due(now, attempt, &row.key, &row.name));
        let input = guarded(|| self.service.attempted(&attempted)).transpose();
        let outcome = input.map(|input| {
            let origin = crate::message::Origin::Effect { name: row.name.clone(), attempt };
            let message = Message { key: row.key.clone(), origin, input: input? };
            self.run(
                &message,
                |batch| if exhausted { batch.unschedule(&row) } else { batch.put(row.clone()) },
            )
        });
        match outcome {
            Some(Ok(Outcome::Change(_))) => Verdict::Changed,
            Some(Ok(Outcome::Poison(reason)) | Err(reason)) => self.die(row, "exhausted", reason),
            _ if exhausted => self.die(row, "exhausted", reason),
            _ => {
                self.put(row);
                Verdict::NotYet
            }
        }
    }

    /// The row of an attempted job, if the attempt's lease is still the newest one and the attempt was not told yet.
    fn leased_row(&self, attempted: &Attempted) -> Option<Scheduled> {
        let row = self.row(&attempted.job.key, &attempted.job.name)?;
        let is_next = row.attempts + 1 == attempted.job.attempt;
        (row.kind == Kind::Effect && row.token == attempted.job.token && is_next).then(|| row.clone())
    }

    fn repair(&mut self, repair: &Repair) -> bool {
        let Some(mut row) = self.row(&repair.key, &repair.name).cloned() else { return false };
        if row.standing != Standing::Dead {
            return false;
        }
        let act =
            OperatorAct { actor: repair.actor.clone(), reason: repair.reason.clone(), at: self.context.now };
        self.dead_letters.push(DeadLetterWrite::Acted(row.key.clone(), row.name.clone(), act));
        match repair.act {
            RepairAct::Redrive => {
                row.standing = Standing::Redriven;
                row.due = Some(self.context.now);
                row.attempts = 0;
                self.move_dead_letter(&row, DeadLetterState::Redriving);
                self.put(row);
            }
            RepairAct::Discard => {
                self.move_dead_letter(&row, DeadLetterState::Discarded);
                row.standing = Standing::Live;
                if row.kind == Kind::Held {
                    self.skip(&row);
                    self.release(&row);
                } else {
                    self.unschedule(&row);
                }
            }
        }
        self.follow(&repair.key);
        true
    }

    /// Moves the mark past a set-aside event that is given up.
    fn skip(&mut self, row: &Scheduled) {
        let Some(record) = row.record() else { return };
        let Some(source) = source_of::<S>(&record.source) else { return };
        let applied = self.workspace.entry(&row.key).map_or(0, |entry| entry.stream.applied(source));
        if record.sequence == Some(applied + 1) {
            self.mark(&row.key, source, record.sequence);
        }
    }

    /// Lets the service decide on an event, unless it, or something else under the same name, was said before.
    fn run_event(&mut self, message: &Message<S::Input>, claims: &[Claim]) -> Result<Outcome<S>, String> {
        let known = claims.iter().find_map(|claim| Some((claim, self.claimed.get(&claim.id)?)));
        if let Some((claim, claimed)) = known {
            return match claim.fingerprint == claimed.fingerprint {
                true => Ok(Outcome::Ignored),
                false => Err(format!("{} was claimed before with other content", claim.id)),
            };
        }
        let outcome = self.run(message, |_| {});
        if let Ok(Outcome::Change(change)) = &outcome {
            self.claim(claims, change.reply.as_ref());
        }
        outcome
    }

    /// Lets the service decide. A change is taken over behind `before`; anything else leaves no trace. A panic
    /// of the service, and a change that touches what it did not name, are the error.
    fn run(
        &mut self,
        message: &Message<S::Input>,
        before: impl FnOnce(&mut Self),
    ) -> Result<Outcome<S>, String> {
        let mut writable = guarded(|| self.service.touch(&message.key, &message.input).writes)?;
        writable.push(message.key.clone());
        let mut draft = Draft::new(&self.workspace, &writable);
        let outcome = guarded(|| self.service.handle(&mut draft, message, &self.context))?;
        let drafted =
            draft.finish().map_err(|key| format!("it wrote the key {key}, which it did not name"))?;
        let Outcome::Change(change) = outcome else { return Ok(outcome) };
        let mut subjects =
            change.events.iter().map(|event| &event.key).chain(change.notes.iter().map(|note| &note.0));
        if let Some(key) = subjects.find(|key| !writable.contains(key)) {
            return Err(format!("it published about the key {key}, which it did not name"));
        }
        before(self);
        Ok(Outcome::Change(self.accept(drafted, change)))
    }

    fn accept(&mut self, drafted: Drafted<S>, change: Change<S>) -> Change<S> {
        for (key, state) in drafted {
            self.workspace.put(&key, state);
        }
        for event in change.events {
            let Some(entry) = self.workspace.entry_mut(&event.key) else { continue };
            let stream = entry.stream_mut();
            if stream.emitted == 0 {
                stream.steps = event.steps.map(str::to_owned);
            }
            stream.emitted += 1;
            self.events.push(Arc::new(Record {
                source: S::NAME.to_owned(),
                key: event.key,
                sequence: Some(stream.emitted),
                foreign_id: None,
                steps: stream.steps.clone(),
                kind: event.kind.to_owned(),
                time: self.context.now,
                data: event.data,
            }));
        }
        for (key, data) in change.notes {
            let Some(entry) = self.workspace.entry_mut(&key) else { continue };
            let stream = entry.stream_mut();
            stream.noted += 1;
            self.notes.push(Note { key, sequence: stream.noted, at: self.context.now, data });
        }
        for (key, name, row) in change.scheduled {
            // The store discards the letters of dead rows that it has. It does not have one that died in this batch.
            if self.row(&key, &name).is_some_and(|row| row.standing == Standing::Dead) {
                self.dead_letters.push(DeadLetterWrite::Moved(
                    key.clone(),
                    name.clone(),
                    DeadLetterState::Discarded,
                ));
            }
            self.set_row(key, name, row);
        }
        Change { reply: change.reply, ..Change::default() }
    }

    fn hold(&mut self, record: &Record) -> Verdict {
        if self.row(&record.key, &held_name(record)).is_some() {
            return Verdict::Duplicate;
        }
        self.count_held(&record.key, 1);
        self.put(Scheduled::held(record));
        Verdict::Held
    }

    /// Tries a row again later, or lets it die if that was often enough.
    fn postpone(&mut self, mut row: Scheduled, reason: String) -> Verdict {
        row.attempts += 1;
        if self.backoff.is_exhausted(row.attempts) {
            return self.die(row, "not_yet", reason);
        }
        row.due = Some(self.backoff.due(self.context.now, row.attempts, &row.key, &row.name));
        self.put(row);
        Verdict::NotYet
    }

    /// Makes a row a dead letter. It stays in the schedule, where it holds back what follows on its key.
    fn die(&mut self, mut row: Scheduled, code: &str, reason: String) -> Verdict {
        tracing::warn!(service = S::NAME, key = %row.key, name = row.name, code, reason, "a dead letter");
        row.standing = Standing::Dead;
        row.due = None;
        self.dead_letters.push(DeadLetterWrite::Died(DeadLetter {
            key: row.key.clone(),
            name: row.name.clone(),
            kind: row.message.clone(),
            code: code.to_owned(),
            reason,
            attempts: row.attempts.max(1),
            replays: 0,
            state: DeadLetterState::Dead,
            first_failed_at: self.context.now,
            last_failed_at: self.context.now,
            act: None,
        }));
        self.put(row);
        Verdict::Dead
    }

    /// Lets a set-aside event go: it was applied, or is not needed any more.
    fn release(&mut self, row: &Scheduled) {
        self.count_held(&row.key, -1);
        self.unschedule(row);
    }

    fn unschedule(&mut self, row: &Scheduled) {
        if row.standing == Standing::Redriven {
            self.move_dead_letter(row, DeadLetterState::Resolved);
        }
        self.set_row(row.key.clone(), row.name.clone(), None);
    }

    fn move_dead_letter(&mut self, row: &Scheduled, state: DeadLetterState) {
        self.dead_letters.push(DeadLetterWrite::Moved(row.key.clone(), row.name.clone(), state));
    }

    fn put(&mut self, row: Scheduled) {
        self.set_row(row.key.clone(), row.name.clone(), Some(row));
    }

    fn set_row(&mut self, key: Key, name: String, row: Option<Scheduled>) {
        if let Some(rows) = self.workspace.entry_mut(&key).and_then(|entry| entry.rows.as_mut()) {
            match &row {
                Some(row) => rows.insert(name.clone(), row.clone()),
                None => rows.remove(&name),
            };
        }
        self.scheduled.insert((key, name), row);
    }

    fn row(&self, key: &Key, name: &str) -> Option<&Scheduled> {
        self.workspace.entry(key)?.rows.as_ref()?.get(name)
    }

    fn mark(&mut self, key: &Key, source: &'static str, sequence: Option<u64>) {
        if let (Some(entry), Some(sequence)) = (self.workspace.entry_mut(key), sequence) {
            entry.stream_mut().apply(source, sequence);
        }
    }

    fn held(&self, key: &Key) -> u32 {
        self.workspace.entry(key).map_or(0, |entry| entry.stream.held)
    }

    fn count_held(&mut self, key: &Key, by: i32) {
        if let Some(entry) = self.workspace.entry_mut(key) {
            let stream = entry.stream_mut();
            stream.held = stream.held.saturating_add_signed(by);
        }
    }
}
