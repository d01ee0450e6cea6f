//! Which server is talked to, and how it is told: what all commands over HTTP have in common.

use std::convert::Infallible;

/// Where `ordo serve` listens unless told otherwise.
pub const DEFAULT_URL: &str = "http://127.0.0.1:8000";

/// The flags that every command over HTTP takes.
#[derive(Clone, Debug, clap::Args)]
pub struct At {
    /// Where the server listens; plain HTTP.
    #[arg(long, global = true, env = "ORDO_URL", default_value = DEFAULT_URL, value_parser = url)]
    pub url: String,
    /// Prints what the server answered as JSON, for programs.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Reads a server's address; an empty one, as of a variable that is set to nothing, is the usual one.
///
/// # Errors
/// Never: what is no address is told when it is used.
pub fn url(text: &str) -> Result<String, Infallible> {
    Ok(if text.is_empty() { DEFAULT_URL } else { text }.to_owned())
}
