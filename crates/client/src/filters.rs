//! The filters of lists and exports, as flags and as a query.

use form_urlencoded::Serializer;

/// Which orders are asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Filters {
    /// Only those in this state: PENDING, PAID, PROCESSED, FAILED, CANCELLED.
    #[arg(long)]
    pub status: Option<String>,
    /// Only those whose money stands so: NONE, PENDING, PAID, FAILED, UNKNOWN, REFUNDED, PARTIALLY_REFUNDED.
    #[arg(long, value_name = "STATUS")]
    pub payment_status: Option<String>,
    /// Only those whose processing stands so: PENDING, PROCESSED, REJECTED.
    #[arg(long, value_name = "STATUS")]
    pub processing_status: Option<String>,
    /// Only this customer's.
    #[arg(long, value_name = "ID")]
    pub customer_id: Option<String>,
    /// Only those with a line of this product.
    #[arg(long, value_name = "ID")]
    pub product_id: Option<String>,
    /// Only the one that another system calls so.
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    /// Only those created at or after this time, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub created_from: Option<String>,
    /// Only those created before this time.
    #[arg(long, value_name = "TIME")]
    pub created_to: Option<String>,
    /// Only those that cost as much or more, in their own currency.
    #[arg(long, value_name = "AMOUNT")]
    pub total_min: Option<String>,
    /// Only those that cost as much or less, in their own currency.
    #[arg(long, value_name = "AMOUNT")]
    pub total_max: Option<String>,
    /// Only those in which all these words occur, or words they are a piece of: in ids, customer, products, address.
    #[arg(short, long = "query", value_name = "WORDS")]
    pub query: Option<String>,
}

impl Filters {
    /// The filters that were given, behind what is in the query already.
    pub fn extend(&self, query: &mut Serializer<'_, String>) {
        let filters = [
            ("status", &self.status),
            ("payment_status", &self.payment_status),
            ("processing_status", &self.processing_status),
            ("customer_id", &self.customer_id),
            ("product_id", &self.product_id),
            ("external_id", &self.external_id),
            ("created_from", &self.created_from),
            ("created_to", &self.created_to),
            ("total_min", &self.total_min),
            ("total_max", &self.total_max),
            ("q", &self.query),
        ];
        for (name, value) in filters {
            query.extend_pairs(value.as_ref().map(|value| (name, value)));
        }
    }
}
