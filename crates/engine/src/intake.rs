//! The intake: where commands, operator's repairs and the outcomes of effects enter a service.
//!
//! Commands gather here while the previous batch commits, and are committed together (group commit): no timer,
//! no added latency at low load. The queue is bounded; above it the caller is told so at once.

use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::claim::{Claim, ClaimKind};
use crate::job::Attempted;
use crate::key::Key;
use crate::message::Message;
use crate::service::Service;
use crate::signal::Signal;

/// A command: a message somebody waits for.
#[derive(Debug)]
pub struct Command<S: Service> {
    /// The message.
    pub message: Message<S::Input>,
    /// What has to be claimed for it, at most a few.
    pub claims: Vec<Claim>,
}

/// What a command is answered with, always after the commit.
#[derive(Debug)]
pub enum Answer<S: Service> {
    /// It was done, now or, if replayed, before, under the claim of that kind.
    Done {
        /// The reply, as it was given first.
        reply: S::Reply,
        /// The claim that had been made before.
        replayed: Option<ClaimKind>,
    },
    /// A business no. Nothing was changed or claimed.
    Refused(S::Refusal),
    /// The claim was made before with other content. Nothing was changed.
    Conflict(ClaimKind),
    /// It could not be handled, and trying again is of no use.
    Failed(String),
    /// The store is away. It is not known whether it was done; the same claims make a repetition safe.
    Unavailable(String),
}

/// An operator's act on a dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The dead letter's key.
    pub key: Key,
    /// The dead letter's row.
    pub name: String,
    /// What to do with it.
    pub act: RepairAct,
    /// Who wants it.
    pub actor: String,
    /// Why, in their words. May be empty.
    pub reason: String,
}

/// What to do with a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepairAct {
    /// Try it again, with all its attempts.
    Redrive,
    /// Give it up; what waits behind it follows.
    Discard,
}

/// Where operators' acts go in, whichever service they are for.
pub trait Repairs: Send + Sync {
    /// Hands in an operator's act. The answer says whether there was such a dead letter.
    ///
    /// # Errors
    /// [`Saturated`] if the queue is full, or nobody serves it any more.
    fn repair(&self, repair: Repair) -> Result<oneshot::Receiver<bool>, Saturated>;
}

/// The queue is full: try again later.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the intake queue is full")]
pub struct Saturated;

/// Where to send messages to a service.
#[derive(Debug)]
pub struct Intake<S: Service> {
    commands: mpsc::Sender<(Command<S>, oneshot::Sender<Answer<S>>)>,
    repairs: mpsc::Sender<(Repair, oneshot::Sender<bool>)>,
    attempts: mpsc::UnboundedSender<Attempted>,
    signal: Signal,
}

impl<S: Service> Clone for Intake<S> {
    fn clone(&self) -> Self {
        Self {
            commands: self.commands.clone(),
            repairs: self.repairs.clone(),
            attempts: self.attempts.clone(),
            signal: self.signal.clone(),
        }
    }
}

/// A place in the queue that is kept for one command. Dropped, it is free again.
#[derive(Debug)]
pub struct Place<S: Service> {
    permit: mpsc::OwnedPermit<(Command<S>, oneshot::Sender<Answer<S>>)>,
    signal: Signal,
}

impl<S: Service> Place<S> {
    /// Hands in a command. The answer comes after the commit; dropping the receiver changes nothing.
    pub fn submit(self, command: Command<S>) -> oneshot::Receiver<Answer<S>> {
        let (sender, receiver) = oneshot::channel();
        self.permit.send((command, sender));
        self.signal.raise();
        receiver
    }
}

/// The engine's end of the intake.
#[derive(Debug)]
pub struct Outlet<S: Service> {
    pub(crate) commands: mpsc::Receiver<(Command<S>, oneshot::Sender<Answer<S>>)>,
    pub(crate) repairs: mpsc::Receiver<(Repair, oneshot::Sender<bool>)>,
    pub(crate) attempts: mpsc::UnboundedReceiver<Attempted>,
    pub(crate) signal: Signal,
}

/// An intake whose queue takes `capacity` commands. Attempts need no bound of their own: as long as they wait, no more
/// jobs are leased than the desk has room for.
pub fn intake<S: Service>(capacity: usize, signal: Signal) -> (Intake<S>, Outlet<S>) {
    let (commands, command_end) = mpsc::channel(capacity);
    let (repairs, repair_end) = mpsc::channel(64);
    let (attempts, attempt_end) = mpsc::unbounded_channel();
    let intake = Intake { commands, repairs, attempts, signal: signal.clone() };
    let outlet = Outlet { commands: command_end, repairs: repair_end, attempts: attempt_end, signal };
    (intake, outlet)
}

impl<S: Service> Outlet<S> {
    /// Whether there is something that somebody waits for.
    pub(crate) fn is_awaited(&self) -> bool {
        !self.commands.is_empty() || !self.repairs.is_empty()
    }
}

impl<S: Service> Intake<S> {
    /// Hands in a command. The answer comes after the commit; dropping the receiver changes nothing.
    ///
    /// # Errors
    /// [`Saturated`] if the queue is full, or nobody serves it any more.
    pub fn submit(&self, command: Command<S>) -> Result<oneshot::Receiver<Answer<S>>, Saturated> {
        let (sender, receiver) = oneshot::channel();
        self.commands.try_send((command, sender)).map_err(|_| Saturated)?;
        self.signal.raise();
        Ok(receiver)
    }

    /// Waits for a place in the queue, for those who have more to hand in than it takes and can let it wait. They are served
    /// before [`Self::submit`] finds a place, so they should leave it some.
    ///
    /// # Errors
    /// [`Saturated`] if nobody serves the queue any more.
    pub async fn place(&self) -> Result<Place<S>, Saturated> {
        let permit = self.commands.clone().reserve_owned().await.map_err(|_| Saturated)?;
        Ok(Place { permit, signal: self.signal.clone() })
    }

    /// How many commands the queue takes.
    pub fn capacity(&self) -> usize {
        self.commands.max_capacity()
    }

    /// How many commands wait.
    pub fn backlog(&self) -> usize {
        self.commands.max_capacity() - self.commands.capacity()
    }

    /// Hands in what came of an effect.
    pub(crate) fn attempted(&self, attempted: Attempted) {
        // Without a receiver the process is stopping; the lease will expire and the job is done again.
        let _ = self.attempts.send(attempted);
        self.signal.raise();
    }
}

impl<S: Service> Repairs for Intake<S> {
    fn repair(&self, repair: Repair) -> Result<oneshot::Receiver<bool>, Saturated> {
        let (sender, receiver) = oneshot::channel();
        self.repairs.try_send((repair, sender)).map_err(|_| Saturated)?;
        self.signal.raise();
        Ok(receiver)
    }
}
