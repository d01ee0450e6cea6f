//! All that can be asked for.

use contract::{PaymentStatus, ProcessingStatus, Status};
use jiff::{SignedDuration, Timestamp};
use orders::filter::Total;
use orders::{ListFilter, Text};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use super::stock::begin;

/// Any filter, page length and reach.
pub fn filters() -> impl Strategy<Value = ListFilter> {
    (states(), names(), sums(), 0..9_usize, 1..30_usize, 1..80_usize).prop_map(
        |((status, payment_status, processing_status), names, sums, skip, limit, reach)| ListFilter {
            status,
            payment_status,
            processing_status,
            customer_id: names.0,
            product_id: names.1,
            external_id: names.2,
            text: names.3,
            created_from: sums.0,
            created_to: sums.1,
            total_min: sums.2,
            total_max: sums.3,
            before: None,
            skip: skip.saturating_sub(4),
            limit,
            reach,
        },
    )
}

fn states() -> impl Strategy<Value = (Option<Status>, Option<PaymentStatus>, Option<ProcessingStatus>)> {
    (
        weighted(0.3, select(Status::ALL)),
        weighted(0.2, select(PaymentStatus::ALL)),
        weighted(0.2, select(ProcessingStatus::ALL)),
    )
}

/// They are none of a document's: a store looks for those only where it has an index.
const WORDS: &[&str] =
    &["mira", "ЛЕНИНА 4", "street", "pizza", "c-3 kaz", "+7900", "ext-", "0000-7000", "nowhere", "p-2 5"];

type Names = (Option<String>, Option<String>, Option<String>, Option<Text>);

fn names() -> impl Strategy<Value = Names> {
    (
        weighted(0.3, (0..8_u32).prop_map(|number| format!("c-{number}"))),
        weighted(0.3, (0..5_u32).prop_map(|number| format!("p-{number}"))),
        weighted(0.05, (0..40_u32).prop_map(|number| format!("ext-{number}"))),
        weighted(0.4, select(WORDS)).prop_map(|words| words.and_then(Text::parse)),
    )
}

type Sums = (Option<Timestamp>, Option<Timestamp>, Option<Total>, Option<Total>);

fn sums() -> impl Strategy<Value = Sums> {
    let time = || (-10..100_i64).prop_map(|tenths| begin() + SignedDuration::from_millis(tenths * 100));
    let total = || {
        select(&["0", "2.00", "3.5", "8", "100", "799.9"][..])
            .prop_map(|text| Total::parse(text).expect("a sum"))
    };
    (weighted(0.2, time()), weighted(0.2, time()), weighted(0.2, total()), weighted(0.2, total()))
}
