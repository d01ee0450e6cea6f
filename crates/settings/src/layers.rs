//! The layers laid over each other: for each option the strongest value that was given.

use std::collections::BTreeMap;
use std::path::Path;

use crate::dotenv;
use crate::error::{Origin, Problem};
use crate::file;
use crate::given::Given;
use crate::index::{by_env, by_key, options};
use crate::nearest::nearest;
use crate::sources::Sources;
use crate::value::Form;

/// Variables that belong to clients and tests of ordo, not to the configuration, with their meaning.
pub const CLIENT_VARIABLES: &[(&str, &str)] = &[
    ("ORDO_URL", "The server that the command line talks to."),
    ("ORDO_CONFIG", "The configuration file; otherwise ordo.toml in the working directory, if there is one."),
    ("ORDO_CRASH_AT", "For tests: where the process is to kill itself."),
];

/// What was given, by key of the option, and what is wrong with it so far.
#[derive(Default)]
pub(crate) struct Layers {
    pub given: BTreeMap<&'static str, Given>,
    pub problems: Vec<Problem>,
}

/// Lays the sources over each other, the weakest first.
pub(crate) fn gather(sources: Sources) -> Layers {
    let mut layers = Layers::default();
    if let Some(path) = &sources.file {
        layers.add_file(path);
    }
    if let Some(path) = &sources.dotenv {
        layers.add_dotenv(path);
    }
    let environment = sources.environment.iter();
    layers
        .add_variables(environment.map(|(name, value)| {
            (name.as_str(), value.as_str(), Origin::Environment { name: name.clone() })
        }));
    for (key, text) in sources.flags {
        let origin = Origin::Flag { key: key.clone() };
        layers.add_key(&key, Given { text, form: Form::Free, origin });
    }
    layers
}

impl Layers {
    fn add_file(&mut self, path: &Path) {
        let Some(text) = self.text_of(path, None) else { return };
        match file::parse(&text) {
            Ok(entries) => {
                for file::Entry { key, line, text, form } in entries {
                    let origin = Origin::File { path: path.to_owned(), line };
                    self.add_key(&key, Given { text, form, origin });
                }
            }
            Err(faults) => self.problems.extend(faults.into_iter().map(|(line, why)| Problem::Malformed {
                path: path.to_owned(),
                line,
                why,
            })),
        }
    }

    fn add_dotenv(&mut self, path: &Path) {
        let Some(text) = self.text_of(path, None) else { return };
        let (assignments, faults) = dotenv::parse(&text);
        self.problems.extend(faults.into_iter().map(|(line, why)| Problem::Malformed {
            path: path.to_owned(),
            line,
            why: why.to_owned(),
        }));
        self.add_variables(assignments.iter().map(|a| {
            let origin = Origin::Dotenv { path: path.to_owned(), line: a.line, name: a.name.clone() };
            (a.name.as_str(), a.value.as_str(), origin)
        }));
    }

    /// Adds the variables of one layer. Empty ones count as not given, which is what container
    /// tools make of a variable that is passed on without a value.
    fn add_variables<'a>(&mut self, variables: impl Iterator<Item = (&'a str, &'a str, Origin)> + Clone) {
        let given = variables.filter(|(name, value, _)| name.starts_with("ORDO_") && !value.is_empty());
        for (name, value, origin) in given.clone() {
            if let Some(option) = by_env(name) {
                self.given.insert(&option.key, Given { text: value.to_owned(), form: Form::Free, origin });
            } else if let Some((option, plain)) = secret_file(name) {
                if given.clone().any(|(other, ..)| other == plain) {
                    let place = place(&origin);
                    self.problems.push(Problem::GivenTwice { name: plain.to_owned(), place });
                } else if let Some(text) = self.text_of(Path::new(value), Some(name)) {
                    let origin = Origin::SecretFile { name: name.to_owned(), path: value.into() };
                    let text = text.trim_end_matches(['\r', '\n']).to_owned();
                    self.given.insert(option, Given { text, form: Form::Free, origin });
                }
            } else if !is_tolerated(name, value) {
                let known = options().map(|option| option.env.as_str());
                let known = known.chain(CLIENT_VARIABLES.iter().map(|(name, _)| *name));
                let nearest = nearest(name, known).map(str::to_owned);
                self.problems.push(Problem::Unknown {
                    key: name.to_owned(),
                    origin: unnamed(origin),
                    nearest,
                });
            }
        }
    }

    fn add_key(&mut self, key: &str, given: Given) {
        match by_key(key) {
            Some(option) => {
                self.given.insert(&option.key, given);
            }
            None => {
                let nearest = nearest(key, options().map(|option| option.key.as_str())).map(str::to_owned);
                self.problems.push(Problem::Unknown { key: key.to_owned(), origin: given.origin, nearest });
            }
        }
    }

    fn text_of(&mut self, path: &Path, asked_by: Option<&str>) -> Option<String> {
        match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) => {
                let asked_by = asked_by.map(str::to_owned);
                self.problems.push(Problem::Unreadable {
                    path: path.to_owned(),
                    asked_by,
                    why: error.to_string(),
                });
                None
            }
        }
    }
}

/// The key of the secret option whose file this variable names, and the option's own variable.
fn secret_file(name: &str) -> Option<(&'static str, &str)> {
    let plain = name.strip_suffix("_FILE")?;
    let option = by_env(plain).filter(|option| option.secret)?;
    Some((&option.key, plain))
}

/// Variables of clients, and those that Kubernetes and Docker links set for a service that is
/// called ordo (`ORDO_SERVICE_HOST`, `ORDO_PORT=tcp://...`).
fn is_tolerated(name: &str, value: &str) -> bool {
    let link = name.contains("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.contains("_PORT_")
        || (name.ends_with("_PORT") && value.contains("://"));
    link || CLIENT_VARIABLES.iter().any(|(known, _)| *known == name)
}

/// The origin as a place in which several variables stand.
fn place(origin: &Origin) -> String {
    match origin {
        Origin::Dotenv { path, .. } => path.display().to_string(),
        _ => "the environment".to_owned(),
    }
}

/// The origin without the name of the variable, where that has been said already.
fn unnamed(origin: Origin) -> Origin {
    match origin {
        Origin::Dotenv { path, line, .. } => Origin::File { path, line },
        other => other,
    }
}
