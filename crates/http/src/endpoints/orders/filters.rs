//! The filters that lists and exports have in common, as query parameters.

use contract::{PaymentStatus, ProcessingStatus, Status};
use jiff::Timestamp;
use orders::filter::Total;
use orders::{ListFilter, Text};
use utoipa::IntoParams;

use crate::parameters::{self, invalid, word};
use crate::problem::Problem;
use crate::view::states;

/// The filters, for the description only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes the parameters and is never made")]
pub(crate) struct Filters {
    /// Only those in this state
    status: Option<states::Status>,
    /// Only those whose money stands so
    payment_status: Option<states::PaymentStatus>,
    /// Only those whose processing stands so
    processing_status: Option<states::ProcessingStatus>,
    /// Only this customer's
    customer_id: Option<String>,
    /// Only those with a line of this product
    product_id: Option<String>,
    /// Only the one that another system calls so
    external_id: Option<String>,
    /// Only those created at or after this time (RFC 3339)
    #[param(value_type = Option<String>, format = DateTime)]
    created_from: Option<Timestamp>,
    /// Only those created before this time (RFC 3339)
    #[param(value_type = Option<String>, format = DateTime)]
    created_to: Option<Timestamp>,
    /// Only those that cost as much or more, in their own currency
    total_min: Option<f64>,
    /// Only those that cost as much or less, in their own currency
    total_max: Option<f64>,
    /// Words, all of which occur in the order: in its ids, track number, customer, products, or where it goes. A piece of a word
    /// will do, one of them of three characters at least; case does not matter
    q: Option<String>,
}

/// What the filters are called.
pub(crate) const KNOWN: [&str; 11] = [
    "status",
    "payment_status",
    "processing_status",
    "customer_id",
    "product_id",
    "external_id",
    "created_from",
    "created_to",
    "total_min",
    "total_max",
    "q",
];

/// Takes a parameter into the filter. Answers false if it is none of its.
pub(crate) fn read(filter: &mut ListFilter, name: &str, value: &str) -> Result<bool, Problem> {
    match name {
        "status" => filter.status = Some(word(name, value, Status::ALL)?),
        "payment_status" => filter.payment_status = Some(word(name, value, PaymentStatus::ALL)?),
        "processing_status" => filter.processing_status = Some(word(name, value, ProcessingStatus::ALL)?),
        "customer_id" => filter.customer_id = Some(value.to_owned()),
        "product_id" => filter.product_id = Some(value.to_owned()),
        "external_id" => filter.external_id = Some(value.to_owned()),
        "created_from" => filter.created_from = Some(parameters::time(name, value)?),
        "created_to" => filter.created_to = Some(parameters::time(name, value)?),
        "total_min" => filter.total_min = Some(total(name, value)?),
        "total_max" => filter.total_max = Some(total(name, value)?),
        "q" => filter.text = Some(text(value)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn total(name: &str, value: &str) -> Result<Total, Problem> {
    Total::parse(value).ok_or_else(|| invalid(name, "write an amount like 100.50, of at most four decimals"))
}

fn text(value: &str) -> Result<Text, Problem> {
    let (shortest, longest) = (orders::text::SHORTEST, orders::text::LONGEST);
    Text::parse(value).ok_or_else(|| {
        let detail = format!(
            "write words of which one has at least {shortest} characters, and at most {longest} characters in all"
        );
        invalid("q", detail)
    })
}
