//! The examples of the API: every operation has some, each is said to a real shop, and the answer is the one that is shown.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::orders::{Order, State};
use axum::body::Body;
use axum::http::Request;
use engine::{Ids, Key};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use super::docs::{document, operations};
use super::orders::{numbered_order, payable_order, priced_order};
use super::payments::{captured_payment, dead_charge};
use super::provider::Bank;
use super::{Answered, Part, Server, Shop};
use crate::Limits;
use crate::examples::{Example, FILES, examples};
use crate::router::{provider_routes, shop_routes};

/// Ids that are the same in every run.
pub(super) struct Counted(AtomicU64);

impl Ids for Counted {
    fn next(&self) -> Uuid {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u128(priced_order().id.as_u128() + 0x1000 + u128::from(number))
    }
}

impl Counted {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(0)))
    }
}

/// An operation as it is described, and where that stands.
struct Described {
    document: Arc<Value>,
    path: String,
    method: String,
    operation: Value,
}

/// All operations, by their ids. The bank's own are there where they are served by it.
fn described() -> BTreeMap<String, Described> {
    let mut described = BTreeMap::new();
    for routes in [shop_routes(Shop::new().api), provider_routes(Bank::new().api)] {
        let document = Arc::new(document(&routes));
        for (path, method, operation) in operations(&document) {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let document = Arc::clone(&document);
            let is_banks = operation["tags"][0] == "provider";
            let is_new = !described.contains_key(&id);
            if is_banks || is_new {
                described.insert(id, Described { document, path, method, operation });
            }
        }
    }
    described
}

/// A shop that has a history: an order that was paid for, one that is stuck, a voided key at the bank.
fn shop() -> Shop {
    let shop = Shop::with_ids(Counted::new(), &[Part::Works("orders-database")], Limits::default());
    shop.keep(priced_order());
    shop.keep_payment(captured_payment());
    let stuck = payable_order();
    shop.keep(Order { id: numbered_order(1).id, ..stuck });
    let mut dead = dead_charge();
    dead.key = Key::Id(numbered_order(1).id);
    shop.keep_dead_payment(dead);
    let menu = State::Product(super::queries::margherita());
    shop.orders.keep(Key::name("margherita"), menu);
    shop
}

impl Described {
    /// The request of an example.
    fn request(&self, example: &Example) -> Request<Body> {
        let (mut path, mut query) = (self.path.clone(), form_urlencoded::Serializer::new(String::new()));
        let mut request = Request::builder().method(self.method.to_uppercase().as_str());
        let mut unknown = example.request.parameters.clone();
        for parameter in self.operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let Some(value) = unknown.remove(name) else { continue };
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match parameter["in"].as_str().unwrap() {
                "path" => path = path.replace(&format!("{{{name}}}"), &value),
                "query" => drop(query.append_pair(name, &value)),
                "header" => request = request.header(name, value),
                other => panic!("no parameters are in {other}"),
            }
        }
        assert!(unknown.is_empty(), "{} {}: {unknown:?} are no parameters", self.path, example.name);
        let query = query.finish();
        let uri = if query.is_empty() { path } else { format!("{path}?{query}") };
        let body = example.request.body.as_ref().map_or_else(String::new, written);
        let kind = self.content_of_request().map_or("application/json", |(kind, _)| kind);
        request.uri(uri).header("content-type", kind).body(Body::from(body)).unwrap()
    }

    /// What the body of a request is, and how that is described.
    fn content_of_request(&self) -> Option<(&str, &Value)> {
        let content = self.operation["requestBody"]["content"].as_object()?;
        content.iter().next().map(|(kind, content)| (kind.as_str(), content))
    }

    /// What the body of an answer is, and how that is described. None: it has no body.
    fn content_of(&self, status: u16) -> Option<(&str, &Value)> {
        let response = &self.operation["responses"][status.to_string()];
        assert!(response.is_object(), "{}: {status} is not described", self.path);
        response["content"].as_object()?.iter().next().map(|(kind, content)| (kind.as_str(), content))
    }

    /// What is wrong with a body by its schema.
    fn faults(&self, content: &Value, body: &Value) -> Vec<String> {
        let mut schema = content["schema"].clone();
        schema["components"] = self.document["components"].clone();
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

fn is_json(kind: &str) -> bool {
    kind.ends_with("/json") || kind.ends_with("+json")
}

/// A body as it is sent.
fn written(body: &Value) -> String {
    body.as_str().map_or_else(|| body.to_string(), str::to_owned)
}

/// Says a request to whoever serves the operation, and reads as much of the answer as the example has.
async fn ask(shop: &Shop, bank: &Bank, described: &Described, example: &Example) -> (u16, Option<Value>) {
    let is_banks = described.document["paths"].get("/api/v1/orders").is_none();
    let server: &Server = if is_banks { &bank.server } else { &shop.server };
    let request = described.request(example);
    let Some(("text/event-stream", _)) = described.content_of(example.response.status) else {
        let answered = server.ask(request).await;
        return (answered.status, body(&answered));
    };
    let response = server.moving(server.router.clone().oneshot(request)).await.unwrap();
    let status = response.status().as_u16();
    let mut frames = response.into_body().into_data_stream();
    // What it begins with, and one event.
    let mut text = String::new();
    for _ in 0..2 {
        let frame = server.moving(frames.next()).await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&frame).unwrap());
    }
    (status, Some(Value::String(text)))
}

fn body(answered: &Answered) -> Option<Value> {
    match answered.header("content-type") {
        _ if answered.body.is_empty() => None,
        kind if is_json(kind) => Some(answered.json()),
        // Of the metrics one: labels come in no order.
        kind if kind.contains("openmetrics") || kind.starts_with("text/plain") => {
            let lines = answered.text().lines().filter(|line| line.contains("orders_created"));
            Some(json!(lines.fold(String::new(), |text, line| text + line + "\n")))
        }
        _ => Some(json!(answered.text())),
    }
}

/// What has to be said before an example: `"after": "operation/example"`.
fn before(operation: &str, name: &str) -> Option<(String, Example)> {
    let (_, text) = FILES.iter().find(|(known, _)| *known == operation)?;
    let all: Vec<Value> = serde_json::from_str(text).unwrap();
    let this = all.iter().find(|example| example["name"] == *name)?;
    let (operation, name) = this.get("after")?.as_str()?.split_once('/')?;
    let first = examples(operation).into_iter().find(|example| example.name == name);
    Some((operation.to_owned(), first.unwrap_or_else(|| panic!("{operation} has no example {name}"))))
}

/// What is answered to an example, in a shop of its own.
async fn said(all: &BTreeMap<String, Described>, id: &str, example: &Example) -> (u16, Option<Value>) {
    let (shop, bank) = (shop(), Bank::with_ids(Counted::new()));
    if let Some((operation, first)) = before(id, &example.name) {
        let (status, _) = ask(&shop, &bank, &all[&operation], &first).await;
        assert_eq!(status, first.response.status, "{operation}, before {id}");
    }
    ask(&shop, &bank, &all[id], example).await
}

/// An example in its file.
#[derive(Serialize, Deserialize)]
struct Kept {
    name: Value,
    summary: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    response: Value,
}

/// Writes down what was answered.
fn keep(id: &str, answers: Vec<(u16, Option<Value>)>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi").join(format!("{id}.json"));
    let mut all: Vec<Kept> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for (example, (status, body)) in all.iter_mut().zip(answers) {
        example.response = match body {
            Some(body) => json!({"status": status, "body": body}),
            None => json!({"status": status}),
        };
    }
    fs::write(path, serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
}

#[test]
fn every_operation_has_examples_and_every_example_an_operation() {
    let all = described();
    for (id, described) in &all {
        let is_alias = ["_new", "_short"].iter().any(|suffix| id.ends_with(suffix));
        let examples = examples(id);
        let is_shown = examples.iter().any(|example| (200..300).contains(&example.response.status));
        assert!(is_shown || is_alias, "write crates/http/openapi/{id}.json, and name it in examples.rs");
        let asks = described.operation["requestBody"].is_object();
        assert!(examples.iter().all(|example| example.request.body.is_some() == asks), "{id}");
    }
    for (id, text) in FILES {
        assert!(all.contains_key(*id), "there is no operation {id}");
        let read: Result<Vec<Example>, _> = serde_json::from_str(text);
        assert!(read.is_ok(), "{id}: {read:?}");
    }
}

#[test]
fn an_operation_under_another_path_has_the_same_examples() {
    let all = described();
    let content =
        |id: &str| all[id].operation["requestBody"]["content"]["application/json"]["examples"].clone();
    assert!(content("place_order")["document"]["value"].is_object());
    assert_eq!(content("place_order_short"), content("place_order"));
}

#[tokio::test]
async fn every_example_is_answered_as_it_says() {
    let (all, is_update) =
        (described(), std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always"));
    for (id, _) in FILES {
        let mut answers = Vec::new();
        for example in examples(id) {
            let answer = said(&all, id, &example).await;
            if !is_update {
                let expected = (example.response.status, example.response.body.clone());
                let (text, wanted) = (json!([answer.0, answer.1]), json!([expected.0, expected.1]));
                assert_eq!(answer, expected, "{id} {}:\n{text:#}\n{wanted:#}", example.name);
            }
            answers.push(answer);
        }
        if is_update {
            keep(id, answers);
        }
    }
}

#[test]
fn every_example_fits_its_schema() {
    let all = described();
    for (id, _) in FILES {
        let described = &all[*id];
        for example in examples(id) {
            let is_good = example.response.status < 300;
            if let (true, Some(("application/json", content)), Some(body)) =
                (is_good, described.content_of_request(), &example.request.body)
            {
                assert_eq!(described.faults(content, body), [""; 0], "{id} {}: its request", example.name);
            }
            let content = described.content_of(example.response.status);
            if let (Some((kind, content)), Some(body)) = (content, &example.response.body)
                && is_json(kind)
            {
                assert_eq!(described.faults(content, body), [""; 0], "{id} {}: {body:#}", example.name);
            }
        }
    }
}
