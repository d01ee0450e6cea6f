//! Load against a running ordo server, over HTTP: the library behind `ordo simulate`. Its orders are samples for others too
//! ([`Writer`]).
//!
//! It owns the whole path of a load run: what is sent ([`Mix`], `body`), when ([`Schedule`]), over which
//! connections, and what is told about it afterwards ([`Report`]).
//!
//! Guarantees: a run is always bounded (by orders, by time, or by Ctrl-C, which still reports); at a given rate a
//! latency counts from the moment an order was *meant* to leave, so a stalled server cannot hide its stall
//! (coordinated omission); one seed gives the same orders, whatever the scheduling.
//!
//! What it deliberately does not do: it opens no database and no broker, and it never retries an order. A refusal
//! (429, 503) is counted, its `Retry-After` honoured, and the next order is sent.

mod answer;
mod args;
mod body;
mod connection;
mod crew;
mod dice;
mod harvest;
mod interrupt;
mod latency;
mod live;
mod menu;
mod mix;
mod outcome;
mod pace;
mod placer;
mod progress;
mod reader;
mod recent;
mod report;
mod run;
mod settle;
mod table;
mod tally;
mod target;

pub use args::{Args, ReadLoad, ReadTarget};
pub use body::Writer;
pub use latency::Percentiles;
pub use mix::{Form, Mix};
pub use pace::Schedule;
pub use report::{Operation, Report};
pub use run::run;
pub use settle::Settled;
