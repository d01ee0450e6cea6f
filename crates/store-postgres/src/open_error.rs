//! Why a database cannot be used: one line for an operator.

use engine::Fault;
use thiserror::Error;

/// A database cannot be used. The text says what to do.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OpenError {
    /// The URL is not one of PostgreSQL's.
    #[error("the database URL cannot be read: {0}; write postgres://user:password@host:port/database")]
    Url(String),
    /// The server cannot be reached, or does not let us in.
    #[error(
        "cannot use the database of {service}: {reason}; check that the server runs, and the user and password"
    )]
    Unavailable {
        /// Whose database.
        service: &'static str,
        /// What the driver says.
        reason: String,
    },
    /// The server is there, and what is in it is not as it should be.
    #[error("cannot use the database of {service}: {reason}")]
    Unfit {
        /// Whose database.
        service: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A migration is missing, and the user may not apply it.
    #[error(
        "the schema {schema} lacks the migration {migration}, and this user may make no tables there; \
         run `ordo migrate up` with ORDO_POSTGRES_OWNER"
    )]
    Missing {
        /// The schema.
        schema: String,
        /// Which.
        migration: &'static str,
    },
    /// A service's user cannot be made, or not be given what it needs.
    #[error("cannot make the user {user} for the schema {schema}: {reason}")]
    User {
        /// The user.
        user: String,
        /// The schema.
        schema: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A migration failed. Those before it stay applied.
    #[error("the migration {migration} failed: {reason}")]
    Migration {
        /// Which.
        migration: &'static str,
        /// What the server says.
        reason: String,
    },
    /// The schema was migrated by a newer version.
    #[error(
        "the schema {schema} has the migration {migration}, which this version does not know; use a newer ordo"
    )]
    Newer {
        /// The schema.
        schema: String,
        /// Which.
        migration: String,
    },
    /// A migration that was applied has another text now.
    #[error(
        "the migration {migration} of the schema {schema} was applied with another text; use the ordo that made it"
    )]
    Altered {
        /// The schema.
        schema: String,
        /// Which.
        migration: String,
    },
}

impl OpenError {
    /// What keeps a service from its database.
    pub(crate) fn of(service: &'static str, fault: Fault) -> Self {
        match fault {
            Fault::Corrupt(reason) => Self::Unfit { service, reason },
            fault => Self::Unavailable { service, reason: fault.to_string() },
        }
    }
}
