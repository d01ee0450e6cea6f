//! That the topics are there: created by whoever needs them first, and left alone when they are.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::Fault;
use futures::executor::block_on;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication, TopicResult};
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};

use crate::connection::Quiet;
use crate::producer::Producer;
use crate::verdict::unavailable;

/// The topics of a shop.
pub(crate) struct Topics {
    names: Vec<String>,
    partitions: i32,
    replication: i32,
    config: ClientConfig,
    timeout: Duration,
    producer: Arc<Producer>,
    are_there: AtomicBool,
    /// How often they were asked for.
    attempts: AtomicU64,
    /// One asks at a time.
    asking: Mutex<Asking>,
}

/// What came of asking.
struct Asking {
    last: Result<(), Fault>,
    /// What was last told to be in the way, so that it is told once.
    told: Option<Fault>,
}

impl Topics {
    /// The topics of these names; new ones have so many partitions and replicas.
    pub fn new(
        names: Vec<String>,
        (partitions, replication): (i32, i32),
        config: ClientConfig,
        timeout: Duration,
        producer: Arc<Producer>,
    ) -> Self {
        let (are_there, attempts) = (AtomicBool::new(false), AtomicU64::new(0));
        let asking = Mutex::new(Asking { last: Ok(()), told: None });
        Self { names, partitions, replication, config, timeout, producer, are_there, attempts, asking }
    }

    /// Whether all of them were seen.
    pub fn are_there(&self) -> bool {
        self.are_there.load(Ordering::Relaxed)
    }

    /// One was not there any more.
    pub fn missed(&self) {
        self.are_there.store(false, Ordering::Relaxed);
    }

    /// Creates those that are absent, or awaits what comes of it when somebody is at it. Blocks, at most for a few timeouts.
    ///
    /// # Errors
    /// [`Fault::Unavailable`]; it is to be tried again.
    pub fn ensure(&self) -> Result<(), Fault> {
        let seen = self.attempts.load(Ordering::Acquire);
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if self.attempts.load(Ordering::Acquire) == seen {
            self.attempt(&mut asking);
        }
        asking.last.clone()
    }

    /// The same, unless somebody is at it.
    pub fn ensure_alone(&self) -> Result<(), Fault> {
        let Ok(mut asking) = self.asking.try_lock() else {
            return Err(Fault::Unavailable("the topics are being asked for".to_owned()));
        };
        self.attempt(&mut asking);
        asking.last.clone()
    }

    /// The names of those that are not there. Blocks, and creates none.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] if there is no answer, or the user may not see one of them.
    pub fn missing(&self) -> Result<Vec<String>, Fault> {
        Ok(self.absent(&mut None)?.into_iter().map(str::to_owned).collect())
    }

    fn attempt(&self, asking: &mut Asking) {
        asking.last = if self.are_there() { Ok(()) } else { self.look(&mut asking.told) };
        self.are_there.store(asking.last.is_ok(), Ordering::Relaxed);
        self.attempts.fetch_add(1, Ordering::AcqRel);
    }

    fn look(&self, told: &mut Option<Fault>) -> Result<(), Fault> {
        let absent = self.absent(told)?;
        if !absent.is_empty() {
            self.create(&absent).map_err(|fault| tell(told, fault))?;
            // A broker that has not heard of it yet would hide it from whoever subscribes now.
            if let Some(name) = self.absent(told)?.first() {
                return Err(Fault::Unavailable(format!("the new topic {name} is not to be seen yet")));
            }
        }
        *told = None;
        Ok(())
    }

    /// Those that are not there. A topic that has no leader just now is.
    fn absent(&self, told: &mut Option<Fault>) -> Result<Vec<&str>, Fault> {
        let mut absent = Vec::new();
        for name in &self.names {
            let metadata = self.producer.describe(name, self.timeout)?;
            match metadata.topics().first().and_then(|topic| topic.error()) {
                Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) => absent.push(name.as_str()),
                Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) => {
                    let hidden = format!("this user may not see the topic {name}");
                    return Err(tell(told, Fault::Unavailable(hidden)));
                }
                _ => {}
            }
        }
        Ok(absent)
    }

    fn create(&self, absent: &[&str]) -> Result<(), Fault> {
        let admin = self.config.create_with_context(Quiet);
        let admin: AdminClient<Quiet> = admin.map_err(|error| unavailable(&error))?;
        let replicas = || TopicReplication::Fixed(self.replication);
        let new = |name| NewTopic::new(name, self.partitions, replicas());
        let topics: Vec<_> = absent.iter().copied().map(new).collect();
        let limits =
            AdminOptions::new().request_timeout(Some(self.timeout)).operation_timeout(Some(self.timeout));
        let created = block_on(admin.create_topics(&topics, &limits)).map_err(|error| unavailable(&error))?;
        created.into_iter().try_for_each(created_or_there)
    }
}

/// Tells what an operator has to mend, once.
fn tell(told: &mut Option<Fault>, fault: Fault) -> Fault {
    if told.as_ref() != Some(&fault) {
        tracing::warn!(%fault, "topics are missing; create them, or let this user see and create them");
        *told = Some(fault.clone());
    }
    fault
}

/// Somebody else may have created it in the same moment.
fn created_or_there(result: TopicResult) -> Result<(), Fault> {
    match result {
        Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => Ok(()),
        Err((name, code)) => Err(Fault::Unavailable(format!("the topic {name} cannot be created: {code}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_that_somebody_else_created_is_there() {
        let result = |code| created_or_there(Err(("orders".to_owned(), code)));
        assert_eq!(created_or_there(Ok("orders".to_owned())), Ok(()));
        assert_eq!(result(RDKafkaErrorCode::TopicAlreadyExists), Ok(()));
        let denied = result(RDKafkaErrorCode::TopicAuthorizationFailed);
        assert!(matches!(denied, Err(Fault::Unavailable(reason)) if reason.contains("orders")));
    }
}
