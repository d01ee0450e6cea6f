//! The languages in which customers are told something.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Russian.
    #[serde(rename = "ru")]
    Russian,
}

impl Language {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::English, Self::Russian];

    /// The word for it (ISO 639-1).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// The language of a tag such as `ru` or `en-GB` (BCP 47), if it is one of these.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next()?;
        Self::ALL.iter().copied().find(|known| known.as_str().eq_ignore_ascii_case(language))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_its_language_and_perhaps_a_region() {
        for tag in ["ru", "RU", "ru-RU", "ru_KZ"] {
            assert_eq!(Language::of_tag(tag), Some(Language::Russian), "{tag}");
        }
        assert_eq!(Language::of_tag("en-GB"), Some(Language::English));
        for tag in ["", "de", "rus", "-ru"] {
            assert_eq!(Language::of_tag(tag), None, "{tag}");
        }
    }
}
