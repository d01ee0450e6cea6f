//! The architecture, held to ARCHITECTURE.md: the crate graph, the direction of the layers, the modules within a crate,
//! and what is deliberately absent where.
//!
//! Manifests and sources are read as text; nothing is built for it. Comments, literals and what is compiled for tests
//! alone do not count. Every check is a function of its input, and has a test beside it that sees it fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "the whole file is a test")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Who uses whom.
type Graph = BTreeMap<String, BTreeSet<String>>;
/// A module, from the crate's root.
type Module = Vec<String>;

/// The layer whose crates decide, and do nothing else.
const SERVICES: &str = "services";
/// What a service does not stand on: a runtime, a database, a network.
const NOT_FOR_SERVICES: [&str; 8] =
    ["tokio", "futures", "rusqlite", "axum", "http", "hyper", "reqwest", "prometheus-client"];
/// What the engine does not stand on.
const NOT_FOR_THE_ENGINE: [&str; 5] = ["rusqlite", "axum", "http", "hyper", "reqwest"];
/// What of the engine the API does not touch: everything that could change a state past the intake.
const NOT_FOR_THE_API: [&str; 8] =
    ["Applier", "applier", "Change", "Draft", "Store", "Transaction", "Writes", "workspace"];

// --- the checks ---------------------------------------------------------------------------------------------------

#[test]
fn the_crate_graph_is_the_one_in_the_book() {
    let book = Book::read(&text("ARCHITECTURE.md"));
    let remedy =
        "Change the [dependencies] back, or the block ```crates in ARCHITECTURE.md, and say there why.";
    hold(&differences(&book.graph(), &graph_of_manifests()), remedy);
}

#[test]
fn crates_use_only_the_layers_below_them() {
    let book = Book::read(&text("ARCHITECTURE.md"));
    let remedy =
        "Move what both need down a layer, or hand it in through a port. Layers stand in ARCHITECTURE.md.";
    hold(&upward(&book.layers, &graph_of_manifests()), remedy);
}

#[test]
fn services_do_not_know_each_other() {
    let services = Book::read(&text("ARCHITECTURE.md")).layer(SERVICES);
    let remedy =
        "What a service needs of another one comes as an event; share its data's shape in `contract`.";
    hold(&acquaintances(&services, &graph_of_manifests()), remedy);
}

#[test]
fn services_and_engine_stand_on_no_database_and_no_network() {
    let mut problems = Vec::new();
    for name in Book::read(&text("ARCHITECTURE.md")).layer(SERVICES) {
        problems.extend(forbidden(&name, &manifest(&name), &NOT_FOR_SERVICES));
    }
    problems.extend(forbidden("engine", &manifest("engine"), &NOT_FOR_THE_ENGINE));
    hold(
        &problems,
        "Put it behind a port: an effect's Performer, or a trait in queries.rs that an adapter implements.",
    );
}

#[test]
fn no_crate_has_a_module_cycle() {
    let mut problems = Vec::new();
    for name in crates() {
        problems.extend(module_cycles(&sources(&name)).iter().map(|cycle| format!("crate {name}: {cycle}")));
    }
    hold(
        &problems,
        "Move what both need into a module of its own below them, or the borrower next to the owner.",
    );
}

#[test]
fn sql_stands_in_the_store_adapters_alone() {
    let problems = all_sources(|name| !name.starts_with("store-") && name != "testkit", sql);
    hold(
        &problems,
        "Write the statement in a store adapter, behind the service's Queries port or its Tables.",
    );
}

#[test]
fn services_do_not_wait() {
    let services = Book::read(&text("ARCHITECTURE.md")).layer(SERVICES);
    let problems = all_sources(|name| services.contains(name), waits);
    hold(
        &problems,
        "Schedule an effect or a timer; its outcome comes back as a message. Only queries.rs is async.",
    );
}

#[test]
fn only_the_stores_and_the_applier_begin_and_commit() {
    let problems = all_sources(|name| !name.starts_with("store-") && name != "testkit", transacts);
    hold(&problems, "Send a message through the Intake. engine::applier is the one place that commits.");
}

#[test]
fn nothing_publishes_from_a_request() {
    let problems = all_sources(|name| name == "http", publishes);
    hold(&problems, "A request submits a command and waits for its answer; the service's Change publishes.");
}

fn hold(problems: &[String], remedy: &str) {
    assert!(problems.is_empty(), "\n\n{}\n\n{remedy}\n", problems.join("\n"));
}

// --- the crate graph ----------------------------------------------------------------------------------------------

/// What ARCHITECTURE.md says: the layers from the ground up, each with its crates and whom they use.
struct Book {
    layers: Vec<(String, Graph)>,
}

impl Book {
    /// Reads the block that begins with "```crates": `# layer`, then `crate -> crate crate` for each.
    fn read(document: &str) -> Self {
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

    fn graph(&self) -> Graph {
        self.layers.iter().flat_map(|(_, crates)| crates.clone()).collect()
    }

    fn layer(&self, name: &str) -> BTreeSet<String> {
        let (_, crates) = self.layers.iter().find(|(layer, _)| layer == name).expect("the layer is there");
        crates.keys().cloned().collect()
    }
}

fn differences(stated: &Graph, found: &Graph) -> Vec<String> {
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

fn upward(layers: &[(String, Graph)], found: &Graph) -> Vec<String> {
    let level = |name: &String| layers.iter().position(|(_, crates)| crates.contains_key(name));
    let mut problems = Vec::new();
    for (name, uses) in found {
        let not_below = uses.iter().filter(|used| level(used) >= level(name));
        problems
            .extend(not_below.map(|used| format!("{name} uses {used}, which is not in a layer below it")));
    }
    problems
}

fn acquaintances(services: &BTreeSet<String>, found: &Graph) -> Vec<String> {
    let mut problems = Vec::new();
    for name in services {
        let known = found.get(name).into_iter().flatten().filter(|used| services.contains(*used));
        problems.extend(known.map(|used| format!("the service {name} depends on the service {used}")));
    }
    problems
}

fn forbidden(name: &str, manifest: &toml::Table, banned: &[&str]) -> Vec<String> {
    let dependencies = dependencies(manifest);
    let found = banned.iter().filter(|banned| dependencies.contains_key(**banned));
    found.map(|banned| format!("{name} depends on {banned}")).collect()
}

/// The crates of this house that each crate depends on, by the name of their directory.
fn graph_of_manifests() -> Graph {
    let workspace: toml::Table = toml::from_str(&text("Cargo.toml")).unwrap();
    let shared = workspace["workspace"]["dependencies"].as_table().unwrap();
    let graph = crates().into_iter().map(|name| {
        let uses = internal(&manifest(&name), shared);
        (name, uses)
    });
    graph.collect()
}

fn internal(manifest: &toml::Table, shared: &toml::Table) -> BTreeSet<String> {
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

// --- modules ------------------------------------------------------------------------------------------------------

/// The shortest cycle through each module, among the modules of one parent. That a parent and its child use each other
/// is no cycle: the child is a part of it.
fn module_cycles(sources: &[Source]) -> BTreeSet<String> {
    let modules: BTreeSet<&Module> = sources.iter().map(|source| &source.module).collect();
    let reexports = reexports(sources, &modules);
    let mut siblings: BTreeMap<Module, Graph> = BTreeMap::new();
    for source in sources {
        for path in source.paths() {
            let used = owner(path, &modules, &reexports);
            let common = source.module.iter().zip(&used).take_while(|(one, other)| one == other).count();
            if let (Some(user), Some(used)) = (source.module.get(common), used.get(common)) {
                let graph = siblings.entry(source.module[..common].to_vec()).or_default();
                graph.entry(user.clone()).or_default().insert(used.clone());
            }
        }
    }
    let mut cycles = BTreeSet::new();
    for (parent, graph) in &siblings {
        let prefix: String = parent.iter().map(|name| format!("{name}::")).collect();
        let found = graph.keys().filter_map(|name| cycle(graph, name));
        cycles.extend(found.map(|cycle| format!("{prefix}{{{}}}", cycle.join(" -> "))));
    }
    cycles
}

/// The shortest way from `start` back to it, beginning with its least name, so that it is the same from everywhere.
fn cycle<'g>(graph: &'g Graph, start: &'g str) -> Option<Vec<&'g str>> {
    let mut ways: VecDeque<Vec<&'g str>> = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in graph.get(*way.last()?).into_iter().flatten().map(String::as_str) {
            if next == start {
                let least = (0..way.len()).min_by_key(|at| way[*at])?;
                return Some(way.iter().copied().cycle().skip(least).take(way.len() + 1).collect());
            }
            if seen.insert(next) {
                ways.push_back([way.as_slice(), &[next]].concat());
            }
        }
    }
    None
}

/// Names that a module lends to its children: `pub use child::Name` makes `parent::Name` the child's.
fn reexports(sources: &[Source], modules: &BTreeSet<&Module>) -> BTreeMap<Module, Module> {
    let mut lent = BTreeMap::new();
    for source in sources {
        for (at, _) in source.code.match_indices("use ").filter(|(at, _)| is_public(&source.code[..*at])) {
            for path in use_tree(&source.code[at + 4..]).0 {
                let [child, .., name] = path.as_slice() else { continue };
                if modules.contains(&source.child(child)) {
                    let home = [source.module.as_slice(), &path[..path.len() - 1]].concat();
                    lent.insert(source.child(name), home);
                }
            }
        }
    }
    lent
}

fn is_public(before: &str) -> bool {
    let before = before.trim_end();
    before.ends_with("pub") || before.ends_with("pub(crate)") || before.ends_with("pub(super)")
}

/// The module that what `path` names belongs to.
fn owner(mut path: Module, modules: &BTreeSet<&Module>, reexports: &BTreeMap<Module, Module>) -> Module {
    while !path.is_empty() && !modules.contains(&path) {
        match reexports.get(&path) {
            Some(home) => path.clone_from(home),
            None => drop(path.pop()),
        }
    }
    path
}

// --- what is absent -----------------------------------------------------------------------------------------------

fn sql(source: &Source) -> Vec<usize> {
    source.literals.iter().filter(|(_, literal)| is_sql(literal)).map(|(at, _)| *at).collect()
}

fn is_sql(literal: &str) -> bool {
    let words = literal.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let begins = |with: &[&str]| with.iter().any(|with| words.starts_with(with));
    begins(&[
        "insert into ",
        "insert or ",
        "delete from ",
        "create table ",
        "create index ",
        "create unique ",
        "pragma ",
    ]) || begins(&["begin immediate", "begin transaction"])
        || (begins(&["select "]) && words.contains(" from "))
        || (begins(&["update "]) && words.contains(" set "))
        || ["begin", "commit", "rollback"].contains(&words.trim_end_matches(';'))
}

fn waits(source: &Source) -> Vec<usize> {
    let ends = |(at, word): &(usize, &str)| !source.code[at + word.len()..].starts_with(is_word);
    let awaits = source.code.match_indices(".await").filter(ends).map(|(at, _)| at);
    let functions = source.code.match_indices("async ").map(|(at, _)| at);
    awaits.chain(functions.filter(|_| !source.path.ends_with("/queries.rs"))).collect()
}

fn transacts(source: &Source) -> Vec<usize> {
    if source.path.ends_with("engine/src/applier.rs") || source.path.ends_with("engine/src/faults.rs") {
        return Vec::new();
    }
    let calls = [".begin()", ".commit()"].into_iter().flat_map(|call| source.code.match_indices(call));
    let awaited =
        calls.filter(|(at, call)| source.code[at + call.len()..].trim_start().starts_with(".await"));
    awaited.map(|(at, _)| at).collect()
}

fn publishes(source: &Source) -> Vec<usize> {
    let mut named = source.mentions("engine");
    named.retain(|(_, path)| path.iter().any(|name| NOT_FOR_THE_API.contains(&name.as_str())));
    named.into_iter().map(|(at, _)| at).collect()
}

/// Looks into all sources of the crates that `wanted` names; a problem is the place.
fn all_sources(wanted: impl Fn(&String) -> bool, look: impl Fn(&Source) -> Vec<usize>) -> Vec<String> {
    let sources = crates().into_iter().filter(|name| wanted(name)).flat_map(|name| sources(&name));
    sources
        .flat_map(|source| look(&source).into_iter().map(|at| source.place(at)).collect::<Vec<_>>())
        .collect()
}

// --- sources ------------------------------------------------------------------------------------------------------

/// A file of a crate, without comments and tests.
struct Source {
    /// From the repository's root.
    path: String,
    module: Module,
    /// The text with comments, literals and tests blanked, so that offsets and lines stay.
    code: String,
    /// String literals with the offsets where they begin.
    literals: Vec<(usize, String)>,
}

impl Source {
    /// Reads `text`. `path` is from the repository's root, `within` from the crate's `src`. Answers also the modules
    /// it declares for tests alone.
    fn read(path: &str, within: &str, text: &str) -> (Self, Vec<Module>) {
        let module = module_of(within);
        let (mut code, mut literals) = (text.to_owned(), Vec::new());
        let mut at = 0;
        while at < text.len() {
            let (length, kind) = token(text, at);
            if kind != Token::Code {
                blank(&mut code, at..at + length);
            }
            if kind == Token::Text {
                let literal = text[at..at + length].trim_start_matches(['b', 'r', '#']).trim_end_matches('#');
                literals.push((at, literal.trim_matches('"').to_owned()));
            }
            at += length;
        }
        let mut source = Self { path: path.to_owned(), module, code, literals };
        let mut tests = Vec::new();
        while let Some(start) = source.code.find("#[cfg(test)]") {
            let end = start + item_length(&source.code[start..]);
            let declared =
                source.code[start..end].trim_end_matches(';').rsplit_once("mod ").map(|(_, name)| name);
            tests.extend(declared.filter(|name| name.chars().all(is_word)).map(|name| source.child(name)));
            source.literals.retain(|(at, _)| !(start..end).contains(at));
            blank(&mut source.code, start..end);
        }
        (source, tests)
    }

    fn child(&self, name: &str) -> Module {
        [self.module.as_slice(), &[name.to_owned()]].concat()
    }

    /// What follows `root::`, wherever that is written, with its place.
    fn mentions(&self, root: &str) -> Vec<(usize, Module)> {
        let root = format!("{root}::");
        let mut mentions = Vec::new();
        for (at, _) in self.code.match_indices(&root) {
            if !self.code[..at].ends_with(|before: char| is_word(before) || before == ':') {
                let (paths, _) = use_tree(&self.code[at + root.len()..]);
                mentions.extend(paths.into_iter().map(|path| (at, path)));
            }
        }
        mentions
    }

    /// The paths into its own crate that it names, from the root.
    fn paths(&self) -> Vec<Module> {
        let parent = &self.module[..self.module.len().saturating_sub(1)];
        let mut paths = Vec::new();
        for (root, base) in [("crate", &parent[..0]), ("super", parent), ("self", self.module.as_slice())] {
            for (_, path) in self.mentions(root) {
                let ups = path.iter().take_while(|name| *name == "super").count();
                paths.push([&base[..base.len().saturating_sub(ups)], &path[ups..]].concat());
            }
        }
        paths
    }

    fn place(&self, at: usize) -> String {
        let line = self.code[..at].matches('\n').count() + 1;
        format!("{}:{line}", self.path)
    }
}

fn module_of(within: &str) -> Module {
    let mut module: Module = within.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    let is_root = module.len() == 1 && (within == "lib.rs" || within == "main.rs");
    if is_root || module.last().is_some_and(|name| name == "mod") {
        module.pop();
    }
    module
}

/// The paths of the use-tree, or of the one path, that `text` begins with, and the text behind it.
fn use_tree(text: &str) -> (Vec<Module>, &str) {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('{') {
        return use_list(rest);
    }
    let (word, rest) = text.split_at(text.find(|letter: char| !is_word(letter)).unwrap_or(text.len()));
    if word.is_empty() {
        return (vec![Module::new()], rest.strip_prefix('*').unwrap_or(rest));
    }
    let Some(below) = rest.strip_prefix("::") else { return (vec![vec![word.to_owned()]], rest) };
    let (paths, rest) = use_tree(below);
    (paths.into_iter().map(|path| [vec![word.to_owned()], path].concat()).collect(), rest)
}

fn use_list(text: &str) -> (Vec<Module>, &str) {
    let (mut all, mut rest) = (Vec::new(), text.trim_start());
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix('}') {
            return (all, behind);
        }
        let (paths, behind) = use_tree(rest);
        all.extend(paths);
        // An `as name` is passed over.
        let behind = &behind[behind.find([',', '}']).unwrap_or(behind.len())..];
        rest = behind.strip_prefix(',').unwrap_or(behind).trim_start();
    }
    (all, rest)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Code,
    Comment,
    Letter,
    Text,
}

/// What stands at `at`, and its length in bytes.
fn token(text: &str, at: usize) -> (usize, Token) {
    let rest = &text[at..];
    let first = rest.chars().next().map_or(1, char::len_utf8);
    if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), Token::Comment)
    } else if rest.starts_with("/*") {
        (comment_length(rest), Token::Comment)
    } else if let (false, Some(length)) = (text[..at].ends_with(is_word), raw_length(rest)) {
        (length, Token::Text)
    } else if rest.starts_with('"') {
        (quoted_length(rest, '"').unwrap_or(rest.len()), Token::Text)
    } else if rest.starts_with('\'') {
        letter_length(rest).map_or((first, Token::Code), |length| (length, Token::Letter))
    } else {
        (first, Token::Code)
    }
}

fn comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

fn raw_length(text: &str) -> Option<usize> {
    let marked = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let quoted = marked.trim_start_matches('#');
    let inner = quoted.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marked.len() - quoted.len()));
    Some(text.len() - inner.len() + inner.find(&end)? + end.len())
}

fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == quote && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| at + 1)
}

/// A character literal and not a lifetime: one letter, or an escape, between two quotes.
fn letter_length(text: &str) -> Option<usize> {
    let length = quoted_length(text, '\'')?;
    let inner = &text[1..length - 1];
    (inner.starts_with('\\') || inner.chars().count() == 1).then_some(length)
}

/// An item with its attributes: up to its semicolon, or to the end of its braces.
fn item_length(text: &str) -> usize {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (letter == ';' || letter == '}') {
            return at + 1;
        }
    }
    text.len()
}

fn blank(code: &mut String, range: Range<usize>) {
    let blanked: String =
        code[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    code.replace_range(range, &blanked);
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

// --- the disk -----------------------------------------------------------------------------------------------------

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn crates() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap());
    let crates = entries.filter(|entry| entry.path().join("Cargo.toml").exists());
    crates.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn manifest(name: &str) -> toml::Table {
    toml::from_str(&text(&format!("crates/{name}/Cargo.toml"))).unwrap()
}

/// The sources of a crate that are compiled into the product.
fn sources(name: &str) -> Vec<Source> {
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

// --- the checks, seen to fail -------------------------------------------------------------------------------------

mod broken {
    use super::*;

    const BOOK: &str =
        "```crates\n# ground\nbase ->\n# services\none -> base\ntwo -> base\n# top\nall -> one two\n```\n";

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        let uses =
            |used: &[&str]| -> BTreeSet<String> { used.iter().map(|used| (*used).to_owned()).collect() };
        edges.iter().map(|(name, used)| ((*name).to_owned(), uses(used))).collect()
    }

    fn source(within: &str, text: &str) -> Source {
        Source::read(&format!("crates/x/src/{within}"), within, text).0
    }

    #[test]
    fn a_dependency_the_book_does_not_say_is_found_and_one_it_only_says() {
        let book = Book::read(BOOK);
        let found = graph(&[
            ("base", &[]),
            ("one", &["base", "two"]),
            ("two", &[]),
            ("all", &["one", "two"]),
            ("new", &[]),
        ]);
        let problems = differences(&book.graph(), &found);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(differences(&book.graph(), &book.graph()).is_empty());
    }

    #[test]
    fn a_step_up_or_aside_is_found() {
        let book = Book::read(BOOK);
        let found =
            graph(&[("base", &["all"]), ("one", &["two"]), ("two", &["base"]), ("all", &["base", "one"])]);
        assert_eq!(upward(&book.layers, &found).len(), 2);
        assert_eq!(
            acquaintances(&book.layer("services"), &found),
            ["the service one depends on the service two"]
        );
    }

    #[test]
    fn a_manifest_tells_the_house_from_the_world() {
        let shared: toml::Table = toml::from_str("near = { path = 'crates/nearby' }\nserde = '1'").unwrap();
        let manifest = "[dependencies]\nnear.workspace = true\nserde.workspace = true\ntokio = '1'\n[dev-dependencies]\nfar = { path = '../far' }";
        let manifest: toml::Table = toml::from_str(manifest).unwrap();
        assert_eq!(internal(&manifest, &shared).into_iter().collect::<Vec<_>>(), ["nearby"]);
        assert_eq!(forbidden("one", &manifest, &NOT_FOR_SERVICES), ["one depends on tokio"]);
    }

    #[test]
    fn a_module_cycle_is_found_through_lists_and_lent_names() {
        let sources = [
            source("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::{Apple, Other as Pear};\n"),
            source("a.rs", "use crate::{c, b::{Bread, Butter}};\n"),
            source("b.rs", "fn f(apple: super::Apple) {}\n"),
            source("c.rs", "use std::fmt;\n"),
        ];
        assert_eq!(module_cycles(&sources).into_iter().collect::<Vec<_>>(), ["{a -> b -> a}"]);
        assert!(module_cycles(&sources[..2]).is_empty());
    }

    #[test]
    fn a_cycle_below_is_found_and_a_parent_with_its_child_is_none() {
        let sources = [
            source("p/mod.rs", "pub use x::Ex;\n"),
            source("p/x.rs", "use super::y;\nuse crate::p;\n"),
            source("p/y.rs", "use super::Ex;\nuse crate::q::Q;\n"),
            source("q.rs", "use self::r::R;\n"),
        ];
        assert_eq!(module_cycles(&sources).into_iter().collect::<Vec<_>>(), ["p::{x -> y -> x}"]);
    }

    #[test]
    fn comments_literals_and_tests_do_not_count() {
        let text = "// crate::a\n/* crate::b /* */ crate::c */\nconst S: &str = r#\"crate::d \"\"#;\nfn f<'a>(c: char) -> bool { c == '\"' }\n\
                    use crate::e::E;\n#[cfg(test)]\nmod tests {\n    use crate::g;\n    const Q: &str = \"SELECT a FROM b\";\n}\n#[cfg(test)]\nmod table;\n";
        let (source, tests) = Source::read("crates/x/src/m.rs", "m.rs", text);
        assert_eq!(source.paths(), [["e", "E"]]);
        assert_eq!(source.literals.len(), 1);
        assert!(tests.contains(&vec!["m".to_owned(), "table".to_owned()]), "{tests:?}");
    }

    #[test]
    fn sql_is_told_from_prose() {
        for sql in [
            "SELECT a\n  FROM b",
            "update orders set a = 1",
            "INSERT INTO t VALUES (1)",
            "BEGIN IMMEDIATE",
            "commit",
        ] {
            assert!(is_sql(sql), "{sql}");
        }
        for prose in ["select one of them", "update the settings", "begin with a letter", "it cannot commit"]
        {
            assert!(!is_sql(prose), "{prose}");
        }
        assert_eq!(sql(&source("a.rs", "\nlet q = \"DELETE FROM orders\";")), [9]);
    }

    #[test]
    fn a_service_that_waits_is_found() {
        assert_eq!(waits(&source("service.rs", "async fn f() { g().await }")).len(), 2);
        assert_eq!(waits(&source("queries.rs", "async fn order(&self);")).len(), 0);
        assert_eq!(waits(&source("service.rs", "order.awaits.is_empty()")).len(), 0);
        assert_eq!(waits(&source("queries.rs", "async fn order(&self) { g().await }")).len(), 1);
    }

    #[test]
    fn a_transaction_elsewhere_is_found() {
        let text = "let tx = store.begin()\n    .await?;\nself.begin(draft);\ntx.commit().await";
        assert_eq!(transacts(&source("a.rs", text)).len(), 2);
    }

    #[test]
    fn an_api_that_writes_is_found() {
        let text =
            "use engine::{Fault, store::Transaction};\nuse engine::Intake;\nfn f() -> engine::Change<S> {}";
        let source = source("place.rs", text);
        let places: Vec<_> = publishes(&source).into_iter().map(|at| source.place(at)).collect();
        assert_eq!(places, ["crates/x/src/place.rs:1", "crates/x/src/place.rs:3"]);
    }
}
