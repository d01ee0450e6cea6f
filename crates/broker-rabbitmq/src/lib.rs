//! The broker port on RabbitMQ: one topic exchange, with an event's type as the routing key, and a quorum queue per reader.
//!
//! It owns the names at the server, their declaration, the connections, and how an event looks in AMQP.
//!
//! It guarantees what the broker port asks for. A record counts as taken when the server has confirmed it, and a message is
//! acknowledged when it is settled; nothing else is. A server that goes away is waited for, with a limit on every step.
//!
//! It deliberately does not lean on the client's own recovery, which would hide what was lost. It neither changes nor
//! deletes anything at the server. It logs what an operator has to know of a connection, once per change; the client logs it
//! too, under the target `lapin`, at every attempt, and whole messages when they come back, so it is best left unheard.

mod address;
mod consumer;
mod failure;
mod flight;
mod line;
mod link;
mod message;
mod open_error;
mod publisher;
mod rabbit;
mod session;
mod settings;
mod settled;
mod socket;
mod standing;
#[cfg(test)]
mod tests;
mod topology;

pub use open_error::OpenError;
pub use rabbit::RabbitMq;
pub use settings::RabbitSettings;
