//! A member of a consumer group: the one thread that has the client, and hands in what comes.
//!
//! It polls also while nobody takes what came, so that a slow service is not taken for a dead one: its partitions are
//! paused then. It is not quick to pause, because what was fetched ahead is thrown away by it.

use std::collections::VecDeque;
use std::thread::park_timeout;
use std::time::Duration;

use broker::{Arrival, Feed};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, KafkaResult};

use crate::membership::{Membership, Seat};
use crate::message::arrival;
use crate::offsets::Mark;
use crate::verdict::{is_missing, is_passing, reason};

/// How long to wait for a message, and so how long the end of the inlet may stay unnoticed.
const POLL: Duration = Duration::from_millis(100);
/// How long to wait before something that did not work is tried again.
const BREATH: Duration = Duration::from_millis(500);
/// How long to wait for room, and how often, before everything is paused.
const ROOM: Duration = Duration::from_millis(2);
const PATIENCE: u32 = 250;
/// How long to ask whether Kafka is back.
const PROBE: Duration = Duration::from_secs(1);

/// Whether there is room for what comes.
enum Room {
    Free,
    /// There was none when it was last looked, this many times.
    Full(u32),
    /// Nothing is fetched until there is.
    Paused,
}

/// A member of a group.
pub(crate) struct Member {
    membership: Membership,
    client: BaseConsumer<Seat>,
    feed: Feed<Mark>,
    /// What came and found no room: one message, and one more for each partition that came while all were paused.
    waiting: VecDeque<Arrival<Mark>>,
    room: Room,
    /// Whether a pause may have outrun the resumption behind it.
    in_doubt: bool,
    /// What was last told to be wrong, so that it is told once.
    told: Option<String>,
}

impl Member {
    /// A member that is not in the group yet.
    pub const fn new(membership: Membership, client: BaseConsumer<Seat>, feed: Feed<Mark>) -> Self {
        Self {
            membership,
            client,
            feed,
            waiting: VecDeque::new(),
            room: Room::Free,
            in_doubt: false,
            told: None,
        }
    }

    /// Is in the group until nobody wants its messages any more, and leaves it then.
    pub fn stay(mut self) {
        self.join();
        while !self.feed.is_closed() {
            self.turn();
        }
        self.leave();
    }

    /// The client commits what is stored, and leaves, when it is dropped.
    ///
    /// A broker hears nothing else of who is joining until all others have come to share anew. Whoever goes in that moment
    /// would be taken for dead, and be waited for until the session is over; so this one waits instead.
    fn leave(self) {
        let seat = self.client.context();
        let mut turns = self.membership.session.as_millis() / POLL.as_millis();
        while seat.is_joining() && !self.membership.producer.connection().is_away() && turns > 0 {
            drop(self.client.poll(POLL));
            turns -= 1;
        }
        self.membership.offsets.store(&self.client, &self.membership.name);
    }

    /// Topics come first: what is subscribed to and not there is not looked for again soon.
    fn join(&mut self) {
        while !self.feed.is_closed() {
            let there = self.membership.topics.ensure_alone();
            match there.is_ok().then(|| self.client.subscribe(&[&self.membership.name])) {
                Some(Ok(())) => return self.client.context().join(),
                Some(Err(error)) => self.tell(&error),
                None => {}
            }
            park_timeout(BREATH);
        }
    }

    fn turn(&mut self) {
        self.membership.offsets.store(&self.client, &self.membership.name);
        let is_free = self.hand_in();
        match self.room {
            Room::Free if is_free => self.receive(),
            Room::Free => self.room = Room::Full(1),
            Room::Full(_) if is_free => self.room = Room::Free,
            Room::Full(PATIENCE) => self.pause(),
            Room::Full(times) => {
                park_timeout(ROOM);
                self.room = Room::Full(times + 1);
            }
            Room::Paused if is_free => self.resume(),
            Room::Paused => self.stay_paused(),
        }
    }

    /// Hands in what waits. Answers whether nothing waits any more.
    fn hand_in(&mut self) -> bool {
        while let Some(arrival) = self.waiting.pop_front() {
            if let Err(arrival) = self.feed.offer(arrival) {
                self.waiting.push_front(arrival);
                return false;
            }
        }
        true
    }

    fn receive(&mut self) {
        match self.client.poll(POLL) {
            Some(Ok(message)) => {
                self.waiting.push_back(arrival(self.membership.topic, &message));
                self.told = None;
            }
            Some(Err(error)) => self.mend(&error),
            None => self.be_idle(),
        }
    }

    fn be_idle(&mut self) {
        if self.in_doubt && matches!(self.room, Room::Free) {
            self.resume();
            self.in_doubt = false;
        }
        self.probe();
    }

    /// A partition that came while all were paused is not; what came of it waits.
    fn stay_paused(&mut self) {
        let waiting = self.waiting.len();
        self.receive();
        if self.waiting.len() > waiting {
            self.pause();
        }
    }

    fn pause(&mut self) {
        let paused = self.client.assignment().and_then(|all| self.client.pause(&all));
        self.log_if_failed(paused, "partitions cannot be paused");
        self.room = Room::Paused;
        self.in_doubt = true;
    }

    fn resume(&mut self) {
        let resumed = self.client.assignment().and_then(|all| self.client.resume(&all));
        self.log_if_failed(resumed, "partitions cannot be resumed");
        self.room = Room::Free;
    }

    fn log_if_failed(&self, result: KafkaResult<()>, what: &str) {
        if let Err(error) = result {
            tracing::debug!(topic = self.membership.name, %error, what);
        }
    }

    fn mend(&mut self, error: &KafkaError) {
        if !is_passing(error) {
            self.tell(error);
        }
        if is_missing(error) {
            self.membership.topics.missed();
            // Once it is there, the client finds it by itself.
            let _ = self.membership.topics.ensure_alone();
        }
        if matches!(error, KafkaError::MessageConsumptionFatal(_)) {
            self.begin_anew();
        }
    }

    /// A client that will never do anything again is replaced by a new one.
    fn begin_anew(&mut self) {
        while !self.feed.is_closed() {
            park_timeout(BREATH);
            match self.membership.client() {
                Ok(client) => {
                    (self.client, self.room) = (client, Room::Free);
                    return self.join();
                }
                Err(error) => self.tell(&error),
            }
        }
    }

    /// Nothing comes when Kafka is back but nobody publishes, so it is asked.
    fn probe(&self) {
        let Membership { producer, name, .. } = &self.membership;
        if producer.connection().is_away() {
            let _ = producer.describe(name, PROBE);
        }
    }

    fn tell(&mut self, error: &KafkaError) {
        let reason = reason(error);
        if self.told.as_ref() != Some(&reason) {
            tracing::warn!(topic = self.membership.name, reason, "Kafka does not let its messages be read");
            self.told = Some(reason);
        }
    }
}
