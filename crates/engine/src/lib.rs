//! The engine: messages applied in transactions.
//!
//! Everything that changes state is a [`message`], applied in a transaction by a pure function
//! ([`Service::handle`]). Everything that moves is a [`step`]. The engine owns the transaction, the batch,
//! the log (outbox) and its relay, marks and claims (inbox), set-aside messages, effects with leases, retries, the circuit
//! breaker and dead letters.
//!
//! It guarantees that a message changes state at most once, that the messages of one key from one source are
//! applied in sequence, that state and the events that announce it commit together, and that one bad message
//! holds up nothing but its own key.
//!
//! It deliberately knows no business noun, no SQL and no HTTP: those are a service's, a store adapter's and
//! the API's.

pub mod applier;
pub mod batch;
pub mod breaker;
pub mod claim;
pub mod cleaner;
pub mod clock;
pub mod dead_letter;
pub mod effects;
pub mod embedded;
pub mod fault;
pub mod faults;
pub mod gate;
pub mod inlet;
pub mod intake;
mod item;
pub mod job;
pub mod key;
pub mod message;
pub mod observe;
pub mod outbox;
mod pace;
pub mod publisher;
pub mod reading;
pub mod record;
pub mod relay;
pub mod retry;
pub mod schedule;
pub mod service;
pub mod signal;
pub mod step;
pub mod store;
pub mod stream;
pub mod workspace;

pub use applier::{Applier, ApplierSettings};
pub use claim::{Claim, Claimed};
pub use clock::{Clock, Ids, SystemClock, SystemIds};
pub use dead_letter::{
    DeadLetter, DeadLetterState, DeadLetters, FiledLetter, LetterPlace, LetterQuestion, OperatorAct,
};
pub use fault::Fault;
pub use inlet::{Delivery, Inlet, Position};
pub use intake::{Answer, Command, Intake, Place, Repair, RepairAct, Repairs, Saturated};
pub use job::{Job, Performed, Performer};
pub use key::Key;
pub use message::{Context, Message, Origin};
pub use outbox::Outbox;
pub use publisher::Publisher;
pub use record::{Event, Record};
pub use relay::{Relay, RelaySettings};
pub use schedule::{Kind, Leased, Scheduled, Standing};
pub use service::{Attempt, AttemptResult, Change, Malformed, Outcome, Part, Reaction, Service, Touch};
pub use signal::Signal;
pub use step::{Progress, Step, settle};
pub use store::{Cursors, Log, Note, Store, Transaction, Writes};
pub use stream::{Loaded, Stream};
pub use workspace::{Draft, Workspace};
