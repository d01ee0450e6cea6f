//! Examples: what callers say and what they are answered, as the OpenAPI document shows it.
//!
//! They stand in `openapi/<operation id>.json`, and a test says each of them to a real shop and finds just that answer; with
//! `INSTA_UPDATE=always` it writes down what it was answered. So to add one write its request, and let the test do the rest.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, PathItem};
use utoipa::openapi::{Content, RefOr, example};

/// Names an operation and the file of its examples.
macro_rules! files {
    ($($operation:literal,)+) => {
        &[$(($operation, include_str!(concat!("../openapi/", $operation, ".json"))),)+]
    };
}

/// The examples of each operation.
pub(crate) const FILES: &[(&str, &str)] = files![
    "cancel_order",
    "charge",
    "create_product",
    "delete_product",
    "discard_dead_letter",
    "export_orders",
    "follow_events",
    "follow_order",
    "get_circuit_breaker",
    "get_dead_letter",
    "get_health",
    "get_liveness",
    "get_menu",
    "get_metrics",
    "get_order",
    "get_order_status",
    "get_order_timeline",
    "get_payment",
    "get_payment_of_order",
    "get_product",
    "get_provider_settings",
    "get_readiness",
    "list_dead_letters",
    "list_notifications",
    "list_orders",
    "list_stuck_orders",
    "look_up_charge",
    "look_up_order",
    "place_order",
    "place_orders",
    "read_ledger",
    "redrive_dead_letter",
    "refund_charge",
    "refund_order",
    "replace_product",
    "resend_notification",
    "reset_circuit_breaker",
    "set_provider_settings",
    "void_charge",
];

/// A request and its answer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Example {
    /// Tells it from the operation's other ones; the same for the request and for its answer.
    pub name: String,
    /// What it shows.
    pub summary: String,
    /// What the caller says.
    #[serde(default)]
    pub request: Request,
    /// What the caller is answered.
    pub response: Answer,
}

/// What a caller says.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Request {
    /// By name, wherever they stand: in the path, the query or the headers.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// The body. Text where it is not JSON.
    pub body: Option<Value>,
}

/// What a caller is answered.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Answer {
    /// The status.
    pub status: u16,
    /// The body. Text where it is not JSON; the beginning of a stream.
    pub body: Option<Value>,
}

/// The examples of an operation.
pub(crate) fn examples(operation: &str) -> Vec<Example> {
    let file = FILES.iter().find(|(name, _)| *name == operation);
    file.and_then(|(_, text)| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Puts examples into the description of what has some.
pub(crate) fn illustrate(item: &mut PathItem) {
    let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
    for operation in methods.into_iter().flatten() {
        let examples = examples(operation.operation_id.as_deref().unwrap_or_default());
        // The first one shows what parameters look like: those of a path have to be something.
        if let Some(first) = examples.first() {
            operation.parameters.iter_mut().flatten().for_each(|parameter| show(parameter, &first.request));
        }
        examples.iter().for_each(|example| tell(operation, example));
    }
}

fn show(parameter: &mut RefOr<Parameter>, request: &Request) {
    if let RefOr::T(known) = parameter
        && let Some(value) = request.parameters.get(&known.name)
    {
        *parameter = RefOr::T(ParameterBuilder::from(known.clone()).example(Some(value.clone())).build());
    }
}

/// What is said and what is answered.
fn tell(operation: &mut Operation, example: &Example) {
    if let Some(RefOr::T(request)) = &mut operation.request_body {
        request.content.values_mut().for_each(|content| add(content, example, example.request.body.as_ref()));
    }
    let answer = &example.response;
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(&answer.status.to_string()) {
        response.content.values_mut().for_each(|content| add(content, example, answer.body.as_ref()));
    }
}

fn add(content: &mut RefOr<Content>, example: &Example, body: Option<&Value>) {
    if let (RefOr::T(content), Some(body)) = (content, body) {
        let shown = example::ExampleBuilder::new().summary(&*example.summary).value(Some(body.clone()));
        content.examples.insert(example.name.clone(), RefOr::T(shown.build()));
    }
}
