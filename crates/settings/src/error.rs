//! What can be wrong with a configuration, and where it was found.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody gave it.
    Default,
    /// The configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A variable in the `.env` file.
    Dotenv {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The variable.
        name: String,
    },
    /// A variable of the process.
    Environment {
        /// The variable.
        name: String,
    },
    /// A file whose path a `..._FILE` variable gave.
    SecretFile {
        /// The variable.
        name: String,
        /// The file that holds the value.
        path: PathBuf,
    },
    /// The command line.
    Flag {
        /// The key, as it was given.
        key: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Dotenv { path, line, name } => write!(f, "{}:{line} ({name})", path.display()),
            Self::Environment { name } => write!(f, "environment ({name})"),
            Self::SecretFile { name, path } => write!(f, "{} ({name})", path.display()),
            Self::Flag { key } => write!(f, "command line ({key})"),
        }
    }
}

/// One thing that is wrong, as one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A file that was named cannot be read.
    #[error("cannot read {}{}: {why}", path.display(), asked_by.as_ref().map(|name| format!(" (named by {name})")).unwrap_or_default())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The variable that named it, if one did.
        asked_by: Option<String>,
        /// What the system said.
        why: String,
    },
    /// A file is not in its format.
    #[error("{}:{line}: {why}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with the line; never its text, which may be a secret.
        why: String,
    },
    /// A key or variable that ordo does not have.
    #[error("{key}: unknown, found in {origin}{}", nearest.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default())]
    Unknown {
        /// The key or variable.
        key: String,
        /// Where it was found.
        origin: Origin,
        /// What was probably meant.
        nearest: Option<String>,
    },
    /// A value that its option does not accept.
    #[error("{key}: found {found} in {origin}; accepted is {accepted}")]
    Refused {
        /// The key of the option.
        key: String,
        /// Where the value was found.
        origin: Origin,
        /// What was found, unless it may be a secret.
        found: String,
        /// What is accepted.
        accepted: String,
    },
    /// A secret is given both as a variable and as a file.
    #[error("{name} and {name}_FILE are both given in {place}; give one of them")]
    GivenTwice {
        /// The variable.
        name: String,
        /// Where both stand.
        place: String,
    },
    /// Two values that do not fit each other.
    #[error("{key}: {shown} ({origin}) {why}")]
    Unfit {
        /// The key of the option to change.
        key: String,
        /// Its value.
        shown: String,
        /// Where the value was found.
        origin: Origin,
        /// What it does not fit, and what to do.
        why: String,
    },
    /// The server would be open to other machines without authentication.
    #[error(
        "http.addr: {addr} can be reached from other machines and no authentication is set up; listen on 127.0.0.1, set up authentication, or allow it with ORDO_ALLOW_ANONYMOUS=1"
    )]
    Exposed {
        /// The address that was to be listened on.
        addr: SocketAddr,
    },
}

/// Everything that is wrong with a configuration, one line each.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct SettingsError {
    problems: Vec<Problem>,
}

impl SettingsError {
    /// `Ok` when there are no problems, else all of them.
    pub(crate) fn unless_none(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems }) }
    }

    /// The problems, in the order in which they were found; at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}
