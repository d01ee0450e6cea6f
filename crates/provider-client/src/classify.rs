//! What an answer, or its absence, says about the job. Pure, so that every case is a line in a table.
//!
//! | heard | the job was |
//! |---|---|
//! | 2xx that reads as an answer about this job's money | answered |
//! | 2xx that does not | unknown |
//! | 409 `voided` to a charge | answered: declined, `voided` |
//! | 409 `not-captured`, `exceeds-captured`, `too-many-refunds` to a refund | answered: refused |
//! | 429, 503, no connection | unavailable: nobody was there |
//! | 404, 408, other 409, 502, 504, no answer | unknown |
//! | other 4xx, other 5xx | failed: the provider says that it did not do it |
//! | all else | unknown |

use engine::Performed;
use http::StatusCode;
use payments::jobs::{self, ChargeAnswer, RefundAnswer, VoidAnswer};
use provider::Refusal;
use provider::wire::{AnswerStatus, PaymentAnswer};
use serde::{Deserialize, Serialize};

use crate::request::Request;
pub use crate::transport::{Heard, Lost};

/// The longest part of a foreign text that goes into a reason, in characters.
const MAX_DETAIL: usize = 200;

/// The refusals of a refund that no repetition will change.
const FINAL_REFUSALS: [&str; 3] = ["not-captured", "exceeds-captured", "too-many-refunds"];

/// The part of a problem (RFC 9457) that matters here.
#[derive(Debug, Default, Deserialize)]
struct Problem {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    detail: String,
}

/// What was heard says this about the job.
pub fn classify(request: &Request, heard: &Heard) -> Performed {
    match heard.status {
        status if status.is_success() => answered(request, heard),
        StatusCode::CONFLICT => conflict(request, heard),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Performed::Unavailable(reason(heard))
        }
        StatusCode::NOT_FOUND
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::BAD_GATEWAY
        | StatusCode::GATEWAY_TIMEOUT => Performed::Unknown(reason(heard)),
        status if status.is_client_error() || status.is_server_error() => Performed::Failed(reason(heard)),
        _ => Performed::Unknown(reason(heard)),
    }
}

/// What was not heard says this about the job.
pub fn lost(lost: Lost) -> Performed {
    match lost {
        Lost::Unreachable(reason) => {
            Performed::Unavailable(format!("the provider cannot be reached: {reason}"))
        }
        Lost::Unanswered(reason) => Performed::Unknown(format!("the provider gave no answer: {reason}")),
    }
}

fn answered(request: &Request, heard: &Heard) -> Performed {
    let body = heard.body.as_ref().map_err(Clone::clone);
    let answer = body.and_then(|body| serde_json::from_slice(body).map_err(|error| error.to_string()));
    match answer.and_then(|answer| understand(request, answer)) {
        Ok(performed) => performed,
        Err(reason) => Performed::Unknown(format!("the provider's answer cannot be read: {reason}")),
    }
}

fn understand(request: &Request, answer: PaymentAnswer) -> Result<Performed, String> {
    use AnswerStatus::{Captured, Declined, Refunded, Voided};
    match (request, answer.status) {
        (Request::Charge(_), Captured) => {
            check_money(request, &answer)?;
            charged(&ChargeAnswer::Captured { reference: reference(answer)? })
        }
        (Request::Charge(_), Declined) => charged(&ChargeAnswer::Declined {
            code: answer.code.unwrap_or_else(|| "declined".to_owned()),
            message: answer.message.unwrap_or_else(|| "the payment was declined".to_owned()),
        }),
        (Request::Charge(_), Voided) => voided_charge(),
        (Request::Void(_), Voided) => voided(&VoidAnswer::Voided),
        (Request::Void(_), Captured) => voided(&VoidAnswer::Captured { reference: reference(answer)? }),
        (Request::Refund(_), Refunded) => {
            check_money(request, &answer)?;
            refunded(&RefundAnswer::Refunded { reference: reference(answer)? })
        }
        (_, status) => Err(format!("{status:?} does not answer the request")),
    }
}

fn conflict(request: &Request, heard: &Heard) -> Performed {
    let problem = problem(heard);
    let code = problem.kind.rsplit('/').next().unwrap_or_default();
    let answered = match request {
        Request::Charge(_) if code == Refusal::Voided.code() => voided_charge(),
        Request::Refund(_) if FINAL_REFUSALS.contains(&code) => {
            refunded(&RefundAnswer::Refused { code: code.to_owned(), message: shortened(&problem.detail) })
        }
        _ => Err(reason(heard)),
    };
    answered.unwrap_or_else(Performed::Unknown)
}

/// A provider that leaves the money out says nothing against it; one that names other money did something else.
fn check_money(request: &Request, answer: &PaymentAnswer) -> Result<(), String> {
    let (Some(asked), Some(amount)) = (request.money(), &answer.amount) else { return Ok(()) };
    let currency = answer.currency.unwrap_or(asked.currency);
    match amount.money(currency) {
        Ok(money) if money == asked => Ok(()),
        Ok(money) => Err(format!("it is about {} {currency}", money.to_decimal_string())),
        Err(error) => Err(error.to_string()),
    }
}

fn reference(answer: PaymentAnswer) -> Result<String, String> {
    answer.reference.filter(|reference| !reference.is_empty()).ok_or_else(|| "it has no reference".to_owned())
}

fn voided_charge() -> Result<Performed, String> {
    let message = "the key was voided, and nothing was charged under it".to_owned();
    charged(&ChargeAnswer::Declined { code: Refusal::Voided.code().to_owned(), message })
}

fn charged(answer: &ChargeAnswer) -> Result<Performed, String> {
    written(jobs::CHARGE_ANSWERED, answer)
}

fn voided(answer: &VoidAnswer) -> Result<Performed, String> {
    written(jobs::VOID_ANSWERED, answer)
}

fn refunded(answer: &RefundAnswer) -> Result<Performed, String> {
    written(jobs::REFUND_ANSWERED, answer)
}

fn written(kind: &'static str, answer: &impl Serialize) -> Result<Performed, String> {
    let data = serde_json::to_string(answer).map_err(|error| error.to_string())?;
    Ok(Performed::Answered { kind, data })
}

fn problem(heard: &Heard) -> Problem {
    let body = heard.body.as_deref().unwrap_or_default();
    serde_json::from_slice(body).unwrap_or_default()
}

/// The status and, where the provider explains itself, its words.
fn reason(heard: &Heard) -> String {
    let detail = shortened(&problem(heard).detail);
    match detail.is_empty() {
        true => format!("the provider answered {}", heard.status),
        false => format!("the provider answered {}: {detail}", heard.status),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_DETAIL).collect()
}
