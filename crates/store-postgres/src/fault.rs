//! What PostgreSQL's errors mean to the engine: try again, set the message aside, or call an operator.

use std::error::Error as _;

use engine::Fault;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

/// What a statement says behind a failed one of its transaction.
pub(crate) const ABORTED: &str = "the transaction was aborted by an earlier error";

/// The engine's word for an error of PostgreSQL.
#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
pub fn fault(error: Error) -> Fault {
    match error.as_db_error() {
        Some(refused) => refusal(refused),
        None => Fault::Unavailable(reason(&error)),
    }
}

/// The error with its cause, which the driver keeps apart.
pub(crate) fn reason(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(refused), _) => format!("{} ({})", refused.message(), refused.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

/// The classes are those of the manual's appendix A, PostgreSQL Error Codes.
fn refusal(refused: &DbError) -> Fault {
    let code = refused.code();
    let said = format!("{} ({})", refused.message(), code.code());
    if *code == SqlState::UNIQUE_VIOLATION && refused.constraint().is_some_and(|name| name.ends_with("_pkey"))
    {
        return Fault::Unavailable(format!("another instance was first: {said}; it is tried again"));
    }
    if *code == SqlState::IN_FAILED_SQL_TRANSACTION {
        return Fault::Unavailable(ABORTED.to_owned());
    }
    if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        return Fault::Corrupt(format!(
            "{said}; somebody with more rights has to do or grant that, as the schemas' owner does with `ordo migrate up`"
        ));
    }
    match code.code().get(..2).unwrap_or_default() {
        "22" | "23" | "54" => Fault::Rejected(said),
        "3D" | "3F" | "42" => {
            Fault::Corrupt(format!("{said}; bring the database to this version with `ordo migrate up`"))
        }
        "53" => Fault::Unavailable(format!("{said}; give the database server more room")),
        "XX" => Fault::Corrupt(format!("{said}; look into the log of the database server")),
        _ => Fault::Unavailable(said),
    }
}
