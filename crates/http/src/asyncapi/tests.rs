//! The document: that it is AsyncAPI, that it says everything, and that its examples are what it describes.

use std::collections::BTreeSet;

use broker::TOPICS;
use contract::KINDS;
use serde_json::{Value, json};

use super::document;
use super::operations::SERVICES;

/// What the AsyncAPI Initiative holds documents to.
const OFFICIAL: &str = include_str!("tests/asyncapi-3.0.0.schema.json");

/// What stands in the components of one kind, with its name.
fn components<'d>(document: &'d Value, kind: &str) -> impl Iterator<Item = (&'d String, &'d Value)> {
    document["components"][kind].as_object().unwrap().iter()
}

/// The types of the messages that operations of one kind name.
fn named(document: &Value, action: &str, operation: &str) -> BTreeSet<String> {
    let operations = document["operations"].as_object().unwrap().iter();
    let wanted = operations.filter(|(name, known)| known["action"] == action && name.starts_with(operation));
    let messages = wanted.flat_map(|(_, operation)| operation["messages"].as_array().unwrap());
    messages.map(|message| message["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
}

/// A schema of the document, with all those that it may refer to.
fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = json!({"components": document["components"]});
    whole.as_object_mut().unwrap().extend(schema.as_object().unwrap().clone());
    jsonschema::options().should_validate_formats(true).build(&whole).unwrap()
}

fn assert_valid(validator: &jsonschema::Validator, instance: &Value, what: &str) {
    let errors: Vec<_> = validator.iter_errors(instance).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{instance:#}");
}

#[test]
fn it_is_as_it_was_agreed_on() {
    insta::assert_snapshot!("asyncapi", format!("{:#}", document()));
}

#[test]
fn it_is_asyncapi() {
    let official: Value = serde_json::from_str(OFFICIAL).unwrap();
    let validator = jsonschema::validator_for(&official).unwrap();
    assert_valid(&validator, &document(), "the document");
    let mut other = document();
    other["channels"]["orders"]["address"] = json!(7);
    assert!(!validator.is_valid(&other), "the official schema is in force");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let mut references =
        text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).peekable();
    assert!(references.peek().is_some());
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[test]
fn every_event_is_in_it() {
    let document = document();
    let messages: BTreeSet<_> = components(&document, "messages").map(|(name, _)| name.clone()).collect();
    let sent = named(&document, "send", "");
    for kind in KINDS {
        assert!(messages.contains(kind.name), "{} has no topic in crates/broker/src/topics.rs", kind.name);
        assert!(sent.contains(kind.name), "nobody publishes {}", kind.name);
    }
    for kind in TOPICS.iter().filter(|topic| topic.counts).flat_map(|topic| topic.kinds) {
        assert!(KINDS.iter().any(|known| known.name == *kind), "{kind} is not in the contract's KINDS");
    }
}

#[test]
fn every_service_reads_what_it_reacts_to_and_nothing_else() {
    let document = document();
    for (service, reactions) in SERVICES {
        let reacts: BTreeSet<_> = reactions.iter().map(|reaction| reaction.kind.to_owned()).collect();
        assert_eq!(named(&document, "receive", &format!("{service}_")), reacts, "{service}");
    }
}

#[test]
fn every_example_is_what_it_is_an_example_of() {
    let document = document();
    for (name, message) in components(&document, "messages") {
        let payload = validator(&document, &message["payload"]);
        let examples = message["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            assert_valid(&payload, &example["payload"], name);
            if let Some(headers) = message.get("headers") {
                assert_valid(&validator(&document, headers), &example["headers"], name);
            }
        }
    }
}

#[test]
fn another_events_data_is_not_taken_for_it() {
    let document = document();
    let messages = &document["components"]["messages"];
    let paid = validator(&document, &messages["order.paid"]["payload"]);
    let failed = &messages["order.failed"]["examples"][0]["payload"];
    assert!(!paid.is_valid(failed), "the same fields, and another type");
}

#[test]
fn all_five_forms_of_an_order_are_in_it() {
    let document = document();
    assert_eq!(document["components"]["messages"]["order.place"]["examples"].as_array().unwrap().len(), 5);
}
