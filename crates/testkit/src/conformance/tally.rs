//! The service that the suites are played with: it counts. It has one of everything: a command, a reaction to a foreign
//! event, a timer and an effect.

use engine::service::{Change, Malformed, Outcome, Reaction, Service};
use engine::{Context, Draft, Message, Scheduled};
use serde::Deserialize;

/// Counts under a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TallyState {
    /// How much.
    pub count: u64,
}

/// All that can be said to a [`Tally`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum TallyInput {
    /// Command, and event of the peer: count so much more.
    Add(u64),
    /// The timer is due: ask the world.
    Ask,
    /// The world's answer: count so much more.
    Answered(u64),
}

/// The count would not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch;

impl Service for Tally {
    const NAME: &'static str = "tally";
    const REACTIONS: &'static [Reaction] =
        &[Reaction { source: "peer", kind: "peer.added" }, Reaction { source: "other", kind: "other.added" }];

    type Input = TallyInput;
    type State = TallyState;
    type Reply = u64;
    type Refusal = TooMuch;

    fn decode(&self, _source: &str, _kind: &str, data: &str) -> Result<TallyInput, Malformed> {
        Ok(serde_json::from_str(data)?)
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, TallyState>,
        message: &Message<TallyInput>,
        context: &Context,
    ) -> Outcome<Self> {
        let (TallyInput::Add(more) | TallyInput::Answered(more)) = message.input else {
            let effect =
                Scheduled::effect(message.key.clone(), "ask", context.now, "tally.ask", String::new());
            return Outcome::Change(Change::new().schedule(effect));
        };
        let known = draft.get(&message.key).copied().unwrap_or_default();
        let Some(count) = known.count.checked_add(more) else { return Outcome::Refused(TooMuch) };
        draft.put(&message.key, TallyState { count });
        let timer =
            Scheduled::timer(message.key.clone(), "ask", context.now, "tally.due", "\"Ask\"".to_owned());
        let change = Change::new().event(&message.key, "tally.changed", format!("{{\"count\":{count}}}"));
        Outcome::Change(change.schedule(timer).reply(count))
    }
}
