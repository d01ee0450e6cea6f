//! The command line. `ordo` alone is `ordo serve`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use settings::Role;
use simulate::Mix;

/// An event-driven order platform: takes orders in, gets them paid, processed and announced, and never loses or
/// doubles one.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 110)]
pub struct Cli {
    /// The configuration file, TOML. Default: ORDO_CONFIG, else ./ordo.toml if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Sets an option whatever file and environment say, such as --set http.addr=127.0.0.1:9000.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What ordo can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the shop: all roles in this process, or some of them.
    Serve(Serve),
    /// Brings the databases to this version, or one step back, or says how they stand.
    Migrate {
        /// Which way.
        #[arg(value_enum, default_value_t = Direction::Status)]
        direction: Direction,
    },
    /// Checks the promises over the data, also beside a running server. Exits with 1 if one is broken.
    Audit(Audit),
    /// Copies the data directory as it is at this moment, also while the server runs.
    Backup(Backup),
    /// Makes a backup the content of the data directory. The server has to be stopped.
    Restore(Restore),
    /// Places, shows and lists orders on a running server, and imports files of them.
    Orders(client::Args),
    /// Load against a running server.
    Simulate(simulate::Args),
    /// Sample orders of every form into the broker, as another system would send them.
    Produce(Produce),
    /// Shows, checks or describes the configuration.
    Config {
        /// What about it.
        #[command(subcommand)]
        about: AboutConfig,
    },
    /// What a shell needs to complete commands and flags, on standard output.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// How to serve.
#[derive(Debug, Default, Args)]
pub struct Serve {
    /// Where to listen. Default: ORDO_HTTP_ADDR, else 127.0.0.1:8000.
    #[arg(long, value_name = "ADDR:PORT")]
    pub addr: Option<String>,
    /// Where the data is, such as sqlite:./data. Default: ORDO_DATABASE_URL.
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Runs only this role; can be repeated. Default: all. Without a broker the services of the shop share a process.
    #[arg(long = "role", value_enum)]
    pub roles: Vec<RoleArg>,
}

/// A role of ordo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Takes orders in; serves the API.
    Orders,
    /// Gets them paid.
    Payments,
    /// Works them off.
    Processing,
    /// Keeps the menu.
    Catalog,
    /// Stands in for the payment provider.
    Provider,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Orders => Self::Orders,
            RoleArg::Payments => Self::Payments,
            RoleArg::Processing => Self::Processing,
            RoleArg::Catalog => Self::Catalog,
            RoleArg::Provider => Self::Provider,
        }
    }
}

/// What to audit.
#[derive(Debug, Args)]
pub struct Audit {
    /// Prints one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What to back up.
#[derive(Debug, Args)]
pub struct Backup {
    /// The directory to make.
    pub dir: PathBuf,
    /// The data directory. Default: what ORDO_DATABASE_URL says.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Prints what the backup consists of as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What to restore.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup, a directory that 'ordo backup' has made.
    pub backup: PathBuf,
    /// The data directory. Default: what ORDO_DATABASE_URL says.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Moves what is in the data directory aside, into a folder of it. Without this only an empty one is filled.
    #[arg(long)]
    pub force: bool,
}

/// What to produce.
#[derive(Debug, Args)]
pub struct Produce {
    /// How many orders.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub orders: u64,
    /// How often each form comes up.
    #[arg(long, default_value = "amount,priced,catalogue,declared,document", value_name = "FORM=WEIGHT,...")]
    pub mix: Mix,
    /// Makes forms 1 to 4 payable by this method. Form 3 is paid by card without it.
    #[arg(long, value_name = "METHOD")]
    pub payment_method: Option<String>,
    /// The same seed produces the same orders, which are placed only once. Default: new ones.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// Which way to migrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// All that is missing.
    Up,
    /// One step back.
    Down,
    /// What is applied.
    Status,
}

/// What about the configuration.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum AboutConfig {
    /// Every option with its value and where it is from. Secrets are masked.
    Show,
    /// Says what is wrong with it.
    Check,
    /// The JSON Schema of the file.
    Schema,
}
