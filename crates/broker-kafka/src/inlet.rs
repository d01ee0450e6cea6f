//! Inlets: a buffer, and a member of the reader's group that fills it.

use std::thread::Builder;

use broker::{Capacity, buffer};
use engine::{Fault, Inlet, Signal};
use tokio::sync::watch;

use crate::member::Member;
use crate::membership::Membership;
use crate::verdict::unavailable;

/// How many members have not left their group yet.
#[derive(Clone)]
pub(crate) struct Present(watch::Sender<usize>);

impl Default for Present {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Present {
    fn enter(&self) -> Entered {
        self.0.send_modify(|present| *present += 1);
        Entered(self.clone())
    }

    /// Ends when nobody is present.
    pub async fn nobody(&self) {
        // The sender is at hand, so nothing but nobody ends this.
        let _ = self.0.subscribe().wait_for(|present| *present == 0).await;
    }
}

/// A member that is present until this is dropped.
struct Entered(Present);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.0.send_modify(|present| *present -= 1);
    }
}

/// An inlet that holds no more than its `capacity`. Its member leaves the group when it is dropped.
///
/// # Errors
/// [`Fault::Unavailable`] if there is no client or no thread to be had.
pub(crate) fn inlet(
    membership: Membership,
    capacity: Capacity,
    signal: Signal,
    present: &Present,
) -> Result<Box<dyn Inlet>, Fault> {
    let client = membership.client().map_err(|error| unavailable(&error))?;
    let source = membership.topic.source;
    let (feed, buffer) = buffer(source, capacity, signal, membership.offsets.clone());
    let member = Member::new(membership, client, feed);
    let entered = present.enter();
    let stay = move || {
        member.stay();
        drop(entered);
    };
    match Builder::new().name(format!("kafka-{source}")).spawn(stay) {
        Ok(_) => Ok(Box::new(buffer)),
        Err(error) => Err(Fault::Unavailable(format!("no thread for a Kafka consumer: {error}"))),
    }
}
