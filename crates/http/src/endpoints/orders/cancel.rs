//! `POST /api/v1/orders/{id}/cancel`: calls an order off.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use engine::retry::later;
use engine::{Command, Key, Message, Origin};
use orders::Input;
use orders::input::Cancel;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::act;
use crate::api::Api;
use crate::body::JsonBytes;
use crate::conditional::IfMatch;
use crate::idempotency::{ANONYMOUS, IdempotencyKey, REPLAYED};
use crate::path::OrderId;
use crate::problem::{Problem, ProblemView};
use crate::problems::VERSION_CHANGED;
use crate::submit::{Done, submit};
use crate::view::order::OrderView;

/// Why an order is called off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelOrder)]
pub(crate) struct CancelBody {
    /// For people, at most 1000 characters.
    #[schema(example = "The customer changed their mind.")]
    reason: Option<String>,
}

/// Cancel an order
#[utoipa::path(
    post,
    path = "/api/v1/orders/{id}/cancel",
    operation_id = "cancel_order",
    tag = "orders",
    params(
        ("id" = Uuid, Path, description = "The order's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` you have: 412 if the order was changed since"),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this attempt, at most 255 characters"),
    ),
    request_body(content = Option<CancelBody>, content_type = "application/json"),
    responses(
        (status = 200, description = "The cancelled order", body = OrderView<'static>),
        (status = 404, description = "There is no such order", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 409, description = "The order has ended", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 412, description = "The order was changed", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 422, description = "Invalid content", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn cancel(
    State(api): State<Arc<Api>>,
    OrderId(id): OrderId,
    key: IdempotencyKey,
    believed: IfMatch,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let CancelBody { reason } = act::body(&body)?;
    let cancel = Cancel {
        reason: act::reason(reason, "cancelled", "It was cancelled by request.")?,
        actor: ANONYMOUS.to_owned(),
        expected_version: expected_version(&api, id, &believed).await?,
    };
    let expires = later(api.clock.now(), api.limits.idempotency_retention);
    let claims = key.claim("cancel", &[id.as_bytes(), &body], expires).into_iter().collect();
    let origin = Origin::Command { id: api.ids.next() };
    let command =
        Command { message: Message { key: Key::Id(id), origin, input: Input::Cancel(cancel) }, claims };
    let Done { reply, replayed } = submit(&api.orders, command, api.limits.idempotency_wait).await?;
    let mut response = super::answer(StatusCode::OK, &reply);
    if replayed.is_some() {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The one version the caller believes in. Of several, the one that the order has.
async fn expected_version(api: &Api, id: Uuid, believed: &IfMatch) -> Result<Option<u64>, Problem> {
    match believed {
        IfMatch::Any => Ok(None),
        IfMatch::OneOf(versions) if versions.len() == 1 => Ok(versions.first().copied()),
        IfMatch::OneOf(_) => {
            let version = super::find(api, id).await?.version;
            let changed = || Problem::new(VERSION_CHANGED, format!("the order has version {version} by now"));
            believed.allows(version).then_some(Some(version)).ok_or_else(changed)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::orders::priced_order;
    use crate::tests::{Headed, Shop, post};

    fn path() -> String {
        format!("/api/v1/orders/{}/cancel", priced_order().id)
    }

    fn shop() -> Shop {
        let shop = Shop::new();
        shop.keep(priced_order());
        shop
    }

    #[tokio::test]
    async fn an_order_is_called_off_once() {
        let shop = shop();
        let request = || post(&path(), r#"{"reason": "too slow"}"#).header("if-match", "\"1\"");
        let response = shop.ask(request().header("idempotency-key", "k")).await;
        assert_eq!((response.status, response.header("etag")), (200, "\"2\""));
        assert_eq!(response.json()["status"], "CANCELLED");
        assert_eq!(response.json()["reason"]["message"], "too slow");
        let again = shop.ask(request().header("idempotency-key", "k")).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"));
        assert_eq!(shop.ask(request()).await.slug(), "version-changed");
        assert_eq!(shop.ask(post(&path(), "")).await.slug(), "too-late");
    }

    #[tokio::test]
    async fn an_order_that_is_not_there_is_404() {
        let path = path();
        assert_eq!(Shop::new().ask(post(&path, "")).await.status, 404);
        assert_eq!(Shop::new().ask(post("/api/v1/orders/nonsense/cancel", "")).await.status, 404);
    }

    #[tokio::test]
    async fn unknown_fields_and_tags_that_were_never_ours_are_refused() {
        let shop = shop();
        assert_eq!(shop.ask(post(&path(), r#"{"why": "x"}"#)).await.status, 422);
        for tag in ["W/\"1\"", "x", "\"2\"", "\"7\", \"8\""] {
            assert_eq!(shop.ask(post(&path(), "").header("if-match", tag)).await.status, 412, "{tag}");
        }
        assert_eq!(shop.ask(post(&path(), "").header("if-match", "\"7\", \"1\"")).await.status, 200);
    }
}
