//! The repository on the disk: its manifests and sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::graph::{Graph, internal};
use crate::source::Source;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn crates() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap());
    let crates = entries.filter(|entry| entry.path().join("Cargo.toml").exists());
    crates.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

pub fn manifest(name: &str) -> toml::Table {
    toml::from_str(&text(&format!("crates/{name}/Cargo.toml"))).unwrap()
}

/// The sources of a crate that are compiled into the product.
pub fn sources(name: &str) -> Vec<Source> {
    let directory = format!("crates/{name}/src");
    let (mut sources, mut tests) = (Vec::new(), Vec::new());
    for within in files(&root().join(&directory), "") {
        let path = format!("{directory}/{within}");
        let (source, tests_of) = Source::read(&path, &within, &text(&path));
        sources.push(source);
        tests.extend(tests_of);
    }
    sources.retain(|source| !tests.iter().any(|test| source.module.starts_with(test)));
    sources
}

fn files(directory: &Path, within: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap()) {
        let name = format!("{within}{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            found.extend(files(&entry.path(), &format!("{name}/")));
        } else if name.ends_with(".rs") {
            found.push(name);
        }
    }
    found.sort();
    found
}

/// The crates of this house that each crate depends on, by the name of their directory.
pub fn graph_of_manifests() -> Graph {
    let workspace: toml::Table = toml::from_str(&text("Cargo.toml")).unwrap();
    let shared = workspace["workspace"]["dependencies"].as_table().unwrap();
    let graph = crates().into_iter().map(|name| {
        let uses = internal(&manifest(&name), shared);
        (name, uses)
    });
    graph.collect()
}

/// Looks into all sources of the crates that `wanted` names; a problem is the place.
pub fn all_sources(wanted: impl Fn(&String) -> bool, look: impl Fn(&Source) -> Vec<usize>) -> Vec<String> {
    let sources = crates().into_iter().filter(|name| wanted(name)).flat_map(|name| sources(&name));
    sources
        .flat_map(|source| look(&source).into_iter().map(|at| source.place(at)).collect::<Vec<_>>())
        .collect()
}
