//! Serving a request as planned: delays, errors, silences, and the work itself.

use std::time::Duration;

use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::{Command, Key, Message, Origin};
use provider::behaviour::{Course, RETRY_AFTER_S, SILENCE};
use provider::wire::PaymentAnswer;
use provider::{Input, Operation, Plan};

use crate::api::ProviderApi;
use crate::idempotency::IdempotencyKey;
use crate::problem::{Kind, Problem};
use crate::problems::INVALID_IDEMPOTENCY_KEY;
use crate::respond::json;
use crate::submit::submit;

const OUTAGE: Kind =
    Kind { slug: "outage", title: "The provider is out of order", status: StatusCode::SERVICE_UNAVAILABLE };
const FAILURE: Kind =
    Kind { slug: "provider-error", title: "The provider failed", status: StatusCode::INTERNAL_SERVER_ERROR };

/// How a request ends other than by an answer.
pub(crate) enum Halt {
    /// With a problem.
    Problem(Box<Problem>),
    /// With no answer in time.
    Silence,
}

impl<P: Into<Problem>> From<P> for Halt {
    fn from(problem: P) -> Self {
        Self::Problem(Box::new(problem.into()))
    }
}

impl IntoResponse for Halt {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Silence => (StatusCode::GATEWAY_TIMEOUT, [(CONNECTION, HeaderValue::from_static("close"))])
                .into_response(),
        }
    }
}

/// What is left of a plan once its beginning was carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Do it and answer.
    Serve,
    /// Do it and be silent.
    Silent,
}

/// Begins a request about `key` as the knobs stand: waits, and fails if it is to fail.
pub(super) async fn begin(api: &ProviderApi, operation: Operation, key: &str) -> Result<Rest, Halt> {
    let Plan { delay, course } = api.knobs.plan(operation, key);
    wait(delay).await;
    match course {
        Course::Serve => Ok(Rest::Serve),
        Course::SilentAfter => Ok(Rest::Silent),
        Course::SilentBefore => Err(silence().await),
        Course::Error => Err(Problem::new(FAILURE, "nothing was done; repeat it under the same key").into()),
        Course::Outage => {
            let problem = Problem::new(OUTAGE, "nothing was done; repeat it under the same key");
            Err(problem.retry_after(u64::from(RETRY_AFTER_S)).into())
        }
    }
}

/// Does it, and answers if there is to be an answer.
pub(super) async fn perform(api: &ProviderApi, key: Key, input: Input, rest: Rest) -> Result<Response, Halt> {
    let origin = Origin::Command { id: api.ids.next() };
    let command = Command { message: Message { key, origin, input }, claims: Vec::new() };
    let reply = submit(&api.intake, command, api.limits.idempotency_wait).await?.reply;
    if reply.withheld || rest == Rest::Silent {
        return Err(silence().await);
    }
    Ok(json(StatusCode::OK, &PaymentAnswer::from(reply.verdict)))
}

/// The key that a charge or a refund cannot do without.
pub(super) fn required(key: IdempotencyKey) -> Result<String, Problem> {
    key.0.ok_or_else(|| {
        Problem::new(INVALID_IDEMPOTENCY_KEY, "send an Idempotency-Key: without one, money could move twice")
    })
}

/// Leaves the caller waiting; the connection is closed after that.
async fn silence() -> Halt {
    wait(SILENCE).await;
    Halt::Silence
}

#[expect(clippy::disallowed_methods, reason = "the provider's slowness is what it is asked for")]
async fn wait(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}
