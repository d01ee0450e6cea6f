//! Cycles among the modules of a crate.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::graph::Graph;
use crate::source::{Module, Source, use_tree};

/// The shortest cycle through each module, among the modules of one parent. That a parent and its child use each other
/// is no cycle: the child is a part of it.
pub fn module_cycles(sources: &[Source]) -> BTreeSet<String> {
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
