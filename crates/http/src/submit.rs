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
    match answer {
        Ok(Answer::Done { reply, replayed }) => Ok(Done { reply, replayed }),
        Ok(Answer::Refused(refusal)) => Err(refusal.into()),
        Ok(Answer::Conflict(kind)) => Err(conflict(kind)),
        Ok(Answer::Failed(why)) => Err(internal(&why)),
        Ok(Answer::Unavailable(why)) => Err(unavailable(&why)),
        Err(_) => Err(unavailable("the service stopped before it answered")),
    }
}

fn in_progress() -> Problem {
    let detail = "the request under this Idempotency-Key is still being worked on; ask again with the same key";
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
