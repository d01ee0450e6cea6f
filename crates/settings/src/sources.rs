//! Where settings come from, collected in one place so that loading itself is pure.

use std::path::{Path, PathBuf};

use crate::dotenv;

/// The configuration file that is read when no other is named and it exists.
const USUAL_FILE: &str = "ordo.toml";
/// The variables file that is read when it exists.
const USUAL_DOTENV: &str = ".env";
/// The variable, or flag `config`, that names the configuration file.
const CONFIG_VARIABLE: &str = "ORDO_CONFIG";

/// What [`Settings::load`](crate::Settings::load) reads, the weakest first.
#[derive(Clone, Default)]
pub struct Sources {
    /// The TOML file. It must exist when given.
    pub file: Option<PathBuf>,
    /// The `.env` file. It must exist when given.
    pub dotenv: Option<PathBuf>,
    /// Variables of the process: those of ordo, and `HOME` and `XDG_DATA_HOME` for the data
    /// directory. Others are ignored, and so are empty ones.
    pub environment: Vec<(String, String)>,
    /// Keys (`http.addr`) and values from the command line.
    pub flags: Vec<(String, String)>,
}

impl Sources {
    /// Collects the sources of this process: its environment, `.env` and the file in the working
    /// directory. A flag `config`, else `ORDO_CONFIG`, names the file; else it is `ordo.toml`,
    /// if there is one.
    pub fn from_process(flags: Vec<(String, String)>) -> Self {
        let environment: Vec<_> = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .filter(|(name, _)| {
                name.starts_with("ORDO_") || matches!(name.as_str(), "HOME" | "XDG_DATA_HOME")
            })
            .collect();
        let dotenv = Some(PathBuf::from(USUAL_DOTENV)).filter(|path| path.exists());
        let (config, flags): (Vec<_>, Vec<_>) = flags.into_iter().partition(|(key, _)| key == "config");
        let named = config
            .into_iter()
            .next_back()
            .map(|(_, path)| path)
            .or_else(|| variable(&environment, CONFIG_VARIABLE).map(str::to_owned))
            .or_else(|| dotenv.as_deref().and_then(config_in));
        let file = named
            .map_or_else(|| Some(PathBuf::from(USUAL_FILE)).filter(|path| path.exists()), |p| Some(p.into()));
        Self { file, dotenv, environment, flags }
    }

    /// The variable of the process, unless it is unset or empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        variable(&self.environment, name)
    }
}

fn variable<'a>(environment: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = environment.iter().rfind(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

/// The configuration file that a `.env` file names. Its faults are reported when it is loaded.
fn config_in(path: &Path) -> Option<String> {
    let (assignments, _) = dotenv::parse(&std::fs::read_to_string(path).ok()?);
    let found = assignments.into_iter().rfind(|a| a.name == CONFIG_VARIABLE);
    found.map(|a| a.value).filter(|value| !value.is_empty())
}
