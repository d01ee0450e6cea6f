//! `GET /api/v1/dead-letters`: what could not be handled, those that failed last first, page by page.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use engine::{DeadLetterState, FiledLetter, Key, LetterQuestion};
use uuid::Uuid;

use super::id::LetterId;
use super::page::{self, Last};
use crate::api::Api;
use crate::parameters::{self, DEFAULT_LIMIT, invalid, parameters};
use crate::problem::{Problem, ProblemView};
use crate::respond::json;
use crate::view::dead_letter::LetterLine;
use crate::view::states;

const KNOWN: &[&str] = &["limit", "cursor", "consumer", "event_type", "order_id", "state"];

/// What is asked for.
struct Asked {
    question: LetterQuestion,
    consumer: Option<String>,
    last: Option<Last>,
}

/// List dead letters
///
/// Those that failed last come first. The `Link` header with `rel="next"` leads to the next page, as long as there is one. What a
/// message says is told with the letter itself.
#[utoipa::path(
    get,
    path = "/api/v1/dead-letters",
    operation_id = "list_dead_letters",
    tag = "operations",
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "How many, 100 if left out"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("consumer" = Option<String>, Query, description = "Only those of this service"),
        ("event_type" = Option<String>, Query, description = "Only messages and effects of this type"),
        ("order_id" = Option<Uuid>, Query, description = "Only those about this order"),
        ("state" = Option<Vec<states::DeadLetterState>>, Query, description = "Only those in this state, or in one of several"),
    ),
    responses(
        (status = 200, description = "Dead letters", body = Vec<LetterLine>, headers(("Link" = Option<String>, description = "The next page"))),
        (status = 400, description = "An unknown or invalid parameter, or a malformed cursor", body = ProblemView<'static>, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(State(api): State<Arc<Api>>, uri: Uri) -> Result<Response, Problem> {
    let Asked { question, consumer, last } = read(&api, &uri)?;
    // One more than asked for tells whether there is a next page.
    let more = LetterQuestion { limit: question.limit + 1, ..question.clone() };
    let mut found = page::read(&api.offices, consumer.as_deref(), &more, last.as_ref()).await?;
    let has_next = found.len() > question.limit;
    found.truncate(question.limit);
    let lines: Vec<_> = found.iter().map(|(consumer, filed)| line(consumer, filed)).collect();
    let mut response = json(StatusCode::OK, &lines);
    let next = found.last().filter(|_| has_next).map(|(consumer, last)| Last::cursor(consumer, last));
    let link = next.and_then(|cursor| parameters::next_page(&uri, &[("cursor", Some(&cursor))]));
    response.headers_mut().extend(link);
    Ok(response)
}

fn line(consumer: &'static str, filed: &FiledLetter) -> LetterLine {
    let (key, name) = (filed.letter.key.clone(), filed.letter.name.clone());
    let id = LetterId { consumer: consumer.to_owned(), key, name };
    LetterLine::new(id.text(), consumer, filed)
}

fn read(api: &Api, uri: &Uri) -> Result<Asked, Problem> {
    let question = LetterQuestion { limit: DEFAULT_LIMIT, ..LetterQuestion::default() };
    let mut asked = Asked { question, consumer: None, last: None };
    for (name, value) in parameters(uri) {
        let question = &mut asked.question;
        match &*name {
            "limit" => question.limit = parameters::limit(&value)?,
            "cursor" => asked.last = Some(Last::read(&value)?),
            "consumer" => asked.consumer = Some(consumer(api, &value)?),
            "event_type" => question.kind = Some(value.into_owned()),
            "order_id" => question.key = Some(Key::Id(order(&value)?)),
            "state" => question.states.push(state(&value)?),
            unknown => return Err(parameters::unknown(unknown, KNOWN)),
        }
    }
    Ok(asked)
}

fn consumer(api: &Api, value: &str) -> Result<String, Problem> {
    let known: Vec<_> = api.offices.iter().map(|office| office.consumer).collect();
    match known.contains(&value) {
        true => Ok(value.to_owned()),
        false => Err(invalid("consumer", format!("write one of {}", known.join(", ")))),
    }
}

fn order(value: &str) -> Result<Uuid, Problem> {
    value.parse().map_err(|_| invalid("order_id", "write an order's id"))
}

fn state(value: &str) -> Result<DeadLetterState, Problem> {
    match value.to_ascii_uppercase().as_str() {
        "DEAD" => Ok(DeadLetterState::Dead),
        "REDRIVING" => Ok(DeadLetterState::Redriving),
        "RESOLVED" => Ok(DeadLetterState::Resolved),
        "DISCARDED" => Ok(DeadLetterState::Discarded),
        _ => Err(invalid("state", "write one of DEAD, REDRIVING, RESOLVED, DISCARDED")),
    }
}
