//! The provider as a service of the engine: no reactions, no events, one key per charge.

use engine::{Change, Context, Draft, Malformed, Message, Outcome, Reaction, Service};

use crate::charge::Charge;
use crate::decide::{Decision, Stamp, decide};
use crate::exchange::{Input, Reply};
use crate::refusal::Refusal;

/// The provider. It has no settings of its own: how it behaves is in [`Knobs`](crate::Knobs), in front of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Provider;

impl Service for Provider {
    const NAME: &'static str = "provider";
    const REACTIONS: &'static [Reaction] = &[];

    type Input = Input;
    type State = Charge;
    type Reply = Reply;
    type Refusal = Refusal;

    fn decode(&self, source: &str, kind: &str, _data: &str) -> Result<Input, Malformed> {
        Err(Malformed(format!("the provider reacts to nothing, and not to {kind} of {source}")))
    }

    fn handle(
        &self,
        draft: &mut Draft<'_, Charge>,
        message: &Message<Input>,
        context: &Context,
    ) -> Outcome<Self> {
        let stamp = Stamp { now: context.now, id: context.id(message, "reference") };
        match decide(draft.get(&message.key), &message.key, &message.input, stamp) {
            Ok(Decision { put, reply }) => {
                if let Some(charge) = put {
                    draft.put(&message.key, charge);
                }
                Outcome::Change(Change::new().reply(reply))
            }
            Err(refusal) => Outcome::Refused(refusal),
        }
    }
}
