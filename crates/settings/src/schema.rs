//! The JSON Schema of the configuration file (dialect 2020-12).

use serde_json::{Map, Value as Json, json};

use crate::index::sections;
use crate::section::Opt;
use crate::value::Shape;

/// The JSON Schema of the configuration file, for editors and `config schema`.
///
/// What the schema accepts in type, words and size is what loading accepts.
pub fn schema() -> Json {
    let mut root = table("The configuration file of ordo.");
    for section in sections() {
        let names: Vec<_> = section.key.split('.').filter(|name| !name.is_empty()).collect();
        let mut at = &mut root;
        for (depth, name) in names.iter().enumerate() {
            let doc = if depth + 1 == names.len() { section.doc.as_str() } else { "A group of tables." };
            at = property(at, name, || table(doc));
        }
        for option in &section.options {
            let name = option.key.rsplit('.').next().unwrap_or_default();
            property(at, name, || one(option));
        }
    }
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("ordo");
    root
}

fn table(doc: &str) -> Json {
    json!({ "description": doc, "type": "object", "additionalProperties": false, "properties": {} })
}

/// The property of a table, made when it is not there yet.
fn property<'a>(table: &'a mut Json, name: &str, make: impl FnOnce() -> Json) -> &'a mut Json {
    let place = &mut table["properties"][name];
    if place.is_null() {
        *place = make();
    }
    place
}

fn one(option: &Opt) -> Json {
    let mut schema = Map::new();
    schema.insert("description".into(), json!(option.doc));
    schema.insert("type".into(), types(option.shape));
    if !option.choices.is_empty() {
        schema.insert("enum".into(), json!(option.choices));
    }
    if let Some(pattern) = option.pattern {
        schema.insert("pattern".into(), json!(pattern));
    }
    if let Some((least, greatest)) = numeric_limits(option) {
        schema.insert("minimum".into(), json!(least));
        schema.insert("maximum".into(), json!(greatest));
    }
    if !option.default.is_empty() {
        schema.insert("default".into(), default(option));
    }
    Json::Object(schema)
}

fn types(shape: Shape) -> Json {
    match shape {
        Shape::Text => json!("string"),
        Shape::Integer => json!("integer"),
        Shape::Boolean => json!("boolean"),
        Shape::Size => json!(["integer", "string"]),
        Shape::Decimal => json!(["number", "string"]),
    }
}

/// The limits of values that are written as numbers; those of rates are whole.
fn numeric_limits(option: &Opt) -> Option<(u64, u64)> {
    let (least, greatest) = option.limits?;
    match option.shape {
        Shape::Integer | Shape::Size => Some((u64::try_from(least).ok()?, u64::try_from(greatest).ok()?)),
        Shape::Decimal => Some((0, 1)),
        Shape::Text | Shape::Boolean => None,
    }
}

fn default(option: &Opt) -> Json {
    match option.shape {
        Shape::Integer => option.default.parse::<u64>().map_or(Json::Null, Json::from),
        Shape::Boolean => json!(option.default == "true"),
        Shape::Text | Shape::Size | Shape::Decimal => json!(option.default),
    }
}
