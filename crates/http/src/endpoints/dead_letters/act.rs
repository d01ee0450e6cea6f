//! What redriving and discarding have in common: the trace, then the act, then how the letter stands.

use axum::http::StatusCode;
use axum::response::Response;
use engine::{Answer, Command, DeadLetterState, Message, Origin, Repair, RepairAct};
use orders::Refusal;
use orders::input::Repaired;

use super::Found;
use crate::api::Api;
use crate::idempotency::ANONYMOUS;
use crate::problem::Problem;
use crate::problems::{NOT_DEAD, saturated, unavailable};
use crate::respond::json;
use crate::submit::{outcome, unanswered};

/// Does it, and answers how the letter stands behind it.
pub(super) async fn perform(
    api: &Api,
    id: &str,
    act: RepairAct,
    reason: Option<String>,
) -> Result<Response, Problem> {
    let found = super::find(api, id).await?;
    if found.filed.letter.state != DeadLetterState::Dead {
        return Err(not_dead());
    }
    leave_trace(api, &found, act, reason.clone()).await?;
    let (key, name) = (found.id.key.clone(), found.id.name.clone());
    let (actor, reason) = (ANONYMOUS.to_owned(), reason.unwrap_or_default());
    tracing::warn!(letter = id, ?act, actor, reason, "an operator's act on a dead letter");
    let answer = found.office.repairs.repair(Repair { key, name, act, actor, reason });
    match answer.map_err(|_| saturated())?.await {
        Ok(true) => Ok(json(StatusCode::OK, &super::find(api, id).await?.view())),
        Ok(false) => Err(not_dead()),
        Err(_) => Err(unavailable("the service stopped before it answered")),
    }
}

/// Notes it in the order's timeline, if there is such an order.
async fn leave_trace(
    api: &Api,
    found: &Found<'_>,
    act: RepairAct,
    reason: Option<String>,
) -> Result<(), Problem> {
    if found.id.key.id().is_none() {
        return Ok(());
    }
    let repaired = Repaired {
        discarded: act == RepairAct::Discard,
        consumer: found.id.consumer.clone(),
        event_type: found.filed.letter.kind.clone(),
        dead_letter: found.id.text(),
        reason,
        actor: ANONYMOUS.to_owned(),
    };
    let (origin, input) =
        (Origin::Command { id: api.ids.next() }, orders::Input::Repaired(Box::new(repaired)));
    let message = Message { key: found.id.key.clone(), origin, input };
    let answer = api.orders.submit(Command { message, claims: Vec::new() }).map_err(|_| saturated())?;
    match answer.await.unwrap_or_else(|_| unanswered()) {
        // A message about an order that never came to be.
        Answer::Refused(Refusal::UnknownOrder(_)) => Ok(()),
        other => outcome(other).map(drop),
    }
}

fn not_dead() -> Problem {
    Problem::new(NOT_DEAD, "only a letter that is DEAD can be sent again or given up; look how it stands now")
}
