//! Every kind of problem, and the one mapping to them from refusals, invalid forms and faults.

use axum::http::StatusCode;
use engine::Fault;
use orders::forms::FormError;

use crate::problem::{FieldProblem, Kind, Problem};

macro_rules! kinds {
    ($($name:ident = $status:ident $slug:literal $title:literal;)+) => {
        $(pub(crate) const $name: Kind = Kind { slug: $slug, title: $title, status: StatusCode::$status };)+

        #[cfg(test)]
        pub(crate) const ALL: &[Kind] = &[$($name),+];
    };
}

kinds! {
    NOT_JSON = BAD_REQUEST "not-json" "The body is not JSON";
    INVALID_CURSOR = BAD_REQUEST "invalid-cursor" "The cursor is not one of ours";
    INVALID_PARAMETER = BAD_REQUEST "invalid-parameter" "A query parameter is not valid";
    UNKNOWN_PARAMETER = BAD_REQUEST "unknown-parameter" "There is no such query parameter";
    INVALID_IDEMPOTENCY_KEY = BAD_REQUEST "invalid-idempotency-key" "The Idempotency-Key is not valid";
    BROKEN_BODY = BAD_REQUEST "broken-body" "The body did not arrive";
    NOT_FOUND = NOT_FOUND "not-found" "There is no such thing";
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED "method-not-allowed" "The method is not allowed here";
    NOT_ACCEPTABLE = NOT_ACCEPTABLE "not-acceptable" "There is no such format";
    SLOW_BODY = REQUEST_TIMEOUT "slow-body" "The body came too slowly";
    SOLD_OUT = CONFLICT "sold-out" "A product is sold out";
    TOTAL_DRIFTED = CONFLICT "total-drifted" "The total is not the expected one";
    EXTERNAL_ID_CONFLICT = CONFLICT "external-id-conflict" "The external id belongs to another order";
    NOT_DEAD = CONFLICT "not-dead" "The letter is not dead any more";
    TOO_LATE = CONFLICT "too-late" "It is too late for that";
    UNDER_WAY = CONFLICT "under-way" "It is being done just now";
    NOBODY_TO_TELL = CONFLICT "nobody-to-tell" "There is nobody to tell";
    PRODUCT_EXISTS = CONFLICT "product-exists" "The menu has such a product";
    NOTHING_TO_REFUND = CONFLICT "nothing-to-refund" "There is nothing to refund";
    IN_PROGRESS = CONFLICT "idempotency-key-in-progress" "The first request under this key is not done";
    VERSION_CHANGED = PRECONDITION_FAILED "version-changed" "It was changed in the meantime";
    TOO_LARGE = PAYLOAD_TOO_LARGE "body-too-large" "The body is too large";
    NOT_JSON_TYPE = UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" "The body must be JSON";
    INVALID_CONTENT = UNPROCESSABLE_ENTITY "invalid-content" "The content is not valid";
    KEY_REUSED = UNPROCESSABLE_ENTITY "idempotency-key-reused" "The Idempotency-Key was used for something else";
    TOO_MANY_REQUESTS = TOO_MANY_REQUESTS "too-many-requests" "There are too many requests";
    INTERNAL = INTERNAL_SERVER_ERROR "internal" "Something is wrong on our side";
    SATURATED = SERVICE_UNAVAILABLE "saturated" "There is too much to do";
    UNAVAILABLE = SERVICE_UNAVAILABLE "unavailable" "A part of the system is away";
    TIMED_OUT = SERVICE_UNAVAILABLE "timed-out" "It took too long";
}

/// There is no such order, whether the id is well-formed or not.
pub(crate) fn no_such_order() -> Problem {
    Problem::new(NOT_FOUND, "there is no order with this id")
}

/// There is no such notification, whether the id is well-formed or not.
pub(crate) fn no_such_notification() -> Problem {
    Problem::new(NOT_FOUND, "there is no notification with this id")
}

/// There is no such product.
pub(crate) fn no_such_product() -> Problem {
    Problem::new(NOT_FOUND, "the menu has no product with this id")
}

/// Something is wrong on our side. What it is goes to the log, not to the caller.
pub(crate) fn internal(what: &str) -> Problem {
    tracing::error!(what, "a request failed");
    Problem::new(INTERNAL, "the request failed; the log says why")
}

/// A queue is full.
pub(crate) fn saturated() -> Problem {
    Problem::new(SATURATED, "the server has as much to do as it takes on; try again").retry_after(1)
}

/// What came was handed in, and nobody answered in time.
pub(crate) fn timed_out() -> Problem {
    Problem::new(TIMED_OUT, "the request took too long and was given up; it may have been done")
        .retry_after(1)
}

/// A part is away.
pub(crate) fn unavailable(why: &str) -> Problem {
    tracing::warn!(why, "a part is away");
    Problem::new(UNAVAILABLE, "it is not known whether it was done; try again with the same Idempotency-Key")
        .retry_after(1)
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable(why) => {
                tracing::warn!(why, "a store is away");
                Self::new(UNAVAILABLE, "the data is away; try again").retry_after(1)
            }
            other => internal(&other.to_string()),
        }
    }
}

impl From<FormError> for Problem {
    fn from(error: FormError) -> Self {
        match error {
            FormError::NotJson { detail } => Self::new(NOT_JSON, format!("the body is not JSON: {detail}")),
            FormError::Invalid { errors } => {
                let detail = format!("the order has {} invalid fields", errors.len());
                let errors = errors.into_iter().map(|error| FieldProblem {
                    path: error.path,
                    code: error.code.into(),
                    message: error.message,
                });
                Self { errors: errors.collect(), ..Self::new(INVALID_CONTENT, detail) }
            }
        }
    }
}

impl From<orders::Refusal> for Problem {
    fn from(refusal: orders::Refusal) -> Self {
        use orders::Refusal;
        let detail = refusal.to_string();
        let item = |line: usize| format!("/items/{line}");
        match refusal {
            Refusal::UnknownProduct { line, .. } => {
                Self::new(INVALID_CONTENT, detail).at(item(line), "unknown_product")
            }
            Refusal::SoldOut { line, .. } => Self::new(SOLD_OUT, detail).at(item(line), "sold_out"),
            Refusal::OutOfStock { line, .. } => Self::new(SOLD_OUT, detail).at(item(line), "out_of_stock"),
            Refusal::OtherCurrency { line, .. } => {
                Self::new(INVALID_CONTENT, detail).at(item(line), "other_currency")
            }
            Refusal::TotalOutOfRange => Self::new(INVALID_CONTENT, detail).at("", "out_of_range"),
            Refusal::TotalDrifted { .. } => {
                Self::new(TOTAL_DRIFTED, detail).at("/expected_total", "total_drifted")
            }
            Refusal::UnknownOrder(_) => no_such_order(),
            Refusal::TooLate(_) => Self::new(TOO_LATE, detail),
            Refusal::VersionChanged(_) => Self::new(VERSION_CHANGED, detail),
        }
    }
}

impl From<catalog::Refusal> for Problem {
    fn from(refusal: catalog::Refusal) -> Self {
        use catalog::Refusal;
        let detail = refusal.to_string();
        match refusal {
            Refusal::AlreadyThere(_) => Self::new(PRODUCT_EXISTS, detail).at("/id", "exists"),
            Refusal::NotOnMenu(_) => no_such_product(),
            Refusal::VersionChanged(_) => Self::new(VERSION_CHANGED, detail),
        }
    }
}

impl From<payments::Refusal> for Problem {
    fn from(refusal: payments::Refusal) -> Self {
        use payments::Refusal;
        let detail = refusal.to_string();
        match refusal {
            Refusal::OrderChanged(_) => Self::new(VERSION_CHANGED, detail),
            Refusal::NoPayment | Refusal::NotCaptured => Self::new(NOTHING_TO_REFUND, detail),
            Refusal::TooMuch { .. } => Self::new(INVALID_CONTENT, detail).at("/amount", "out_of_range"),
        }
    }
}

impl From<notifications::Refusal> for Problem {
    fn from(refusal: notifications::Refusal) -> Self {
        match refusal {
            notifications::Refusal::UnknownNotification => no_such_notification(),
            notifications::Refusal::UnderWay => Self::new(UNDER_WAY, refusal.to_string()),
            notifications::Refusal::TooEarly | notifications::Refusal::Nobody => {
                Self::new(NOBODY_TO_TELL, refusal.to_string())
            }
        }
    }
}

impl From<provider::Refusal> for Problem {
    fn from(refusal: provider::Refusal) -> Self {
        let status = provider::wire::status_of(&refusal);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = Kind { slug: refusal.code(), title: "The payment provider refuses", status };
        Self::new(kind, refusal.to_string())
    }
}

impl From<provider::wire::Invalid> for Problem {
    fn from(invalid: provider::wire::Invalid) -> Self {
        Self::new(INVALID_CONTENT, invalid.message).at(invalid.path, invalid.code)
    }
}

#[cfg(test)]
mod tests {
    use contract::Status;

    use super::*;

    #[test]
    fn no_two_kinds_share_a_slug() {
        let mut slugs: Vec<_> = ALL.iter().map(|kind| kind.slug).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), ALL.len());
    }

    #[test]
    fn refusals_have_the_status_that_the_contract_says() {
        let product_id = || "calzone".to_owned();
        let table = [
            (orders::Refusal::UnknownProduct { line: 0, product_id: product_id() }, 422),
            (orders::Refusal::SoldOut { line: 0, product_id: product_id() }, 409),
            (orders::Refusal::OutOfStock { line: 0, product_id: product_id(), wanted: 2, available: 1 }, 409),
            (orders::Refusal::TooLate(Status::Processed), 409),
            (orders::Refusal::VersionChanged(2), 412),
            (orders::Refusal::UnknownOrder(uuid::Uuid::nil()), 404),
        ];
        for (refusal, status) in table {
            assert_eq!(Problem::from(refusal.clone()).kind.status.as_u16(), status, "{refusal}");
        }
    }
}
