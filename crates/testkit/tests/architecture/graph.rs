//! The crate graph: what the book says of it, what the manifests say, and where the two part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Who uses whom.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// What ARCHITECTURE.md says: the layers from the ground up, each with its crates and whom they use.
pub struct Book {
    /// From the ground up.
    pub layers: Vec<(String, Graph)>,
}

impl Book {
    /// Reads the block that begins with "```crates": `# layer`, then `crate -> crate crate` for each.
    pub fn read(document: &str) -> Self {
        let block = document.lines().skip_while(|line| *line != "```crates").skip(1);
        let mut layers: Vec<(String, Graph)> = Vec::new();
        for line in block.take_while(|line| *line != "```").filter(|line| !line.trim().is_empty()) {
            if let Some(layer) = line.strip_prefix("# ") {
                layers.push((layer.to_owned(), Graph::new()));
                continue;
            }
            let (name, uses) = line.split_once("->").unwrap_or_else(|| panic!("'{line}' has no ->"));
            let uses = uses.split_whitespace().map(str::to_owned).collect();
            let (_, layer) = layers.last_mut().expect("the block ```crates begins with a '# layer'");
            layer.insert(name.trim().to_owned(), uses);
        }
        assert!(!layers.is_empty(), "ARCHITECTURE.md has no block ```crates");
        Self { layers }
    }

    pub fn graph(&self) -> Graph {
        self.layers.iter().flat_map(|(_, crates)| crates.clone()).collect()
    }

    pub fn layer(&self, name: &str) -> BTreeSet<String> {
        let (_, crates) = self.layers.iter().find(|(layer, _)| layer == name).expect("the layer is there");
        crates.keys().cloned().collect()
    }
}

pub fn differences(stated: &Graph, found: &Graph) -> Vec<String> {
    let nothing = BTreeSet::new();
    let names: BTreeSet<_> = stated.keys().chain(found.keys()).collect();
    let mut problems = Vec::new();
    for name in names {
        match (stated.contains_key(name), found.contains_key(name)) {
            (true, false) => problems.push(format!("crate {name} is in ARCHITECTURE.md and not in crates/")),
            (false, true) => problems.push(format!("crate {name} is not in ARCHITECTURE.md")),
            _ => {}
        }
        let (stated, found) = (stated.get(name).unwrap_or(&nothing), found.get(name).unwrap_or(&nothing));
        let undeclared =
            found.difference(stated).map(|used| format!("{name} uses {used}, which the book does not say"));
        let idle =
            stated.difference(found).map(|used| format!("{name} does not use {used}, which the book says"));
        problems.extend(undeclared.chain(idle));
    }
    problems
}

pub fn upward(layers: &[(String, Graph)], found: &Graph) -> Vec<String> {
    let level = |name: &String| layers.iter().position(|(_, crates)| crates.contains_key(name));
    let mut problems = Vec::new();
    for (name, uses) in found {
        let not_below = uses.iter().filter(|used| level(used) >= level(name));
        problems
            .extend(not_below.map(|used| format!("{name} uses {used}, which is not in a layer below it")));
    }
    problems
}

pub fn acquaintances(services: &BTreeSet<String>, found: &Graph) -> Vec<String> {
    let mut problems = Vec::new();
    for name in services {
        let known = found.get(name).into_iter().flatten().filter(|used| services.contains(*used));
        problems.extend(known.map(|used| format!("the service {name} depends on the service {used}")));
    }
    problems
}

pub fn forbidden(name: &str, manifest: &toml::Table, banned: &[&str]) -> Vec<String> {
    let dependencies = dependencies(manifest);
    let found = banned.iter().filter(|banned| dependencies.contains_key(**banned));
    found.map(|banned| format!("{name} depends on {banned}")).collect()
}

pub fn internal(manifest: &toml::Table, shared: &toml::Table) -> BTreeSet<String> {
    let own = dependencies(manifest);
    let directory = |(key, value): (&String, &toml::Value)| {
        let path = value.get("path").or_else(|| shared.get(key)?.get("path"))?;
        Some(Path::new(path.as_str()?).file_name()?.to_str()?.to_owned())
    };
    own.iter().filter_map(directory).collect()
}

fn dependencies(manifest: &toml::Table) -> toml::Table {
    manifest.get("dependencies").and_then(toml::Value::as_table).cloned().unwrap_or_default()
}
