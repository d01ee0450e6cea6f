//! In which format orders are exported.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use orders::Order;

use super::csv;
use crate::parameters::invalid;
use crate::problem::Problem;
use crate::problems::{NOT_ACCEPTABLE, internal};
use crate::view::order::OrderView;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// An order per line, as JSON.
    Ndjson,
    /// An order per row of a table.
    Csv,
}

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Result<Self, Problem> {
        match name {
            "ndjson" => Ok(Self::Ndjson),
            "csv" => Ok(Self::Csv),
            _ => Err(invalid("format", "write one of csv, ndjson")),
        }
    }

    /// The format that the client likes best, the first of those it likes alike. Without a word it is NDJSON.
    pub fn accepted(headers: &HeaderMap) -> Result<Self, Problem> {
        let lists: Vec<_> = headers.get_all(ACCEPT).iter().filter_map(|list| list.to_str().ok()).collect();
        if lists.is_empty() {
            return Ok(Self::Ndjson);
        }
        let ranges = lists.iter().flat_map(|list| list.split(','));
        let known = ranges.filter_map(|range| Some((Self::of_range(range)?, quality(range)?)));
        let best = known.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(format, _)| format).ok_or_else(|| {
            Problem::new(
                NOT_ACCEPTABLE,
                "orders are exported as text/csv or application/x-ndjson; accept one of them",
            )
        })
    }

    fn of_range(range: &str) -> Option<Self> {
        let name = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match &*name {
            "text/csv" | "text/*" => Some(Self::Csv),
            "application/x-ndjson" | "application/json" | "application/*" | "*/*" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// How it is called among media types.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// What browsers call the file.
    pub const fn disposition(self) -> &'static str {
        match self {
            Self::Ndjson => "attachment; filename=\"orders.ndjson\"",
            Self::Csv => "attachment; filename=\"orders.csv\"",
        }
    }

    /// What stands before the first order.
    pub fn opening(self) -> Vec<u8> {
        match self {
            Self::Ndjson => Vec::new(),
            Self::Csv => csv::heads(),
        }
    }

    /// Writes an order behind what is there.
    pub fn write(self, out: &mut Vec<u8>, order: &Order) -> Result<(), Problem> {
        match self {
            Self::Ndjson => {
                serde_json::to_writer(&mut *out, &OrderView::from(order))
                    .map_err(|error| internal(&error.to_string()))?;
                out.push(b'\n');
            }
            Self::Csv => csv::row(out, order),
        }
        Ok(())
    }
}

/// How much it is liked, in thousandths. None: not at all, or nobody can say.
fn quality(range: &str) -> Option<u16> {
    let parameter = range.split(';').skip(1).find_map(|parameter| parameter.trim().strip_prefix("q="));
    let Some(text) = parameter else { return Some(1_000) };
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let thousandths: u16 = format!("{whole}{fraction:0<3}").parse().ok()?;
    Some(thousandths).filter(|quality| (1..=1_000).contains(quality))
}
