//! A connection that is made when it is needed, and made again when it is lost.
//!
//! It guarantees that everything is declared before anybody gets a channel, and that connecting and each declaration have a
//! limit. It deliberately does not try on its own: whoever needs a channel asks again, with a back-off of his own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lapin::Channel;
use lapin::uri::AMQPUri;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::failure::Failure;
use crate::line::Line;
use crate::standing::Standing;
use crate::topology::Topology;

/// A connection that is made when it is needed.
pub(crate) struct Link {
    /// What the server calls its connections.
    name: String,
    uri: AMQPUri,
    topology: Arc<Topology>,
    limit: Duration,
    runtime: Handle,
    state: Mutex<Option<State>>,
    /// Counts what has to be declared again.
    wanted: AtomicU64,
    standing: Standing,
}

struct State {
    line: Line,
    /// What was wanted when everything was last declared on this line.
    declared: Option<u64>,
}

impl Link {
    /// A link that connects when it is first used; `purpose` tells it from the others.
    pub fn new(
        purpose: &'static str,
        uri: AMQPUri,
        topology: Arc<Topology>,
        limit: Duration,
        runtime: Handle,
    ) -> Self {
        let (state, wanted, standing) = (Mutex::new(None), AtomicU64::new(0), Standing::new(purpose));
        Self { name: format!("ordo {purpose}"), uri, topology, limit, runtime, state, wanted, standing }
    }

    /// A new channel, on a connection where everything is declared.
    pub async fn channel(&self) -> Result<Channel, Failure> {
        let mut state = self.state.lock().await;
        let opened = self.open(&mut state).await;
        self.standing.note(opened.as_ref().err());
        opened
    }

    /// Something that was declared is missing: all is declared again before anybody gets a channel.
    pub fn declare_again(&self) {
        self.wanted.fetch_add(1, Ordering::AcqRel);
    }

    /// Leaves the connection to those who have a channel on it. Whoever gets one from now on gets it on another.
    pub async fn leave(&self) {
        self.state.lock().await.take();
    }

    async fn open(&self, state: &mut Option<State>) -> Result<Channel, Failure> {
        if state.take_if(|state| !state.line.is_open()).is_some() {
            self.standing.note(Some(&Failure::Lost));
        }
        let state = match state {
            Some(state) => state,
            None => state.insert(self.connect().await?),
        };
        let channel = state.line.channel().await?;
        let wanted = Some(self.wanted.load(Ordering::Acquire));
        if state.declared != wanted {
            self.topology.declare(&channel, self.limit).await?;
            state.declared = wanted;
        }
        Ok(channel)
    }

    async fn connect(&self) -> Result<State, Failure> {
        let line = Line::open(&self.uri, &self.name, self.limit, &self.runtime).await?;
        Ok(State { line, declared: None })
    }
}
