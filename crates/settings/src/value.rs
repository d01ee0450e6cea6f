//! What a value of an option can be: how it is written, read, shown and compared with its limits.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use iso_currency::Currency;

use crate::duration;

/// What a value may depend on besides its own text: the person's directories.
pub(crate) struct Scope {
    /// Where data goes by default: `$XDG_DATA_HOME/ordo`, or `~/.local/share/ordo`.
    pub data_dir: PathBuf,
    /// The home directory, which a leading `~/` stands for.
    pub home: Option<PathBuf>,
}

/// How a value is written in TOML. Environment and flags always give text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A string.
    Text,
    /// An integer.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An integer, or a string with a unit.
    Size,
    /// A number, or a string with a percent sign.
    Decimal,
}

/// The form in which a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Untyped text: a default, an environment variable, a flag.
    Free,
    /// A TOML string.
    Text,
    /// A TOML integer.
    Integer,
    /// A TOML float.
    Decimal,
    /// A TOML boolean.
    Boolean,
    /// A TOML value that no option takes, such as an array.
    Other,
}

impl Shape {
    /// Whether a value found in this form can be one of this shape.
    pub(crate) fn takes(self, form: Form) -> bool {
        match form {
            Form::Free => true,
            Form::Text => matches!(self, Self::Text | Self::Size | Self::Decimal),
            Form::Integer => matches!(self, Self::Integer | Self::Size | Self::Decimal),
            Form::Decimal => self == Self::Decimal,
            Form::Boolean => self == Self::Boolean,
            Form::Other => false,
        }
    }
}

/// A type that an option can have.
pub(crate) trait Value: Sized {
    /// How it is written in TOML.
    const SHAPE: Shape;
    /// Whether the text may hold a secret, and must not be repeated in messages.
    const SECRET: bool = false;
    /// The regular expression that its TOML strings match, if one says more than "a string".
    const PATTERN: Option<&'static str> = None;
    /// The words it may be, when they are few.
    const CHOICES: &'static [&'static str] = &[];

    /// What is accepted, as it continues "accepted is ...".
    fn accepted() -> String;

    /// Reads the value, or `None` when the text is not one.
    fn parse(text: &str, scope: &Scope) -> Option<Self>;

    /// The value as it would be written in a configuration, secrets masked.
    fn show(&self) -> String;

    /// The size that limits are compared by; `None` for what has no size.
    fn magnitude(&self) -> Option<u128> {
        None
    }
}

impl<T: Value> Value for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const SECRET: bool = T::SECRET;
    const CHOICES: &'static [&'static str] = T::CHOICES;

    fn accepted() -> String {
        format!("{}, or nothing", T::accepted())
    }

    fn parse(text: &str, scope: &Scope) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::parse(text, scope).map(Some) }
    }

    fn show(&self) -> String {
        self.as_ref().map(T::show).unwrap_or_default()
    }

    fn magnitude(&self) -> Option<u128> {
        self.as_ref().and_then(T::magnitude)
    }
}

impl Value for bool {
    const SHAPE: Shape = Shape::Boolean;

    fn accepted() -> String {
        "true or false (1 or 0 in the environment)".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_number {
    ($($Number:ty),+) => {$(
        impl Value for $Number {
            const SHAPE: Shape = Shape::Integer;

            fn accepted() -> String {
                "a whole number".to_owned()
            }

            fn parse(text: &str, _: &Scope) -> Option<Self> {
                text.parse().ok()
            }

            fn show(&self) -> String {
                self.to_string()
            }

            fn magnitude(&self) -> Option<u128> {
                u128::try_from(*self).ok()
            }
        }
    )+};
}
whole_number!(u32, usize);

impl Value for String {
    const SHAPE: Shape = Shape::Text;

    fn accepted() -> String {
        "text without control characters".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        (!text.is_empty() && !text.contains(char::is_control)).then(|| text.to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Value for PathBuf {
    const SHAPE: Shape = Shape::Text;

    fn accepted() -> String {
        "a path".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        (!text.is_empty()).then(|| Self::from(text))
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Value for SocketAddr {
    const SHAPE: Shape = Shape::Text;

    fn accepted() -> String {
        "an IP address and port such as 127.0.0.1:8000 or [::1]:8000".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for Currency {
    const SHAPE: Shape = Shape::Text;
    const PATTERN: Option<&'static str> = Some("^[A-Z]{3}$");

    fn accepted() -> String {
        "an ISO 4217 currency code such as USD".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        Self::from_code(text)
    }

    fn show(&self) -> String {
        self.code().to_owned()
    }
}

impl Value for Duration {
    const SHAPE: Shape = Shape::Text;
    const PATTERN: Option<&'static str> = Some("^(0|([0-9]+(h|m|s|ms))+)$");

    fn accepted() -> String {
        "a duration such as 250ms, 2s, 5m or 1h".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        duration::read(text)
    }

    fn show(&self) -> String {
        let whole = duration::UNITS
            .into_iter()
            .find(|(_, scale)| self.as_millis().is_multiple_of(u128::from(*scale)));
        match whole {
            Some((unit, scale)) if !self.is_zero() => {
                format!("{}{unit}", self.as_millis() / u128::from(scale))
            }
            _ => "0s".to_owned(),
        }
    }

    fn magnitude(&self) -> Option<u128> {
        Some(self.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Value};
    use std::time::Duration;

    fn duration(text: &str) -> Option<Duration> {
        Duration::parse(text, &Scope { data_dir: "data".into(), home: None })
    }

    #[test]
    fn durations_read_and_show_the_same() {
        let table =
            [("250ms", 250), ("2s", 2_000), ("5m", 300_000), ("1h", 3_600_000), ("90s", 90_000), ("0s", 0)];
        for (text, millis) in table {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
            assert_eq!(Duration::from_millis(millis).show(), text);
        }
        assert_eq!(duration("0"), Some(Duration::ZERO));
        assert_eq!(Duration::from_secs(120).show(), "2m");
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in
            ["", "2", "s", "-1s", "1.5s", "2 s", "2S", "1d", "99999999999999999999s", "18446744073709551615h"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
