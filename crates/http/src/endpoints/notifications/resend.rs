//! `POST /api/v1/notifications/{id}/resend`: tells a customer once more.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use engine::retry::later;
use engine::{Command, Key, Message, Origin};
use notifications::{Input, Resend};

use crate::api::Api;
use crate::idempotency::{ANONYMOUS, IdempotencyKey, REPLAYED};
use crate::path::NotificationId;
use crate::problem::{Problem, ProblemView};
use crate::problems::no_such_notification;
use crate::respond::json;
use crate::submit::{Done, submit};
use crate::view::notification::NotificationView;

/// Send a notification once more
///
/// What went to the log goes by mail if there is a mail server by now. A customer may get it twice, so an `UNKNOWN` one is a
/// person's decision. It is under way when this answers.
#[utoipa::path(
    post,
    path = "/api/v1/notifications/{id}/resend",
    operation_id = "resend_notification",
    tag = "notifications",
    params(
        ("id" = Uuid, Path, description = "The notification's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Your name for this attempt, at most 255 characters"),
    ),
    responses(
        (status = 200, description = "The notification as it is now", body = NotificationView<'static>),
        (status = 404, description = "There is no such notification", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 409, description = "It is being sent just now, or there is nobody to send it to", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn resend(
    State(api): State<Arc<Api>>,
    NotificationId(id): NotificationId,
    key: IdempotencyKey,
) -> Result<Response, Problem> {
    let told = api.notification_queries.notification(id).await?.ok_or_else(no_such_notification)?;
    let input = Input::Resend(Resend { kind: told.kind, actor: ANONYMOUS.to_owned() });
    let expires = later(api.clock.now(), api.limits.idempotency_retention);
    let claims = key.claim("resend", &[id.as_bytes()], expires).into_iter().collect();
    let origin = Origin::Command { id: api.ids.next() };
    let command = Command { message: Message { key: Key::Id(told.order_id), origin, input }, claims };
    let Done { reply, replayed } = submit(&api.notifications, command, api.limits.idempotency_wait).await?;
    let mut response = json(StatusCode::OK, &NotificationView::from(&reply));
    if replayed.is_some() {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use notifications::{Channel, Kind, Notification, State};

    use crate::tests::notifications::told;
    use crate::tests::{Headed, Shop, get, post};

    fn path(told: &Notification) -> String {
        format!("/api/v1/notifications/{}/resend", told.id)
    }

    #[tokio::test]
    async fn what_nobody_knows_of_is_sent_once_more_and_not_again_under_the_same_key() {
        let (shop, unknown) = (Shop::new(), told(Kind::Paid, State::Unknown { error: "cut".into() }));
        shop.keep_notification(unknown.clone());
        for replayed in ["", "true"] {
            let response = shop.ask(post(&path(&unknown), "").header("idempotency-key", "k")).await;
            assert_eq!((response.status, response.header("idempotent-replayed")), (200, replayed));
            let answer = response.json();
            assert_eq!((&answer["state"], &answer["channel"]), (&"PENDING".into(), &"smtp".into()));
            assert_eq!((&answer["sendings"], &answer["actor"]), (&2.into(), &"anonymous".into()));
        }
        let listed = shop.ask(get("/api/v1/notifications?state=PENDING")).await.json();
        assert_eq!(listed[0]["sendings"], 2);
    }

    #[tokio::test]
    async fn what_is_under_way_or_not_there_is_refused() {
        let shop = Shop::new();
        let pending =
            Notification { channel: Channel::Log, ..told(Kind::Paid, State::Pending { error: None }) };
        shop.keep_notification(pending.clone());
        let response = shop.ask(post(&path(&pending), "")).await;
        assert_eq!((response.status, response.slug().as_str()), (409, "under-way"));
        for id in ["0190a6f0-0000-7000-8000-00000000dead", "7"] {
            let response = shop.ask(post(&format!("/api/v1/notifications/{id}/resend"), "")).await;
            assert_eq!((response.status, response.slug().as_str()), (404, "not-found"), "{id}");
        }
    }
}
