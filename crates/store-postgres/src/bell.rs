//! The bell: tells other processes that something was published or scheduled, by LISTEN and NOTIFY.
//!
//! It guarantees nothing: who was not connected has missed it, and a proxy that pools by transaction passes nothing on. So
//! it only ever shortens a wait. It deliberately rings behind the commit and not within it: a transaction that notifies
//! commits under a lock that all others wait for.

use std::sync::Arc;
use std::time::Duration;

use engine::{Ids, Signal, SystemIds};
use futures::future::poll_fn;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_postgres::{AsyncMessage, Config, Error};

use crate::connector::Connector;
use crate::name::quoted;

/// The time between two tries to listen.
const AGAIN: Duration = Duration::from_secs(1);
/// What is rung for, as the payload begins.
const PUBLISHED: &str = "published ";
const SCHEDULED: &str = "scheduled ";

/// A schema's bell, as one process has it.
pub(crate) struct Bell {
    channel: String,
    /// Tells this process from the others, which alone are to be woken.
    own: String,
}

impl Bell {
    /// The bell of a schema.
    pub fn new(schema: &str) -> Self {
        let channel = quoted(&format!("ordo {schema}"));
        Self { channel, own: SystemIds.next().to_string() }
    }

    /// The statements that ring it; empty if there is nothing to ring for.
    pub fn ring(&self, published: bool, scheduled: bool) -> String {
        let (channel, own) = (&self.channel, &self.own);
        let ring = |what: &str| format!("NOTIFY {channel}, '{what}{own}';");
        let mut statements = String::new();
        if published {
            statements += &ring(PUBLISHED);
        }
        if scheduled {
            statements += &ring(SCHEDULED);
        }
        statements
    }

    /// Raises the signals whenever another process rings, until aborted.
    pub fn listen(
        self: Arc<Self>,
        config: Arc<Config>,
        runtime: &Handle,
        published: Vec<Signal>,
        scheduled: Signal,
    ) -> JoinHandle<()> {
        let connector = Connector::new(runtime.clone());
        runtime.spawn(async move {
            let mut tries = tokio::time::interval(AGAIN);
            // A connection may have lasted for days; its end is one try, not all that were missed.
            tries.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tries.tick().await;
                if let Err(error) = self.hear(&config, &connector, &published, &scheduled).await {
                    tracing::debug!(channel = self.channel, %error, "the bell is not heard");
                }
            }
        })
    }

    /// Listens on a connection of its own until that ends.
    async fn hear(
        &self,
        config: &Config,
        connector: &Connector,
        published: &[Signal],
        scheduled: &Signal,
    ) -> Result<(), Error> {
        let (client, mut connection) = config.connect(connector.tls()).await?;
        let listen = format!("LISTEN {}", self.channel);
        let mut listening = std::pin::pin!(client.batch_execute(&listen));
        let mut is_listening = false;
        loop {
            tokio::select! {
                listened = &mut listening, if !is_listening => {
                    listened?;
                    is_listening = true;
                    // What was rung for before may have been missed.
                    published.iter().for_each(Signal::raise);
                    scheduled.raise();
                }
                message = poll_fn(|context| connection.poll_message(context)) => match message {
                    Some(Ok(AsyncMessage::Notification(rung))) => self.rung(rung.payload(), published, scheduled),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error),
                    None => return Ok(()),
                },
            }
        }
    }

    fn rung(&self, payload: &str, published: &[Signal], scheduled: &Signal) {
        match (payload.strip_prefix(PUBLISHED), payload.strip_prefix(SCHEDULED)) {
            (Some(by), _) if by != self.own => published.iter().for_each(Signal::raise),
            (_, Some(by)) if by != self.own => scheduled.raise(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn only_what_another_process_rings_for_is_heard() {
        let (own, other) = (Bell::new("orders"), Bell::new("orders"));
        let (published, scheduled) = ([Signal::new(), Signal::new()], Signal::new());
        let heard = |payload: String| {
            own.rung(&payload, &published, &scheduled);
            let was_raised = |signal: &Signal| signal.raised().now_or_never().is_some();
            (published.each_ref().map(was_raised), was_raised(&scheduled))
        };
        assert_eq!(heard(format!("{PUBLISHED}{}", other.own)), ([true, true], false));
        assert_eq!(heard(format!("{SCHEDULED}{}", other.own)), ([false, false], true));
        assert_eq!(heard(format!("{PUBLISHED}{}", own.own)), ([false, false], false));
        assert_eq!(heard("something else".to_owned()), ([false, false], false));
    }

    #[test]
    fn it_is_rung_for_what_there_is() {
        let bell = Bell::new("orders");
        assert_eq!(bell.ring(false, false), "");
        assert_eq!(bell.ring(true, false), format!("NOTIFY \"ordo orders\", 'published {}';", bell.own));
        assert_eq!(bell.ring(true, true).matches("NOTIFY").count(), 2);
    }
}
