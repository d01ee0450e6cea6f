//! What is generated from the options: the example, the schema, the reference, the show.

use std::path::Path;

use crate::common::{Place, variables};
use serde_json::Value as Json;
use settings::{Settings, Sources};

#[test]
fn the_committed_example_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.env.example");
    let committed = std::fs::read_to_string(path).unwrap();
    let renew = "cargo run -p ordo-settings --example env_example > .env.example";
    assert!(committed == settings::env_example(), ".env.example is stale; renew it with: {renew}");
}

#[test]
fn the_example_with_its_comments_removed_is_the_defaults() {
    let example = settings::env_example();
    let lines =
        example.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| line.starts_with("ORDO_"));
    let assignments: Vec<_> =
        lines.filter(|line| line.split_once('=').is_some_and(|(name, _)| !name.contains(' '))).collect();
    assert!(assignments.len() >= settings::options().count());
    let place = Place::new();
    let dotenv = Some(place.write(".env", &assignments.join("\n")));
    let given = Settings::load(Sources { dotenv, ..Sources::default() }).unwrap();
    assert_eq!(*given, *Settings::load(Sources::default()).unwrap());
}

#[test]
fn the_schema_has_every_key_and_no_other() {
    fn leaves(prefix: &str, schema: &Json, keys: &mut Vec<String>) {
        assert_eq!(schema["additionalProperties"], false, "{prefix}");
        for (name, inner) in schema["properties"].as_object().unwrap() {
            assert!(inner["description"].is_string(), "{name}");
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            if inner["type"] == "object" { leaves(&key, inner, keys) } else { keys.push(key) }
        }
    }
    let schema = settings::schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let mut keys = Vec::new();
    leaves("", &schema, &mut keys);
    let mut expected: Vec<_> = settings::options().map(|option| option.key.clone()).collect();
    keys.sort();
    expected.sort();
    assert_eq!(keys, expected);
}

#[test]
fn the_schema_says_what_loading_accepts() {
    let schema = settings::schema();
    let at = |pointer: &str| schema.pointer(pointer).cloned().unwrap_or(Json::Null);
    let http = "/properties/http/properties";
    assert_eq!(at(&format!("{http}/max_in_flight/type")), "integer");
    assert_eq!(at(&format!("{http}/max_in_flight/minimum")), 1);
    assert_eq!(at(&format!("{http}/max_in_flight/default")), 1024);
    assert_eq!(at(&format!("{http}/max_body_bytes/maximum")), 64 << 20);
    assert_eq!(at("/properties/log/properties/format/enum"), serde_json::json!(["auto", "text", "json"]));
    assert_eq!(at("/properties/allow_anonymous/default"), false);
    assert_eq!(at("/properties/retry/properties/database/properties/base/type"), "string");
    assert_eq!(at("/properties/payment_url/default"), Json::Null);
}

#[test]
fn the_reference_has_every_option_once() {
    let reference = settings::reference();
    for option in settings::options() {
        assert_eq!(
            reference.matches(&format!("| `{}` | `{}`", option.key, option.env)).count(),
            1,
            "{}",
            option.key
        );
    }
    for (name, _) in settings::CLIENT_VARIABLES {
        assert!(reference.contains(name), "{name}");
    }
    let cells = |line: &str| line.matches(" | ").count();
    assert!(
        reference
            .lines()
            .filter(|line| line.starts_with("| `") && cells(line) != 1)
            .all(|line| cells(line) == 4)
    );
}

#[test]
fn show_names_value_and_origin() {
    let place = Place::new();
    let file = Some(place.write("ordo.toml", "[http]\nrequest_timeout = \"120s\"\n"));
    let environment = variables(&[("ORDO_LOG_LEVEL", "debug")]);
    let settings = Settings::load(Sources { file, environment, ..Sources::default() }).unwrap();
    let shown = place.strip(&settings.show());
    let words = |key: &str| {
        let line = shown.lines().find(|line| line.split_whitespace().next() == Some(key)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(words("http.request_timeout"), "http.request_timeout = 2m # ordo.toml:2");
    assert_eq!(words("log.level"), "log.level = debug # environment (ORDO_LOG_LEVEL)");
    assert_eq!(words("payment_url"), "payment_url = (not set) # default");
    assert_eq!(words("breaker.failure_rate"), "breaker.failure_rate = 0.5 # default");
}
