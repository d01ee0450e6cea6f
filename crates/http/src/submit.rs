//! Commands: submitted, then awaited until they are committed. The one mapping from the engine's answers to problems.

use std::time::Duration;

use engine::claim::ClaimKind;
use engine::{Answer, Command, Intake, Service};

use crate::problem::Problem;
use crate::problems::{EXTERNAL_ID_CONFLICT, IN_PROGRESS, KEY_REUSED, internal, saturated, unavailable};

/// What was done.
pub(crate) struct Done<R> {
    /// The reply, as it was given first.
    pub reply: R,
    /// Under which claim it had been done before.
    pub replayed: Option<ClaimKind>,
}

/// Hands in a command and waits for its answer. Dropping the future changes nothing about the command.
pub(crate) async fn submit<S: Service>(
    intake: &Intake<S>,
    command: Command<S>,
    idempotency_wait: Duration,
) -> Result<Done<S::Reply>, Problem>
where
    Problem: From<S::Refusal>,
{
    let is_keyed = command.claims.iter().any(|claim| claim.kind == ClaimKind::Request);
    let answer = intake.submit(command).map_err(|_| saturated())?;
    let answer = match is_keyed {
        // Without a key the limit is the request's own.
        false => answer.await,
        true => tokio::time::timeout(idempotency_wait, answer).await.map_err(|_| in_progress())?,
    };
    outcome(answer.unwrap_or_else(|_| unanswered()))
}

/// What is said for a service that stopped before it answered.
pub(crate) fn unanswered<S: Service>() -> Answer<S> {
    Answer::Unavailable("the service stopped before it answered".to_owned())
}

/// What an answer of the engine means to the caller.
pub(crate) fn outcome<S: Service>(answer: Answer<S>) -> Result<Done<S::Reply>, Problem>
where
    Problem: From<S::Refusal>,
{
    match answer {
        Answer::Done { reply, replayed } => Ok(Done { reply, replayed }),
        Answer::Refused(refusal) => Err(refusal.into()),
        Answer::Conflict(kind) => Err(conflict(kind)),
        Answer::Failed(why) => Err(internal(&why)),
        Answer::Unavailable(why) => Err(unavailable(&why)),
    }
}

fn in_progress() -> Problem {
    let detail =
        "the request under this Idempotency-Key is still being worked on; ask again with the same key";
    Problem::new(IN_PROGRESS, detail).retry_after(1)
}

fn conflict(kind: ClaimKind) -> Problem {
    match kind {
        ClaimKind::Request => {
            Problem::new(KEY_REUSED, "the Idempotency-Key was used with another request; use a new key")
        }
        ClaimKind::External => {
            Problem::new(EXTERNAL_ID_CONFLICT, "there is an order with this external id and other content")
        }
        ClaimKind::Message => internal("a command claimed a message's id"),
    }
}

#[cfg(test)]
mod tests {
    use engine::{Ids, Key, Message, Origin, Signal, SystemIds};
    use orders::{Input, Orders, Refusal};

    use super::*;

    #[test]
    fn every_answer_has_its_status() {
        for (answer, status) in [
            (Answer::Conflict(ClaimKind::Request), 422),
            (Answer::Conflict(ClaimKind::External), 409),
            (Answer::Unavailable("away".into()), 503),
            (Answer::Failed("poison".into()), 500),
            (Answer::Refused(Refusal::TooLate(contract::Status::Paid)), 409),
        ] {
            let problem = outcome::<Orders>(answer).map(|_| ()).unwrap_err();
            assert_eq!(problem.kind.status.as_u16(), status);
            assert_eq!(problem.retry_after_s.is_some(), status == 503);
        }
    }

    fn command() -> Command<Orders> {
        let id = SystemIds.next();
        let message =
            Message { key: Key::Id(id), origin: Origin::Command { id }, input: Input::PaymentDeadline };
        let claim = engine::Claim {
            id: "place/anonymous/k".into(),
            fingerprint: String::new(),
            kind: ClaimKind::Request,
            expires: None,
        };
        Command { message, claims: vec![claim] }
    }

    #[tokio::test]
    async fn a_full_queue_is_503_and_a_slow_first_request_409() {
        let (intake, outlet) = engine::intake::intake::<Orders>(1, Signal::new());
        let wait = Duration::from_millis(1);
        let slow = submit(&intake, command(), wait).await.map(|_| ()).unwrap_err();
        assert_eq!(slow.kind, IN_PROGRESS);
        let full = submit(&intake, command(), wait).await.map(|_| ()).unwrap_err();
        assert_eq!(full.kind, crate::problems::SATURATED);
        drop(outlet);
    }
}
