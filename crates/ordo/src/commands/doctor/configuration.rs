//! The configuration: whether a server would take it.

use settings::{Role, Settings, Sources};

use super::finding::Findings;
use crate::roles::Roles;

const PART: &str = "configuration";
const REMEDY: &str =
    "ordo config show tells where each value comes from, .env.example what each option means";

/// The configuration, if a server would take it.
pub fn look(flags: Vec<(String, String)>, findings: &mut Findings) -> Option<(Settings, Roles)> {
    let read = || -> anyhow::Result<(Settings, Roles)> {
        let settings = Settings::load(Sources::from_process(flags))?;
        settings.check()?;
        let roles = Roles::of(&settings, &[])?;
        settings::exposure(roles.addr(&settings), false, settings.allow_anonymous)?;
        Ok((settings, roles))
    };
    match read() {
        Ok((settings, roles)) => {
            let all = Role::OF_SHOP.iter().chain([&Role::Provider]);
            let here: Vec<_> = all.filter(|role| roles.has(**role)).map(|role| role.to_string()).collect();
            findings.good(PART, format_args!("valid; `ordo serve` runs {}", here.join(", ")));
            Some((settings, roles))
        }
        Err(error) => {
            findings.bad(PART, format_args!("{error:#}"), REMEDY);
            None
        }
    }
}
