//! Conformance: what every adapter of a port is held to, written once.
//!
//! A suite is a list of cases, each an async function over a harness, and a macro that makes a `#[test]` of each.
//! To add an adapter, implement the harness for it and name it in the macro, as `tests/conformance.rs` does.
//! What truly differs between adapters is said by [`store::Capabilities`], never by a case of its own.

use std::future::Future;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use engine::store::{Existing, Stream, Writes};
use engine::{Key, Loaded, Record, Service, Store, Transaction};
use jiff::Timestamp;
use tokio::runtime::Handle;

pub mod broker;
pub mod cache;
pub mod index;
pub mod inlet;
pub mod lists;
pub mod store;
mod tally;

pub use tally::{Tally, TallyInput, TallyState};

/// Runs a case with a runtime of its own.
pub fn run(case: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(case);
}

/// Makes a `#[test]` of each case.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_cases {
    ($attributes:tt $harness:expr, $suite:ident, $($case:ident),+ $(,)?) => {
        $($crate::conformance_case!($attributes $harness, $suite, $case);)+
    };
}

/// Makes a `#[test]` of a case.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_case {
    ([$(#[$attribute:meta])*] $harness:expr, $suite:ident, $case:ident) => {
        #[test]
        $(#[$attribute])*
        fn $case() {
            $crate::conformance::run(async { $suite::$case($harness).await });
        }
    };
}

/// So many seconds after the epoch.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

pub(crate) fn key(name: &str) -> Key {
    Key::name(name)
}

/// A transaction's writes, of nothing yet.
pub(crate) fn nothing() -> Writes<TallyState> {
    Writes {
        now: at(0),
        claims: Vec::new(),
        states: Vec::new(),
        streams: Vec::new(),
        notes: Vec::new(),
        events: Vec::new(),
        scheduled: Vec::new(),
        dead_letters: Vec::new(),
        cursors: Vec::new(),
    }
}

/// Writes of one state, and nothing else.
pub(crate) fn count(key: &Key, count: u64, existing: Existing) -> Writes<TallyState> {
    Writes { states: vec![(key.clone(), TallyState { count }.into(), existing)], ..nothing() }
}

/// An event of [`Tally`] as the engine writes it.
pub(crate) fn event(key: &Key, sequence: u64) -> Record {
    Record {
        source: Tally::NAME.to_owned(),
        key: key.clone(),
        sequence: Some(sequence),
        foreign_id: None,
        steps: Some("one,other".to_owned()),
        kind: "tally.changed".to_owned(),
        time: at(7),
        data: format!("{{\"count\":{sequence}}}"),
    }
}

/// Events of one key with the sequences `from` to `to`.
pub(crate) fn events(key: &Key, from: u64, to: u64) -> Writes<TallyState> {
    Writes { events: (from..=to).map(|sequence| event(key, sequence).into()).collect(), ..nothing() }
}

pub(crate) async fn begin(store: &dyn Store<Tally>) -> Box<dyn Transaction<Tally>> {
    store.begin().await.expect("begins")
}

/// Writes and commits.
pub(crate) async fn commit(store: &dyn Store<Tally>, writes: Writes<TallyState>) {
    let mut tx = begin(store).await;
    tx.write(writes).await.expect("writes");
    tx.commit().await.expect("commits");
}

/// Loads one key for writing.
pub(crate) async fn load_one(tx: &mut dyn Transaction<Tally>, key: &Key) -> Loaded<TallyState> {
    let mut loaded = tx.load(std::slice::from_ref(key), &[]).await.expect("loads");
    assert_eq!(loaded.len(), 1, "one key, one answer");
    let loaded = loaded.remove(0);
    assert_eq!(&loaded.key, key);
    loaded
}

/// What a transaction of its own finds under the key.
pub(crate) async fn stored(store: &dyn Store<Tally>, key: &Key) -> (Option<u64>, Option<Stream>) {
    let loaded = load_one(&mut *begin(store).await, key).await;
    (loaded.state.map(|state| state.count), loaded.stream)
}

/// Does something on a thread of its own, which has begun when this returns.
pub(crate) fn beside<T, F>(
    store: &Arc<dyn Store<Tally>>,
    act: impl FnOnce(Arc<dyn Store<Tally>>) -> F + Send + 'static,
) -> JoinHandle<T>
where
    T: Send + 'static,
    F: Future<Output = T>,
{
    let (store, handle) = (Arc::clone(store), Handle::current());
    let (begun, begin) = mpsc::channel();
    let thread = std::thread::Builder::new().spawn(move || {
        begun.send(()).expect("the case listens");
        handle.block_on(act(store))
    });
    begin.recv().expect("the thread begins");
    thread.expect("a thread")
}
