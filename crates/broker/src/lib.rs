//! What Kafka and RabbitMQ have in common: where events go, how they look on the wire, and how what comes in waits until it
//! is applied.
//!
//! It owns the port ([`port`]), the names of topics and routing keys ([`topics`]), the mapping between the engine's records and CloudEvents in
//! binary mode ([`event`]), also of messages that know nothing of CloudEvents, and an inlet over whatever a client hands in
//! ([`mod@buffer`]).
//!
//! It guarantees that nothing that comes in is dropped because it cannot be read: it becomes a record all the same. A type
//! that nobody reacts to is passed over, and what a service reacts to and cannot make sense of is its dead letter.
//!
//! It deliberately speaks to no broker; the adapters do.

pub mod buffer;
pub mod event;
pub mod port;
#[cfg(test)]
mod tests;
pub mod topics;

pub use buffer::{Acknowledge, Arrival, Buffer, Capacity, Feed, buffer};
pub use event::{Attribute, Incoming, attributes, record};
pub use port::{Broker, Reader};
pub use topics::{TOPICS, Topic};
