//! The configuration of ordo: defaults < file (TOML) < `.env` < environment < flags.
//!
//! Every option is stated once, in [`options`](crate::Values): its type, default, limits and
//! meaning. From that one place come parsing, `config show`, `config check`, the JSON Schema of
//! the file, `.env.example` and the reference table of the docs.
//!
//! Guarantees: an unknown key is an error that suggests the right one; every problem is reported,
//! each in one line that names key, origin, what was found and what is accepted; no secret is
//! ever printed; rates are read exactly, without floating point.
//!
//! Deliberately absent: reading the process environment anywhere but in
//! [`Sources::from_process`], interpolation of variables, and reloading while running.
//!
//! To add an option, add a field in `options.rs`, then regenerate `.env.example`:
//! `cargo run -p ordo-settings --example env_example > .env.example`.

mod choices;
mod describe;
mod dotenv;
mod duration;
mod edges;
mod error;
mod exposure;
mod file;
mod given;
mod group;
mod index;
mod layers;
mod mail;
mod nearest;
mod options;
mod quantities;
mod reader;
mod schema;
mod secret;
mod section;
mod settings;
mod sources;
mod value;

pub use choices::{Jitter, Language, LogFormat, LogLevel, Notice, Role, SaslMechanism};
pub use describe::{env_example, reference};
pub use duration::{NoDuration, duration};
pub use edges::{BrokerUrl, CacheUrl, DatabaseUrl, HttpUrl, Prefix};
pub use error::{Origin, Problem, SettingsError};
pub use exposure::exposure;
pub use index::{options, sections};
pub use layers::CLIENT_VARIABLES;
pub use mail::{Notices, SmtpUrl};
pub use options::{
    Breaker, Cache, Catalog, DatabaseRetry, Engine, Http, Kafka, Log, MailRetry, Notifications, Orders,
    Payments, Postgres, Processing, Provider, Rabbitmq, Retries, Retry, Values,
};
pub use quantities::{Bytes, Rate};
pub use reader::Effective;
pub use schema::schema;
pub use secret::Secret;
pub use section::{Opt, Section};
pub use settings::Settings;
pub use sources::Sources;
