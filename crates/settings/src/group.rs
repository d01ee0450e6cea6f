//! The macro that states options once, and the descriptions that come from it.

use std::sync::LazyLock;

use crate::options::Values;
use crate::reader::Reader;
use crate::value::{Scope, Shape, Value};

/// Everything that is known of one option.
#[derive(Clone, Debug)]
pub struct Opt {
    /// The dotted key in the file and of the flag: `http.addr`.
    pub key: String,
    /// The environment variable: `ORDO_HTTP_ADDR`.
    pub env: String,
    /// What the option means, in full sentences.
    pub doc: String,
    /// The default, as it would be written; empty when there is none.
    pub default: &'static str,
    /// What is accepted, as it continues "accepted is ...".
    pub accepted: String,
    /// Whether the value may hold a secret: it is masked when shown, and the variable with
    /// `_FILE` behind it may name a file that holds the value.
    pub secret: bool,
    /// The words it may be, when they are few.
    pub choices: &'static [&'static str],
    pub(crate) shape: Shape,
    pub(crate) pattern: Option<&'static str>,
    /// The least and the greatest size.
    pub(crate) limits: Option<(u128, u128)>,
}

/// One table of the file with its options. The first has no key and holds the options on top.
#[derive(Clone, Debug)]
pub struct Section {
    /// The dotted name of the table: `http`, `retry.database`.
    pub key: String,
    /// What the options are about, in a sentence.
    pub doc: String,
    /// The options, in the order of declaration.
    pub options: Vec<Opt>,
}

/// A struct of options: it describes itself, and reads itself.
pub(crate) trait Group: Sized {
    /// Adds the sections of this group, the first of which is called `key`.
    fn describe(key: &str, doc: &str, sections: &mut Vec<Section>);

    /// Reads every option, and reports every problem, before it gives up.
    fn read(key: &str, reader: &mut Reader<'_>) -> Option<Self>;
}

/// Declares a struct of options.
///
/// A field is an option, `name: Type = "default"`, perhaps with limits, `in "1"..="10"`, or, when
/// it has no default, a group. Its documentation is the option's, everywhere.
macro_rules! group {
    (
        $(#[doc = $about:literal])+
        $(#[derive($($derived:ident),+)])?
        pub struct $Group:ident {
            $(
                $(#[doc = $doc:literal])+
                pub $field:ident: $Type:ty $(= $default:literal $(in $least:literal..=$greatest:literal)?)?,
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Eq $($(, $derived)+)?)]
        pub struct $Group {
            $($(#[doc = $doc])+ pub $field: $Type,)+
        }

        impl $crate::group::Group for $Group {
            fn describe(key: &str, doc: &str, sections: &mut Vec<$crate::group::Section>) {
                $crate::group::open(key, doc, sections);
                $(group!(@describe key, sections, $field, $Type, concat!($($doc),+)
                    $(, $default $(, $least, $greatest)?)?);)+
            }

            fn read(key: &str, reader: &mut $crate::reader::Reader<'_>) -> Option<Self> {
                $(let $field = group!(@read key, reader, $field, $Type $(, $default)?);)+
                Some(Self { $($field: $field?),+ })
            }
        }
    };
    (@describe $key:ident, $sections:ident, $field:ident, $Type:ty, $doc:expr) => {
        <$Type as $crate::group::Group>::describe(
            &$crate::group::join($key, stringify!($field)), $doc, $sections)
    };
    (@describe $key:ident, $sections:ident, $field:ident, $Type:ty, $doc:expr, $default:literal $(, $least:literal, $greatest:literal)?) => {
        $crate::group::add($key, $sections, $crate::group::describe::<$Type>(
            $crate::group::join($key, stringify!($field)), $doc, $default, &[$($least, $greatest)?]))
    };
    (@read $key:ident, $reader:ident, $field:ident, $Type:ty) => {
        <$Type as $crate::group::Group>::read(&$crate::group::join($key, stringify!($field)), $reader)
    };
    (@read $key:ident, $reader:ident, $field:ident, $Type:ty, $default:literal) => {
        $reader.option::<$Type>(&$crate::group::join($key, stringify!($field)))
    };
}
pub(crate) use group;

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

/// Begins a section.
pub(crate) fn open(key: &str, doc: &str, sections: &mut Vec<Section>) {
    sections.push(Section { key: key.to_owned(), doc: doc.trim().to_owned(), options: Vec::new() });
}

/// Adds an option to the section that was begun with this key.
pub(crate) fn add(key: &str, sections: &mut [Section], option: Opt) {
    if let Some(section) = sections.iter_mut().find(|section| section.key == key) {
        section.options.push(option);
    }
}

/// The key of a field in a table; the top table has no name.
pub(crate) fn join(key: &str, field: &str) -> String {
    if key.is_empty() { field.to_owned() } else { format!("{key}.{field}") }
}

/// Describes one option; `limits` is empty or the least and the greatest value as text.
pub(crate) fn describe<T: Value>(key: String, doc: &str, default: &'static str, limits: &[&str]) -> Opt {
    let nowhere = Scope { data_dir: "data".into(), home: None };
    let size = |text: &str| T::parse(text, &nowhere).and_then(|value| value.magnitude());
    let (limits, bounds) = match limits {
        [least, greatest] => (size(least).zip(size(greatest)), format!(", from {least} to {greatest}")),
        _ => (None, String::new()),
    };
    Opt {
        env: format!("ORDO_{}", key.replace('.', "_").to_uppercase()),
        key,
        doc: doc.trim().to_owned(),
        default,
        accepted: T::accepted() + &bounds,
        secret: T::SECRET,
        choices: T::CHOICES,
        shape: T::SHAPE,
        pattern: T::PATTERN,
        limits,
    }
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
