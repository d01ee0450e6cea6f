//! `POST /api/v1/payments/process`: charges a buyer.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use provider::Operation;
use provider::wire::{self, ChargeBody};

use super::perform::{Halt, begin, perform, required};
use super::schema;
use crate::api::ProviderApi;
use crate::body::{JsonBytes, json};
use crate::idempotency::IdempotencyKey;
use crate::problem::ProblemView;

/// Charge a buyer
///
/// A decline is an answer, not an error. The same request under the same key is charged once and gets the same answer.
#[utoipa::path(
    post,
    path = "/api/v1/payments/process",
    operation_id = "charge",
    tag = "provider",
    params(("Idempotency-Key" = String, Header, description = "The charge's key")),
    request_body(content = schema::Charge, content_type = "application/json"),
    responses(
        (status = 200, description = "Captured or declined", body = schema::PaymentAnswer),
        (status = 409, description = "The key was voided", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 422, description = "Invalid, or the key was used with other content", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 500, description = "The provider failed", body = ProblemView<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The provider is out of order", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn charge(
    State(api): State<Arc<ProviderApi>>,
    key: IdempotencyKey,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Halt> {
    let text = required(key)?;
    let rest = begin(&api, Operation::Change, &text).await?;
    let key = wire::read_key(&text)?;
    let input = json::<ChargeBody>(&body)?.read(api.default_currency)?;
    perform(&api, key, input, rest).await
}

#[cfg(test)]
mod tests {
    use provider::Settings;

    use crate::tests::provider::Bank;
    use crate::tests::{Headed, post};

    const PATH: &str = "/api/v1/payments/process";
    const BODY: &str = r#"{"order_id": "o-1", "amount": 10.50, "payment_method": "card"}"#;

    #[tokio::test]
    async fn a_charge_is_captured_once_under_its_key() {
        let bank = Bank::new();
        let ask = |body: &str| post(PATH, body).header("idempotency-key", "k-1");
        let response = bank.ask(ask(BODY)).await;
        assert_eq!((response.status, &response.json()["status"]), (200, &"captured".into()));
        assert!(response.text().contains(r#""amount":10.50,"currency":"USD""#), "{}", response.text());
        assert_eq!(bank.ask(ask(BODY)).await.text(), response.text());
        let other = bank.ask(ask(&BODY.replace("10.50", "10.51"))).await;
        assert_eq!((other.status, other.slug().as_str()), (422, "key-reused"));
    }

    #[tokio::test]
    async fn without_a_key_or_with_a_voided_one_nothing_is_charged() {
        let bank = Bank::new();
        assert_eq!(bank.ask(post(PATH, BODY)).await.slug(), "invalid-idempotency-key");
        let void = bank.ask(post("/api/v1/payments/void", r#"{"charge_key": "k-1"}"#)).await;
        assert_eq!((void.status, &void.json()["status"]), (200, &"voided".into()));
        let response = bank.ask(post(PATH, BODY).header("idempotency-key", "k-1")).await;
        assert_eq!((response.status, response.slug().as_str()), (409, "voided"));
    }

    #[tokio::test]
    async fn a_refund_gives_back_what_was_captured() {
        let bank = Bank::new();
        bank.ask(post(PATH, BODY).header("idempotency-key", "k-1")).await;
        let refund = |key: &str, amount: &str| {
            let body = format!(r#"{{"charge_key": "k-1", "amount": {amount}}}"#);
            post("/api/v1/payments/refund", &body).header("idempotency-key", key)
        };
        assert_eq!(bank.ask(refund("r-1", "10")).await.json()["status"], "refunded");
        assert_eq!(bank.ask(refund("r-2", "1")).await.status, 409);
    }

    #[tokio::test]
    async fn it_misbehaves_as_it_is_told() {
        let bank = Bank::new();
        let ask = || post(PATH, BODY).header("idempotency-key", "k-1");
        bank.knobs.set(Settings { outage: true, ..Settings::default() });
        let response = bank.ask(ask()).await;
        assert_eq!((response.status, response.header("retry-after")), (503, "1"));
        bank.knobs.set(Settings { failure_rate_ppm: 1_000_000, ..Settings::default() });
        assert_eq!(bank.ask(ask()).await.status, 500);
    }

    #[tokio::test(start_paused = true)]
    async fn a_withheld_answer_was_charged_all_the_same() {
        let bank = Bank::new();
        let silent = BODY.replace("card", "card-timeout");
        let ask = || post(PATH, &silent).header("idempotency-key", "k-1");
        assert_eq!(bank.ask(ask()).await.status, 504);
        assert_eq!(bank.ask(ask()).await.json()["status"], "captured");
    }
}
