//! The events, to be read: the AsyncAPI document as one page, without a script.

use contract::Kind;
use serde_json::Value;

/// It styles itself, and loads nothing.
pub(super) const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ordo events</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem }
h2 { border-top: 1px solid; margin-top: 3rem; padding-top: 1rem }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; border-radius: .25rem; font-size: .85rem }
td { vertical-align: top; padding-right: 1rem }
</style>
</head>
<body>
"#;

/// The page about the document.
pub(super) fn html(document: &Value) -> String {
    let mut page = HEAD.to_owned();
    page.push_str(&format!("<h1>{}</h1>\n", escaped(text(&document["info"]["title"]))));
    page.push_str(&format!("<p>{}</p>\n", escaped(text(&document["info"]["description"]))));
    page.push_str(
        "<p>For programs: <a href=\"/asyncapi.json\">/asyncapi.json</a> (AsyncAPI 3.0). The API: <a href=\"/docs\">/docs</a>.</p>\n",
    );
    for (name, channel) in entries(&document["channels"]) {
        page.push_str(&channel_section(document, name, channel));
    }
    page.push_str(&headers_section(document));
    page.push_str("</body>\n</html>\n");
    page
}

fn channel_section(document: &Value, name: &str, channel: &Value) -> String {
    let (id, description) = (escaped(name), escaped(text(&channel["description"])));
    let mut section = format!("<h2 id=\"{id}\">{id}</h2>\n<p>{description}</p>\n");
    section.push_str(&operations(document, name));
    for (kind, _) in entries(&channel["messages"]) {
        section.push_str(&message_section(document, &document["components"]["messages"][kind]));
    }
    section
}

/// Who publishes to a channel, and who reads what of it.
fn operations(document: &Value, channel: &str) -> String {
    let reference = format!("#/channels/{channel}");
    let mut list = "<ul>\n".to_owned();
    for (_, operation) in entries(&document["operations"]) {
        if operation["channel"]["$ref"] == *reference {
            let kinds: Vec<_> = items(&operation["messages"]).map(|message| last(&message["$ref"])).collect();
            let summary = escaped(text(&operation["summary"]));
            list.push_str(&format!("<li>{summary} {}</li>\n", escaped(&kinds.join(", "))));
        }
    }
    list + "</ul>\n"
}

fn message_section(document: &Value, message: &Value) -> String {
    let name = escaped(text(&message["name"]));
    let title = escaped(text(&message["title"]));
    let mut section = format!("<h3 id=\"{name}\">{name}</h3>\n<p>{title}</p>\n");
    section.push_str(&format!("<p>{}</p>\n", escaped(text(&message["description"]))));
    let schema = last(&message["payload"]["allOf"][0]["$ref"]);
    section.push_str(&fields(&document["components"]["schemas"][schema]));
    for sample in samples(message) {
        section.push_str(&format!("<pre>{}</pre>\n", escaped(&sample)));
    }
    section
}

/// What messages look like. Those of ours to the letter: a document is read once more, which costs amounts their zeros.
fn samples(message: &Value) -> Vec<String> {
    match Kind::of(text(&message["name"])) {
        Some(kind) => vec![kind.sample.trim_end().to_owned()],
        None => items(&message["examples"]).map(|example| format!("{:#}", example["payload"])).collect(),
    }
}

fn headers_section(document: &Value) -> String {
    let mut section = "<h2 id=\"headers\">Headers</h2>\n".to_owned();
    for schema in ["KafkaHeaders", "RabbitMqHeaders"] {
        let schema = &document["components"]["schemas"][schema];
        section.push_str(&format!("<p>{}</p>\n", escaped(text(&schema["description"]))));
        section.push_str(&fields(schema));
    }
    section
}

/// The fields of an object, and what is said about them.
fn fields(schema: &Value) -> String {
    let mut table = "<table>\n".to_owned();
    for (name, field) in entries(&schema["properties"]) {
        let description = escaped(text(&field["description"]));
        table.push_str(&format!("<tr><td><code>{}</code></td><td>{description}</td></tr>\n", escaped(name)));
    }
    table + "</table>\n"
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What a reference leads to, by its own name.
fn last(reference: &Value) -> &str {
    text(reference).rsplit('/').next().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Shop, get};

    #[tokio::test]
    async fn it_tells_of_every_event_and_loads_nothing() {
        let page = Shop::new().ask(get(super::super::EVENTS_PAGE)).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        for kind in contract::KINDS {
            assert!(page.text().contains(&format!("<h3 id=\"{0}\">{0}</h3>", kind.name)), "{}", kind.name);
        }
        for loaded in ["<script", "src=", "http://", "https://"] {
            assert!(!page.text().contains(loaded), "{loaded}");
        }
    }

    #[tokio::test]
    async fn who_reads_the_api_finds_it() {
        let document = Shop::new().ask(get("/openapi.json")).await.json();
        assert_eq!(document["externalDocs"]["url"], super::super::EVENTS_PAGE);
    }

    #[test]
    fn what_is_said_cannot_become_markup() {
        let document = serde_json::json!({"channels": {"<a>": {"description": "\"<b>\" & c"}}});
        let page = html(&document);
        assert!(page.contains("&lt;a&gt;") && page.contains("&quot;&lt;b&gt;&quot; &amp; c"), "{page}");
    }
}
