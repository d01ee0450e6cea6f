//! `GET /api/v1/stuck`: orders that do not move, with the step they are at, why, and what to do.

mod diagnosis;

use std::sync::Arc;

use ::orders::Order;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use contract::{PaymentStatus, ProcessingStatus, Status};
use engine::breaker::BreakerState;
use engine::{DeadLetter, DeadLetterState};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::Api;
use crate::parameters::{self, DEFAULT_LIMIT, parameters};
use crate::problem::{Problem, ProblemView};
use crate::respond::json;
use crate::view::states;
use diagnosis::{Diagnosis, Situation};

/// An order that does not move.
#[derive(Serialize, ToSchema)]
#[schema(as = StuckOrder)]
pub(crate) struct StuckView {
    /// The order.
    order_id: Uuid,
    /// Where it stands.
    #[schema(value_type = states::Status)]
    status: Status,
    /// Where its money stands.
    #[schema(value_type = states::PaymentStatus)]
    payment_status: PaymentStatus,
    /// Where its processing stands.
    #[schema(value_type = states::ProcessingStatus)]
    processing_status: ProcessingStatus,
    /// The step it is at: `stock`, `payment`, `processing`, `refund`, `order`.
    #[schema(example = "payment")]
    step: &'static str,
    /// Why it does not move.
    #[schema(value_type = states::Reason)]
    reason: contract::Reason,
    /// What to do about it.
    remedy: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Its messages that could not be handled.
    dead_letters: Vec<DeadLetterView>,
}

/// A message of an order that could not be handled.
#[derive(Serialize, ToSchema)]
#[schema(as = StuckMessage)]
pub(crate) struct DeadLetterView {
    /// Whose it is.
    consumer: &'static str,
    /// Its name among what its order has scheduled.
    name: String,
    /// The type of the message.
    event_type: String,
    /// Why.
    #[schema(value_type = states::Reason)]
    reason: contract::Reason,
    /// How often it was tried.
    attempts: u32,
    /// When it failed first.
    #[schema(value_type = String, format = DateTime)]
    first_failed_at: Timestamp,
    /// When it failed last.
    #[schema(value_type = String, format = DateTime)]
    last_failed_at: Timestamp,
}

/// List orders that do not move
#[utoipa::path(
    get,
    path = "/api/v1/stuck",
    operation_id = "list_stuck_orders",
    tag = "operations",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many, 100 if left out")),
    responses(
        (status = 200, description = "Orders, oldest first", body = Vec<StuckView>),
        (status = 400, description = "An unknown or invalid parameter", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn stuck(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, Problem> {
    let mut limit = DEFAULT_LIMIT;
    for (name, value) in parameters(&uri) {
        match &*name {
            "limit" => limit = parameters::limit(&value)?,
            unknown => return Err(parameters::unknown(unknown, &["limit"])),
        }
    }
    let mut stuck = Vec::new();
    for order in waiting(&api, limit).await? {
        stuck.push(look_at(&api, &order).await?);
    }
    Ok(json(StatusCode::OK, &stuck))
}

/// Orders that wait, and ended orders whose money is still on its way.
async fn waiting(api: &Api, limit: usize) -> Result<Vec<Order>, Problem> {
    let since = api.clock.now().checked_sub(api.limits.stuck_after).unwrap_or(Timestamp::MIN);
    let mut orders = api.order_queries.stalled(since, limit).await?;
    for payment in api.payment_queries.stalled(since, limit).await? {
        if orders.iter().any(|order| order.id == payment.order_id) {
            continue;
        }
        orders.extend(api.order_queries.order(payment.order_id).await?);
    }
    orders.sort_by_key(|order| order.updated_at);
    orders.truncate(limit);
    Ok(orders)
}

async fn look_at(api: &Api, order: &Order) -> Result<StuckView, Problem> {
    let dead_letters = dead_letters(api, order.id).await?;
    let is_open = |breaker: BreakerState| matches!(breaker, BreakerState::Open(_));
    let situation = Situation {
        order,
        dead: dead_letters.first().map(|dead| (dead.consumer, &dead.reason)),
        provider_is_away: api.desk.as_ref().is_some_and(|desk| is_open(desk.breaker.state(api.clock.now()))),
    };
    let Diagnosis { step, reason, remedy } = situation.diagnose();
    Ok(StuckView {
        order_id: order.id,
        status: order.status(),
        payment_status: order.facts.payment_status(),
        processing_status: order.facts.processing_status(),
        step,
        reason,
        remedy,
        since: order.updated_at,
        dead_letters,
    })
}

/// What of the order's messages is dead, in any service that can be asked.
async fn dead_letters(api: &Api, id: Uuid) -> Result<Vec<DeadLetterView>, Problem> {
    let mut found = view("orders", api.order_queries.dead_letters(id).await?);
    found.extend(view("payments", api.payment_queries.dead_letters(id).await?));
    found.extend(view("catalog", api.catalog_queries.dead_letters(id).await?));
    if let Some(processing) = &api.processing_queries {
        found.extend(view("processing", processing.dead_letters(id).await?));
    }
    Ok(found)
}

fn view(consumer: &'static str, letters: Vec<DeadLetter>) -> Vec<DeadLetterView> {
    let waiting = letters.into_iter().filter(|letter| letter.state == DeadLetterState::Dead);
    let view = |letter: DeadLetter| DeadLetterView {
        consumer,
        name: letter.name,
        event_type: letter.kind,
        reason: contract::Reason::new(letter.code, letter.reason),
        attempts: letter.attempts,
        first_failed_at: letter.first_failed_at,
        last_failed_at: letter.last_failed_at,
    };
    waiting.map(view).collect()
}

#[cfg(test)]
mod tests {
    use crate::tests::orders::payable_order;
    use crate::tests::payments::dead_charge;
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn a_charge_that_exhausted_its_attempts_is_told() {
        let shop = Shop::new();
        shop.keep(payable_order());
        shop.keep_dead_payment(dead_charge());
        let response = shop.ask(get("/api/v1/stuck?limit=10")).await;
        insta::assert_json_snapshot!("stuck", response.json());
        assert_eq!(shop.ask(get("/api/v1/stuck?colour=red")).await.status, 400);
    }
}
