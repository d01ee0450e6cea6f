//! Every option there is, and where to find it: by key, or by environment variable.

use std::sync::LazyLock;

use crate::group::Group;
use crate::options::Values;
use crate::section::{Opt, Section};

/// Every section, in the order of declaration.
pub fn sections() -> &'static [Section] {
    static SECTIONS: LazyLock<Vec<Section>> = LazyLock::new(|| {
        let mut sections = Vec::new();
        Values::describe("", "The deployment as a whole.", &mut sections);
        sections.retain(|section| !section.options.is_empty());
        sections
    });
    &SECTIONS
}

/// Every option, in the order of declaration.
pub fn options() -> impl Iterator<Item = &'static Opt> + Clone {
    sections().iter().flat_map(|section| &section.options)
}

/// The option with this key.
pub(crate) fn by_key(key: &str) -> Option<&'static Opt> {
    options().find(|option| option.key == key)
}

/// The option with this environment variable.
pub(crate) fn by_env(name: &str) -> Option<&'static Opt> {
    options().find(|option| option.env == name)
}

#[cfg(test)]
mod tests {
    use super::{options, sections};
    use std::collections::BTreeSet;

    #[test]
    fn keys_and_variables_are_unique() {
        let keys: BTreeSet<_> = options().map(|option| &option.key).collect();
        let variables: BTreeSet<_> = options().map(|option| &option.env).collect();
        assert_eq!((keys.len(), variables.len()), (options().count(), options().count()));
        assert!(variables.iter().all(|name| !name.ends_with("_FILE")), "that ending names secret files");
    }

    #[test]
    fn the_documented_variables_exist() {
        let variables: BTreeSet<_> = options().map(|option| option.env.as_str()).collect();
        for name in [
            "ORDO_HTTP_ADDR",
            "ORDO_DATABASE_URL",
            "ORDO_BROKER_URL",
            "ORDO_CACHE_URL",
            "ORDO_ORDERS_DATABASE_URL",
            "ORDO_PROVIDER_DATABASE_URL",
            "ORDO_PAYMENT_URL",
            "ORDO_ALLOW_ANONYMOUS",
            "ORDO_PROCESSING_FAILURE_RATE",
            "ORDO_PROCESSING_DELAY",
        ] {
            assert!(variables.contains(name), "{name}");
        }
    }

    #[test]
    fn everything_is_documented_and_every_limit_is_a_value() {
        for section in sections() {
            assert!(section.doc.ends_with('.'), "{}", section.key);
            for option in &section.options {
                assert!(
                    option.doc.ends_with('.') && !option.doc.contains("  "),
                    "{}: {}",
                    option.key,
                    option.doc
                );
                let limited = option.accepted.contains(", from ");
                assert_eq!(option.limits.is_some(), limited, "{}", option.key);
                assert!(option.limits.is_none_or(|(least, greatest)| least < greatest), "{}", option.key);
            }
        }
    }
}
