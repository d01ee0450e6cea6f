//! `POST /api/v1/orders/{id}/refund`: gives back what an order's charge captured, or a part of it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use contract::Money;
use engine::retry::later;
use engine::{Command, Key, Message, Origin};
use payments::input::RefundCommand;
use payments::{Input, Payment, Refusal};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::act;
use crate::api::Api;
use crate::body::JsonBytes;
use crate::conditional::IfMatch;
use crate::idempotency::{ANONYMOUS, IdempotencyKey, REPLAYED};
use crate::path::OrderId;
use crate::problem::{Problem, ProblemView};
use crate::problems::INVALID_CONTENT;
use crate::submit::{Done, submit};
use crate::view::order::OrderView;

/// What is given back, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundOrder)]
pub(crate) struct RefundBody {
    /// For people, at most 1000 characters.
    reason: Option<String>,
    /// A number or a decimal string in the order's currency, above 0. All that is left if left out.
    #[schema(value_type = Option<f64>, example = 10.50)]
    amount: Option<Box<RawValue>>,
}

/// Refund an order
///
/// The refund is under way when this answers; the order's `refunded_amount` grows when the provider has made it.
#[utoipa::path(
    post,
    path = "/api/v1/orders/{id}/refund",
    operation_id = "refund_order",
    tag = "orders",
    params(
        ("id" = Uuid, Path, description = "The order's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` you have: 412 if the order was changed since"),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this attempt, at most 255 characters"),
    ),
    request_body(content = Option<RefundBody>, content_type = "application/json"),
    responses(
        (status = 200, description = "The order as it is now", body = OrderView<'static>),
        (status = 404, description = "There is no such order", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 409, description = "Nothing was captured", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 412, description = "The order was changed", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 422, description = "Invalid content, or more than what is left", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn refund(
    State(api): State<Arc<Api>>,
    OrderId(id): OrderId,
    key: IdempotencyKey,
    believed: IfMatch,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let RefundBody { reason, amount } = act::body(&body)?;
    let reason = act::reason(reason, "refunded", "It was refunded by request.")?;
    let order = super::find(&api, id).await?;
    let order_changed = (!believed.allows(order.version)).then_some(order.version);
    let payment = api.payment_queries.payment(id).await?.ok_or(Refusal::NoPayment)?;
    let amount = amount.map(|raw| read_amount(&raw, &payment)).transpose()?;
    let input = Input::Refund(RefundCommand { amount, reason, actor: ANONYMOUS.to_owned(), order_changed });
    let expires = later(api.clock.now(), api.limits.idempotency_retention);
    let claims = key.claim("refund", &[id.as_bytes(), &body], expires).into_iter().collect();
    let origin = Origin::Command { id: api.ids.next() };
    let command = Command { message: Message { key: Key::Id(id), origin, input }, claims };
    let Done { replayed, .. } = submit(&api.payments, command, api.limits.idempotency_wait).await?;
    let mut response = super::answer(StatusCode::OK, &super::find(&api, id).await?);
    if replayed.is_some() {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The amount in minor units of the payment's currency.
fn read_amount(raw: &RawValue, payment: &Payment) -> Result<i64, Problem> {
    let invalid = |detail: String| Problem::new(INVALID_CONTENT, detail).at("/amount", "invalid");
    let Money { minor, .. } =
        Money::from_json(raw, payment.currency).map_err(|error| invalid(error.to_string()))?;
    match minor {
        1.. => Ok(minor),
        _ => Err(invalid("the amount must be above 0".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::orders::priced_order;
    use crate::tests::payments::captured_payment;
    use crate::tests::{Headed, Shop, get, post};

    fn path() -> String {
        format!("/api/v1/orders/{}/refund", priced_order().id)
    }

    fn shop() -> Shop {
        let shop = Shop::new();
        shop.keep(priced_order());
        shop.keep_payment(captured_payment());
        shop
    }

    #[tokio::test]
    async fn a_part_and_then_the_rest_is_given_back() {
        let shop = shop();
        let response = shop.ask(post(&path(), r#"{"amount": "10.50", "reason": "cold"}"#)).await;
        assert_eq!((response.status, &response.json()["id"]), (200, &priced_order().id.to_string().into()));
        assert_eq!(shop.ask(post(&path(), "")).await.status, 200);
        let payment = shop.ask(get(&format!("/api/v1/payments/{}", priced_order().id))).await.json();
        let refund = |index: usize| payment["refunds"][index]["amount"].to_string();
        assert_eq!((refund(0), refund(1)), ("10.5".to_owned(), "35.5".to_owned()));
        assert_eq!(payment["refunds"][0]["actor"], "anonymous");
        let asked = &payment["exchanges"][0];
        assert_eq!((&asked["result"], &asked["message"]), (&"requested".into(), &"anonymous: cold".into()));
    }

    #[tokio::test]
    async fn more_than_there_is_is_refused() {
        let response = shop().ask(post(&path(), r#"{"amount": 46.01}"#)).await;
        assert_eq!((response.status, &response.json()["errors"][0]["path"]), (422, &"/amount".into()));
    }

    #[tokio::test]
    async fn what_cannot_be_a_refund_is_refused() {
        let shop = shop();
        for body in [r#"{"amount": 0}"#, r#"{"amount": -1}"#, r#"{"amount": 0.001}"#, r#"{"amount": "x"}"#] {
            assert_eq!(shop.ask(post(&path(), body)).await.status, 422, "{body}");
        }
        assert_eq!(shop.ask(post(&path(), "").header("if-match", "\"9\"")).await.status, 412);
        let shop = Shop::new();
        assert_eq!(shop.ask(post(&path(), "")).await.status, 404);
        shop.keep(priced_order());
        assert_eq!(shop.ask(post(&path(), "")).await.slug(), "nothing-to-refund");
    }
}
