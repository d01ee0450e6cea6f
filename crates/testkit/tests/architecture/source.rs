//! A source file: its module, the paths it names, its literals.

use crate::token::{Token, blank, is_word, item_length, token};

/// A module, from the crate's root.
pub type Module = Vec<String>;

/// A file of a crate, without comments and tests.
pub struct Source {
    /// From the repository's root.
    pub path: String,
    pub module: Module,
    /// The text with comments, literals and tests blanked, so that offsets and lines stay.
    pub code: String,
    /// String literals with the offsets where they begin.
    pub literals: Vec<(usize, String)>,
}

impl Source {
    /// Reads `text`. `path` is from the repository's root, `within` from the crate's `src`. Answers also the modules
    /// it declares for tests alone.
    pub fn read(path: &str, within: &str, text: &str) -> (Self, Vec<Module>) {
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

    pub fn child(&self, name: &str) -> Module {
        [self.module.as_slice(), &[name.to_owned()]].concat()
    }

    /// What follows `root::`, wherever that is written, with its place.
    pub fn mentions(&self, root: &str) -> Vec<(usize, Module)> {
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
    pub fn paths(&self) -> Vec<Module> {
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

    pub fn place(&self, at: usize) -> String {
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
pub fn use_tree(text: &str) -> (Vec<Module>, &str) {
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
