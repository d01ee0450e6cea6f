//! Every option of ordo, once: type, default, limits, meaning.
//!
//! A field with a default is an option; a field without is a table of options. The key in the file
//! is the path (`http.addr`), the variable its upper-case form (`ORDO_HTTP_ADDR`).

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use iso_currency::Currency;

use crate::choices::{Jitter, Language, LogFormat, LogLevel, SaslMechanism};
use crate::edges::{BrokerUrl, CacheUrl, DatabaseUrl, HttpUrl, Prefix};
use crate::group::group;
use crate::mail::{Notices, SmtpUrl};
use crate::quantities::{Bytes, Rate};
use crate::secret::Secret;

group! {
    /// Every value of a configuration.
    pub struct Values {
        /// Where services keep their data, unless a service names its own.
        /// `sqlite:` alone is $XDG_DATA_HOME/ordo, which is ~/.local/share/ordo by default.
        pub database_url: DatabaseUrl = "sqlite:",
        /// Where events are published. Embedded, consumers read the producer's outbox.
        pub broker_url: BrokerUrl = "embedded:",
        /// What the names of topics, groups, exchanges and queues begin with, so that several shops can share a broker.
        pub broker_prefix: Prefix = "",
        /// Where settled orders are cached: in memory only where one process has the database to itself, as on SQLite. Instances that share a database share a Redis too, or have no cache.
        pub cache_url: CacheUrl = "memory:",
        /// The payment provider. Without it, the built-in provider is started and used.
        pub payment_url: Option<HttpUrl> = "",
        /// Whether to serve beyond this machine without authentication.
        pub allow_anonymous: bool = "false",
        /// How long work in progress may take to finish when the process is asked to stop.
        pub shutdown_deadline: Duration = "10s" in "0s"..="10m",
        /// Below how much free space on the disk of the data directory the log warns.
        pub low_space: Bytes = "1GiB" in "0B"..="1024GiB",
        /// The HTTP server and its limits.
        pub http: Http,
        /// Databases on PostgreSQL.
        pub postgres: Postgres,
        /// Events over Kafka.
        pub kafka: Kafka,
        /// Events over RabbitMQ.
        pub rabbitmq: Rabbitmq,
        /// The cache of settled orders.
        pub cache: Cache,
        /// The orders service.
        pub orders: Orders,
        /// The payments service.
        pub payments: Payments,
        /// The processing service, and work simulated for demonstrations.
        pub processing: Processing,
        /// The catalogue service.
        pub catalog: Catalog,
        /// The notifications service.
        pub notifications: Notifications,
        /// The built-in payment provider. Its behaviour can be changed while it runs; these are the values at its start.
        pub provider: Provider,
        /// How calls are repeated.
        pub retry: Retries,
        /// The circuit breakers before the payment provider and the mail server. A declined payment is not a failure.
        pub breaker: Breaker,
        /// The engine that runs every service.
        pub engine: Engine,
        /// Log lines.
        pub log: Log,
    }
}

group! {
    /// The HTTP server and its limits.
    #[derive(Copy)]
    pub struct Http {
        /// The address to listen on. Beyond loopback, authentication or `allow_anonymous` is needed.
        pub addr: SocketAddr = "127.0.0.1:8000",
        /// The largest request body, in bytes; above it the answer is 413.
        pub max_body_bytes: Bytes = "1MiB" in "1KiB"..="64MiB",
        /// How long a request's body may take to arrive; above it the answer is 408.
        pub body_timeout: Duration = "10s" in "100ms"..="1h",
        /// How many requests are worked on at once; above it the answer is 503.
        pub max_in_flight: usize = "1024" in "1"..="1000000",
        /// How many connections are open at once at most.
        pub max_connections: usize = "4096" in "1"..="1000000",
        /// How many clients may follow orders and events at once; above it the answer is 503. Each has a connection to itself, so leave some to the others.
        pub max_streams: usize = "2048" in "0"..="1000000",
        /// How many requests a caller may make per second, 0 for no limit; above it the answer is 429.
        pub rate_limit_per_second: u32 = "0" in "0"..="1000000",
        /// How many requests a caller may make at once after a pause.
        pub rate_limit_burst: u32 = "100" in "1"..="1000000",
        /// How long a request may take.
        pub request_timeout: Duration = "30s" in "10ms"..="1h",
        /// How long a repeated request waits for the first one with the same idempotency key.
        pub idempotency_wait: Duration = "5s" in "0s"..="1h",
    }
}

group! {
    /// Databases on PostgreSQL.
    pub struct Postgres {
        /// For `ordo migrate` alone: the user who owns the services' schemas. It makes the users that the services' URLs name, each with the rights that its service needs. Without one those users migrate themselves.
        pub owner: Option<String> = "",
        /// The owner's password.
        pub owner_password: Option<Secret> = "",
        /// How many connections each service of this process opens at most.
        pub connections: usize = "6" in "2"..="1000",
        /// Whether statements are prepared once per connection. Turn it off behind a proxy that pools by transaction and does not follow prepared statements.
        pub prepared_statements: bool = "true",
        /// How long it may take to get a connection.
        pub connect_timeout: Duration = "5s" in "10ms"..="1h",
        /// How long a transaction waits for another one's locks before it is given up and tried again.
        pub lock_timeout: Duration = "10s" in "100ms"..="1h",
    }
}

group! {
    /// The cache of settled orders.
    #[derive(Copy)]
    pub struct Cache {
        /// How many orders a cache in memory holds at most. Each may take 4 KiB; a larger one counts as several.
        pub entries: usize = "2000" in "1"..="10000000",
        /// How long an order is kept.
        pub ttl: Duration = "5m" in "1s"..="24h",
        /// How long Redis may take for an operation. Above it the database is asked.
        pub timeout: Duration = "100ms" in "1ms"..="10s",
    }
}

group! {
    /// Events over Kafka.
    pub struct Kafka {
        /// Into how many partitions topics are divided that ordo creates. So many instances of a service can share its work.
        pub partitions: u32 = "12" in "1"..="10000",
        /// On how many brokers topics are kept that ordo creates; 0 is the brokers' own default.
        pub replication: u32 = "0" in "0"..="100",
        /// The user to sign in as (SASL). Without one nobody signs in.
        pub username: Option<String> = "",
        /// The user's password.
        pub password: Option<Secret> = "",
        /// How the user signs in.
        pub sasl_mechanism: SaslMechanism = "scram-sha-512",
        /// Whether to connect with TLS. It has to be built in: cargo build --release --features kafka-tls.
        pub tls: bool = "false",
        /// A file with the certificates that vouch for the brokers, PEM. Without one those of this machine do.
        pub ca: Option<PathBuf> = "",
        /// After how long without a word from it an instance counts as gone, and others take over.
        pub session_timeout: Duration = "6s" in "6s"..="30m",
        /// How long the brokers may take to answer a question.
        pub timeout: Duration = "5s" in "100ms"..="5m",
        /// How long an event may take until the brokers have it for good; then it is tried again.
        pub publish_timeout: Duration = "30s" in "1s"..="1h",
    }
}

group! {
    /// Events over RabbitMQ.
    #[derive(Copy)]
    pub struct Rabbitmq {
        /// How many messages each reader of this process is given that it has not acknowledged.
        pub prefetch: u32 = "1000" in "1"..="65535",
        /// How long the server may take to answer a question.
        pub timeout: Duration = "5s" in "100ms"..="5m",
        /// How long an event may take until the server has it for good; then it is tried again.
        pub publish_timeout: Duration = "30s" in "1s"..="1h",
        /// How often both sides show that they are there. Who is silent twice as long counts as gone.
        pub heartbeat: Duration = "5s" in "1s"..="10m",
    }
}

group! {
    /// The orders service.
    pub struct Orders {
        /// Where this service keeps its data, if not at `database_url`. Not on SQLite, where all services share a directory.
        pub database_url: Option<DatabaseUrl> = "",
        /// The currency of an order that names none.
        pub default_currency: Currency = "USD",
        /// How long an order may stay unpaid before it is cancelled.
        pub payment_deadline: Duration = "30m" in "1s"..="8760h",
        /// After how long without progress an order is listed as stuck. Nothing else happens to it.
        pub stuck_after: Duration = "5m" in "1s"..="8760h",
        /// Whether a document from elsewhere is refused when its total is not the sum of its lines.
        pub check_document_sums: bool = "false",
        /// How long the answer to an idempotency key is kept.
        pub idempotency_retention: Duration = "24h" in "1m"..="8760h",
    }
}

group! {
    /// The payments service.
    pub struct Payments {
        /// Where this service keeps its data, if not at `database_url`. Not on SQLite, where all services share a directory.
        pub database_url: Option<DatabaseUrl> = "",
        /// How long a call to the payment provider may take; beyond it the outcome is unknown.
        pub timeout: Duration = "2s" in "10ms"..="5m",
        /// How many calls to the payment provider are under way at once; more wait.
        pub max_in_flight: usize = "64" in "1"..="100000",
    }
}

group! {
    /// The processing service, and work simulated for demonstrations.
    pub struct Processing {
        /// Where this service keeps its data, if not at `database_url`. Not on SQLite, where all services share a directory.
        pub database_url: Option<DatabaseUrl> = "",
        /// The share of orders that fail, decided by the id of the message.
        pub failure_rate: Rate = "0" in "0"..="1",
        /// How long processing an order takes.
        pub delay: Duration = "0s" in "0s"..="1h",
        /// Whether another system processes orders: it consumes order.created and order.paid from the broker, and publishes order.processed. Then this service does not run anywhere.
        pub elsewhere: bool = "false",
    }
}

group! {
    /// The catalogue service.
    pub struct Catalog {
        /// Where this service keeps its data, if not at `database_url`. Not on SQLite, where all services share a directory.
        pub database_url: Option<DatabaseUrl> = "",
    }
}

group! {
    /// The notifications service.
    pub struct Notifications {
        /// Where this service keeps its data, if not at `database_url`. Not on SQLite, where all services share a directory.
        pub database_url: Option<DatabaseUrl> = "",
        /// The mail server that notifications go to. Without one they go to the log of the process. With `smtp://` the connection is encrypted if the server offers it (and a password is sent only then, unless the server is on this machine), with `smtps://` always.
        pub smtp_url: Option<SmtpUrl> = "",
        /// Whom mail is from, such as `The Shop <shop@example.org>`.
        pub from: Option<String> = "",
        /// What customers are told. A later change holds for what happens from then on.
        pub kinds: Notices = "order.created,order.paid,order.completed,order.failed,order.cancelled,payment.refunded",
        /// The language in which customers are told, where the order names none.
        pub language: Language = "en",
        /// How long the mail server may take to be reached, and how long to take a mail. Beyond that it is not known whether it did.
        pub smtp_timeout: Duration = "30s" in "100ms"..="5m",
        /// How many mails are under way at once; more wait.
        pub max_in_flight: usize = "4" in "1"..="1000",
    }
}

group! {
    /// The built-in payment provider, at its start.
    pub struct Provider {
        /// Where the provider keeps its ledger, if not at `database_url`.
        pub database_url: Option<DatabaseUrl> = "",
        /// The share of calls that are answered with an error.
        pub failure_rate: Rate = "0" in "0"..="1",
        /// The share of calls that are not answered in time. Half of them are carried out all the same.
        pub timeout_rate: Rate = "0" in "0"..="1",
        /// How long an answer takes.
        pub delay: Duration = "0s" in "0s"..="1h",
        /// Whether the provider refuses every call.
        pub outage: bool = "false",
    }
}

group! {
    /// How calls are repeated, per dependency.
    #[derive(Copy)]
    pub struct Retries {
        /// How a transaction is repeated that met a busy or lost database. It is repeated until it succeeds.
        pub database: DatabaseRetry,
        /// How a call to the payment provider is repeated.
        pub provider: Retry,
        /// How a mail is repeated that the mail server does not take for now. What it may have taken is never repeated.
        pub mail: MailRetry,
    }
}

group! {
    /// How a mail is repeated: after `base`, then `factor` times as long each time, up to `cap`.
    #[derive(Copy)]
    pub struct MailRetry {
        /// How often it is tried in all, the first time included. A server that cannot be reached uses up none.
        pub attempts: u32 = "12" in "1"..="1000",
        /// The pause before the first repetition.
        pub base: Duration = "2s" in "1ms"..="1h",
        /// By how much each pause is longer than the one before.
        pub factor: u32 = "2" in "1"..="10",
        /// The longest pause.
        pub cap: Duration = "15m" in "1ms"..="24h",
        /// How the pause is spread: full is from nothing to all of it, equal from half of it.
        pub jitter: Jitter = "equal",
    }
}

group! {
    /// How one kind of call is repeated: after `base`, then `factor` times as long each time, up to `cap`.
    #[derive(Copy)]
    pub struct Retry {
        /// How often it is tried in all, the first time included.
        pub attempts: u32 = "12" in "1"..="1000",
        /// The pause before the first repetition.
        pub base: Duration = "200ms" in "1ms"..="1h",
        /// By how much each pause is longer than the one before.
        pub factor: u32 = "2" in "1"..="10",
        /// The longest pause.
        pub cap: Duration = "30s" in "1ms"..="24h",
        /// How the pause is spread: full is from nothing to all of it, equal from half of it.
        pub jitter: Jitter = "full",
    }
}

group! {
    /// How a transaction is repeated: after `base`, then `factor` times as long each time, up to `cap`.
    #[derive(Copy)]
    pub struct DatabaseRetry {
        /// After how many tries in a row those who wait for an answer are told 503.
        pub attempts: u32 = "3" in "1"..="1000",
        /// The pause before the first repetition.
        pub base: Duration = "50ms" in "1ms"..="1h",
        /// By how much each pause is longer than the one before.
        pub factor: u32 = "2" in "1"..="10",
        /// The longest pause.
        pub cap: Duration = "2s" in "1ms"..="24h",
        /// How the pause is spread: full is from nothing to all of it, equal from half of it.
        pub jitter: Jitter = "equal",
    }
}

group! {
    /// The circuit breakers before the payment provider and the mail server.
    #[derive(Copy)]
    pub struct Breaker {
        /// The share of failed calls at which it opens.
        pub failure_rate: Rate = "50%" in "0.000001"..="1",
        /// How many calls there must be in the window before it may open.
        pub minimum_calls: u32 = "100" in "1"..="1000000",
        /// The time over which calls are counted.
        pub window: Duration = "10s" in "100ms"..="1h",
        /// How long it stays open before it lets trials through.
        pub cool_down: Duration = "5s" in "10ms"..="1h",
        /// How many trials it lets through then; by the same failure rate it closes behind them, or opens again.
        pub half_open_trials: u32 = "10" in "1"..="1000",
    }
}

group! {
    /// The engine that runs every service.
    #[derive(Copy)]
    pub struct Engine {
        /// How many messages are handled in one transaction at most.
        pub batch: usize = "512" in "1"..="10000",
        /// How many commands wait to be taken in; above it the answer is 503.
        pub intake_queue: usize = "8192" in "1"..="1000000",
        /// Into how many partitions the log of a new database is divided by the messages' keys: 1 on SQLite and 8 on PostgreSQL, unless said otherwise.
        pub partitions: u32 = "1" in "1"..="1024",
        /// How often finished rows are cleaned up.
        pub clean_up_period: Duration = "1s" in "10ms"..="24h",
        /// How many rows are cleaned up at once at most.
        pub clean_up_batch: usize = "1000" in "1"..="100000",
        /// How long a dead letter is kept once it was resolved or given up. What waits for an operator is kept for good.
        pub dead_letter_retention: Duration = "720h" in "1s"..="87600h",
    }
}

group! {
    /// Log lines.
    #[derive(Copy)]
    pub struct Log {
        /// How they are written: auto is text on a terminal and json elsewhere.
        pub format: LogFormat = "auto",
        /// The least severe that are written.
        pub level: LogLevel = "info",
    }
}
