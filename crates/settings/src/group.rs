//! The macro that states options once: from its struct come the values and their descriptions.

use crate::reader::Reader;
use crate::section::{Opt, Section};
use crate::value::{Scope, Value};

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
            fn describe(key: &str, doc: &str, sections: &mut Vec<$crate::section::Section>) {
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
