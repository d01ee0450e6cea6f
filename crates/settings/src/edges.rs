//! The URLs that choose a deployment: where the database, the broker, the cache and the payment
//! provider are. Those that may carry a password keep it as a [`Secret`].

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::secret::Secret;
use crate::value::{Scope, Shape, Value};

/// Where a service keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:DIR`: one SQLite file per service in this directory; `sqlite:` alone is the
    /// person's data directory.
    Sqlite {
        /// The directory, absolute or relative to the working directory. It need not exist.
        dir: PathBuf,
    },
    /// `postgres://...`: the whole URL, password included.
    Postgres(Secret),
}

/// Where events are published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerUrl {
    /// `embedded:`: consumers read the producer's outbox.
    Embedded,
    /// `kafka://host:port,...`: the whole URL. User and password are options of their own.
    Kafka(Secret),
    /// `amqp://...` or `amqps://...`: the whole URL, password included.
    Amqp(Secret),
}

/// Where settled orders are cached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheUrl {
    /// `memory:`: in this process.
    Memory,
    /// `redis://...` or `rediss://...`: the whole URL, password included.
    Redis(Secret),
}

/// What names on a shared broker begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefix(Arc<str>);

impl Prefix {
    /// The prefix as text; empty where nothing is shared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The base address of an HTTP service, without credentials and without a slash at the end.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HttpUrl(Arc<str>);

impl HttpUrl {
    /// The URL as text, such as `http://127.0.0.1:8000`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// The text as a secret when it is a URL of one of these schemes with a host.
pub(crate) fn remote(text: &str, schemes: &[&str]) -> Option<Secret> {
    let (scheme, rest) = text.split_once("://")?;
    let complete = !rest.is_empty() && !rest.starts_with(['/', '?', '#', '@']);
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    (schemes.contains(&scheme) && complete && clean).then(|| Secret::new(text))
}

/// The directory that `sqlite:` is followed by, in any of the usual spellings.
fn directory(path: &str, scope: &Scope) -> Option<PathBuf> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() {
        return Some(scope.data_dir.clone());
    }
    match path.strip_prefix("~/") {
        Some(inside) => scope.home.as_deref().map(|home| home.join(inside)),
        None => Some(Path::new(path).to_owned()),
    }
}

impl Value for DatabaseUrl {
    const SHAPE: Shape = Shape::Text;
    const SECRET: bool = true;

    fn accepted() -> String {
        "sqlite: (the data directory), sqlite:DIR or postgres://user:password@host:port/database".to_owned()
    }

    fn parse(text: &str, scope: &Scope) -> Option<Self> {
        match text.strip_prefix("sqlite:") {
            Some(path) => directory(path, scope).map(|dir| Self::Sqlite { dir }),
            None => remote(text, &["postgres", "postgresql"]).map(Self::Postgres),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Sqlite { dir } => format!("sqlite:{}", dir.display()),
            Self::Postgres(url) => url.masked_url(),
        }
    }
}

impl Value for BrokerUrl {
    const SHAPE: Shape = Shape::Text;
    const SECRET: bool = true;

    fn accepted() -> String {
        "embedded:, kafka://host:port or amqp://user:password@host:port".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        match text {
            "embedded:" => Some(Self::Embedded),
            _ => remote(text, &["kafka"])
                .filter(|_| !text.contains(['@', '?', '#']))
                .map(Self::Kafka)
                .or_else(|| remote(text, &["amqp", "amqps"]).map(Self::Amqp)),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Embedded => "embedded:".to_owned(),
            Self::Kafka(url) | Self::Amqp(url) => url.masked_url(),
        }
    }
}

impl Value for CacheUrl {
    const SHAPE: Shape = Shape::Text;
    const SECRET: bool = true;

    fn accepted() -> String {
        "memory: or redis://user:password@host:port".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        match text {
            "memory:" => Some(Self::Memory),
            _ => remote(text, &["redis", "rediss"]).map(Self::Redis),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Memory => "memory:".to_owned(),
            Self::Redis(url) => url.masked_url(),
        }
    }
}

/// The longest prefix, in characters: Kafka's names have at most 249.
const LONGEST_PREFIX: usize = 60;

impl Value for Prefix {
    const SHAPE: Shape = Shape::Text;
    const PATTERN: Option<&'static str> = Some("^[A-Za-z0-9._-]{0,60}$");

    fn accepted() -> String {
        format!(
            "up to {LONGEST_PREFIX} letters, digits, dots, dashes and underscores, such as shop1., or nothing"
        )
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        (text.len() <= LONGEST_PREFIX && text.chars().all(is_fit)).then(|| Self(text.into()))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Value for HttpUrl {
    const SHAPE: Shape = Shape::Text;
    // A valid one has no credentials, but one that is refused for having them is not repeated.
    const SECRET: bool = true;

    fn accepted() -> String {
        "an http:// or https:// URL without credentials, query or fragment".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        remote(text, &["http", "https"])?;
        (!text.contains(['@', '?', '#'])).then(|| Self(text.trim_end_matches('/').into()))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{BrokerUrl, CacheUrl, DatabaseUrl, HttpUrl, Prefix};
    use crate::value::{Scope, Value};

    fn shown<T: Value>(text: &str) -> Option<String> {
        let scope = Scope { data_dir: "/home/ann/.local/share/ordo".into(), home: Some("/home/ann".into()) };
        T::parse(text, &scope).map(|value| value.show())
    }

    #[test]
    fn database_urls() {
        let table = [
            ("sqlite:", Some("sqlite:/home/ann/.local/share/ordo")),
            ("sqlite:data", Some("sqlite:data")),
            ("sqlite:/var/lib/ordo", Some("sqlite:/var/lib/ordo")),
            ("sqlite:///var/lib/ordo", Some("sqlite:/var/lib/ordo")),
            ("sqlite:~/ordo", Some("sqlite:/home/ann/ordo")),
            ("postgres://o:pw@db:5433/orders", Some("postgres://***@db:5433/orders")),
            ("postgresql://db/orders", Some("postgresql://db/orders")),
            ("postgres://", None),
            ("postgres:db", None),
            ("mysql://db/orders", None),
            ("data", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(shown::<DatabaseUrl>(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn broker_and_cache_urls() {
        assert_eq!(shown::<BrokerUrl>("embedded:").as_deref(), Some("embedded:"));
        assert_eq!(shown::<BrokerUrl>("kafka://a:9092,b:9092").as_deref(), Some("kafka://a:9092,b:9092"));
        assert_eq!(shown::<BrokerUrl>("amqp://guest:guest@q:5672").as_deref(), Some("amqp://***@q:5672"));
        assert_eq!(shown::<BrokerUrl>("nats://q"), None);
        assert_eq!(shown::<BrokerUrl>("kafka://ann:pw@a:9092"), None, "its user is kafka.username");
        assert_eq!(shown::<CacheUrl>("memory:").as_deref(), Some("memory:"));
        assert_eq!(shown::<CacheUrl>("redis://:pw@c:6379/1").as_deref(), Some("redis://***@c:6379/1"));
        assert_eq!(shown::<CacheUrl>("memory"), None);
    }

    #[test]
    fn a_prefix_is_fit_for_names_on_every_broker() {
        for text in ["", "shop1.", "a-b_c"] {
            assert_eq!(shown::<Prefix>(text).as_deref(), Some(text));
        }
        for text in ["a b", "a/b", "ä", "a*", "a".repeat(61).as_str()] {
            assert_eq!(shown::<Prefix>(text), None, "{text}");
        }
    }

    #[test]
    fn http_urls_carry_no_credentials() {
        assert_eq!(shown::<HttpUrl>("http://pay:8080/").as_deref(), Some("http://pay:8080"));
        assert_eq!(shown::<HttpUrl>("https://pay.example/v1").as_deref(), Some("https://pay.example/v1"));
        for text in [
            "pay:8080",
            "ftp://pay",
            "http://",
            "http:///x",
            "http://u:p@pay",
            "http://pay?key=1",
            "http://p ay",
        ] {
            assert_eq!(shown::<HttpUrl>(text), None, "{text}");
        }
    }
}
