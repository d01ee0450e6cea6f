//! Every event has a sample, and what was ever a sample is still understood.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{KINDS, Kind};

/// Where the types of events are named.
const EVENTS: &str = include_str!("../events.rs");
/// The samples that stay, with the hashes of their content, as `sha256sum` writes them.
const FROZEN: &str = include_str!("../../samples/frozen.sha256");

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// The types that are named in `events.rs`.
fn constants() -> BTreeSet<&'static str> {
    let lines = EVENTS.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""));
    // A type is made of two words; other names, such as those of steps, are of one.
    lines.map(|(_, rest)| rest.split('"').next().unwrap()).filter(|name| name.contains('.')).collect()
}

/// JSON without the blanks between its parts. Numbers stay as they were written.
fn compact(text: &str) -> String {
    let (mut is_string, mut is_escaped) = (false, false);
    let is_part = |letter: &char| {
        let is_kept = is_string || !letter.is_ascii_whitespace();
        if *letter == '"' && !is_escaped {
            is_string = !is_string;
        }
        is_escaped = is_string && *letter == '\\' && !is_escaped;
        is_kept
    };
    text.chars().filter(is_part).collect()
}

/// Adds a field that nobody knows yet to each object.
fn extend(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(extend);
            fields.insert("added_later".to_owned(), json!({"by": ["somebody"]}));
        }
        Value::Array(items) => items.iter_mut().for_each(extend),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Which fields there are, at whatever depth.
fn fields(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(inner) => {
            for (name, value) in inner {
                found.insert(format!("{at}/{name}"));
                fields(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, at, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn fields_of(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    fields(&serde_json::from_str(text).unwrap(), "", &mut found);
    found
}

/// The samples that stay: version, name of the event, content; oldest version first.
fn frozen() -> Vec<(u32, &'static Kind, String)> {
    let mut frozen = Vec::new();
    for line in FROZEN.lines() {
        let (hash, path) = line.split_once("  ").unwrap();
        let (version, file) = path.strip_prefix('v').and_then(|path| path.split_once('/')).unwrap();
        let content = fs::read_to_string(samples().join(path))
            .unwrap_or_else(|error| panic!("{path} is to stay for ever: {error}"));
        let mut found = String::new();
        Sha256::digest(&content).iter().for_each(|byte| write!(found, "{byte:02x}").unwrap());
        assert_eq!(found, hash, "{path} was changed; put it back, and make a new version beside it");
        let name = file.strip_suffix(".json").unwrap();
        let kind = Kind::of(name).unwrap_or_else(|| panic!("{name} is still in logs and topics"));
        frozen.push((version.parse().unwrap(), kind, content));
    }
    frozen.sort_by_key(|(version, ..)| *version);
    frozen
}

#[test]
fn every_event_is_described_and_has_a_sample() {
    let described: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(described.len(), KINDS.len(), "none twice");
    assert_eq!(described, constants(), "name it in KINDS, and put its sample into samples/<type>.json");
    for entry in fs::read_dir(samples()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_known = name.strip_suffix(".json").is_none_or(|name| described.contains(name));
        assert!(is_known, "samples/{name} is of no event");
    }
}

#[test]
fn a_sample_is_read_and_written_again_to_the_letter() {
    for kind in KINDS {
        let sample = compact(kind.sample);
        let written = (kind.reread)(kind.sample).unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        assert_eq!(written, sample, "{}", kind.name);
        let event_type = format!(r#"{{"event_type":"{}","#, kind.name);
        assert!(sample.starts_with(&event_type), "{} begins with its type: {sample}", kind.name);
    }
}

#[test]
fn what_is_added_later_disturbs_nobody() {
    for kind in KINDS {
        let mut extended: Value = serde_json::from_str(kind.sample).unwrap();
        extend(&mut extended);
        // Numbers lose their zeros on the way, so what is compared went the same way.
        let plain: Value = serde_json::from_str(kind.sample).unwrap();
        let written = (kind.reread)(&extended.to_string()).unwrap();
        assert_eq!(written, (kind.reread)(&plain.to_string()).unwrap(), "{}", kind.name);
    }
}

#[test]
fn what_was_ever_a_sample_is_still_understood() {
    for (version, kind, content) in frozen() {
        let written = (kind.reread)(&content);
        let written = written.unwrap_or_else(|error| panic!("v{version} of {}: {error}", kind.name));
        let lost: Vec<_> = fields_of(&content).difference(&fields_of(&written)).cloned().collect();
        assert!(lost.is_empty(), "v{version} of {}: {lost:?} are not understood any more", kind.name);
    }
}

#[test]
fn todays_sample_is_among_those_that_stay() {
    let frozen = frozen();
    for kind in KINDS {
        let newest = frozen.iter().rfind(|(_, known, _)| known.name == kind.name);
        let version = newest.map_or(1, |(version, ..)| version + 1);
        let is_kept = newest.is_some_and(|(_, _, content)| fields_of(content) == fields_of(kind.sample));
        let file = format!("v{version}/{}.json", kind.name);
        assert!(
            is_kept,
            "{} has other fields than before, or is new. In crates/contract/samples: mkdir -p v{version} && \
             cp {}.json {file} && sha256sum {file} >> frozen.sha256",
            kind.name, kind.name,
        );
    }
}

#[test]
fn blanks_within_strings_are_kept() {
    assert_eq!(compact("{ \"a b\" :\n[1.50, \"c \\\" d\"] }"), r#"{"a b":[1.50,"c \" d"]}"#);
}
