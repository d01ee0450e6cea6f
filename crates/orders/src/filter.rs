//! Which orders are asked for: the filters of lists, searches and exports.
//!
//! Every filter is decided by one function over the order, whatever index led to it, so that no two ways of finding orders
//! can disagree. An index only says where to look.

use std::time::Duration;

use contract::{Currency, PaymentStatus, ProcessingStatus, Status};
use jiff::Timestamp;
use uuid::Uuid;

use crate::model::Order;
use crate::text::Text;

/// How many orders are looked at for one page, unless the filter says otherwise. It bounds what a page costs whose filters
/// hardly anything fits.
pub const REACH: usize = 10_000;
/// How far the time in an order's id and that of its acceptance may lie apart. An order that waited in a broker for longer
/// is not found by the time of its acceptance.
const SLACK: Duration = Duration::from_secs(600);

/// Which orders to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFilter {
    /// Only those in this state.
    pub status: Option<Status>,
    /// Only those whose money stands so.
    pub payment_status: Option<PaymentStatus>,
    /// Only those whose processing stands so.
    pub processing_status: Option<ProcessingStatus>,
    /// Only this customer's.
    pub customer_id: Option<String>,
    /// Only those with a line of this product.
    pub product_id: Option<String>,
    /// Only the one that another system calls so.
    pub external_id: Option<String>,
    /// Only those created at or after this time.
    pub created_from: Option<Timestamp>,
    /// Only those created before this time.
    pub created_to: Option<Timestamp>,
    /// Only those that cost as much or more, in their own currency.
    pub total_min: Option<Total>,
    /// Only those that cost as much or less, in their own currency.
    pub total_max: Option<Total>,
    /// Only those in which all these words occur.
    pub text: Option<Text>,
    /// Only those older than this one.
    pub before: Option<Uuid>,
    /// Leave out so many of the newest.
    pub skip: usize,
    /// At most so many.
    pub limit: usize,
    /// Look at no more than so many: the page ends there, even if it is empty.
    pub reach: usize,
}

impl Default for ListFilter {
    fn default() -> Self {
        Self {
            status: None,
            payment_status: None,
            processing_status: None,
            customer_id: None,
            product_id: None,
            external_id: None,
            created_from: None,
            created_to: None,
            total_min: None,
            total_max: None,
            text: None,
            before: None,
            skip: 0,
            limit: 0,
            reach: REACH,
        }
    }
}

impl ListFilter {
    /// Whether the order is asked for. `document` is what it came as, if anybody has read that.
    pub fn fits(&self, order: &Order, document: Option<&str>) -> bool {
        self.fits_but_for_text(order) && self.text.as_ref().is_none_or(|text| text.occurs_in(order, document))
    }

    /// The same without a look at the words.
    pub fn fits_but_for_text(&self, order: &Order) -> bool {
        let (content, facts) = (&order.content, &order.facts);
        let total = Total::of(content.total, content.currency);
        self.before.is_none_or(|before| order.id < before)
            && self.status.is_none_or(|status| status == facts.status())
            && self.payment_status.is_none_or(|status| status == facts.payment_status())
            && self.processing_status.is_none_or(|status| status == facts.processing_status())
            && is_wanted(self.customer_id.as_ref(), content.customer_id.as_ref())
            && is_wanted(self.external_id.as_ref(), content.external_id.as_ref())
            && self.created_from.is_none_or(|from| order.created_at >= from)
            && self.created_to.is_none_or(|to| order.created_at < to)
            && self.total_min.is_none_or(|min| total >= min)
            && self.total_max.is_none_or(|max| total <= max)
            && self
                .product_id
                .as_ref()
                .is_none_or(|id| content.lines.iter().any(|line| line.product_id == *id))
    }

    /// Between which ids, from the first one and before the second one, all orders lie that are asked for.
    pub fn ids(&self) -> (Uuid, Uuid) {
        let from = self
            .created_from
            .map_or(Uuid::nil(), |from| first_id(from.saturating_sub(SLACK).unwrap_or(from)));
        let to = self.created_to.map(|to| first_id(to.saturating_add(SLACK).unwrap_or(to)));
        (from, self.before.into_iter().chain(to).min().unwrap_or(Uuid::max()))
    }
}

fn is_wanted(wanted: Option<&String>, had: Option<&String>) -> bool {
    wanted.is_none() || wanted == had
}

/// The lowest id that can be made at `time` or later: ids are UUIDv7 and begin with their milliseconds (RFC 9562).
fn first_id(time: Timestamp) -> Uuid {
    let ms = (time.as_nanosecond() + 999_999).div_euclid(1_000_000).clamp(0, (1 << 48) - 1);
    Uuid::from_u128(ms.cast_unsigned() << 80)
}

/// A sum to compare totals with, whatever their currency: ten-thousandths of its unit, the most decimals there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Total(i128);

impl Total {
    /// Digits before the point at most.
    const MAX_DIGITS: usize = 20;
    /// Decimals at most: no currency has more.
    const DECIMALS: usize = 4;

    /// Reads `140` or `100.50`. None: it is no such number.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str, most| {
            (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_number(whole, Self::MAX_DIGITS) || !is_number(fraction, Self::DECIMALS) {
            return None;
        }
        format!("{whole}{fraction:0<4}").parse().ok().map(Self)
    }

    /// `minor` minor units of the currency.
    pub fn of(minor: i64, currency: Currency) -> Self {
        Self(i128::from(minor) * 10_000 / i128::from(currency.minor_per_unit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_compare_across_the_decimals_of_currencies() {
        let of = |minor, code: &str| Total::of(minor, code.parse().unwrap());
        assert_eq!(Total::parse("100.50"), Some(of(10_050, "USD")));
        assert_eq!(Total::parse("100.5"), Total::parse("100.5000"));
        assert_eq!(Total::parse("140"), Some(of(140, "JPY")));
        assert_eq!(Total::parse("1.234"), Some(of(1_234, "KWD")));
        assert!(Total::parse("9.99") < Some(of(10, "JPY")));
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1.00001", "1,5", " 1", &"9".repeat(21)] {
            assert_eq!(Total::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_a_place_among_the_ids() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let filter = ListFilter {
            created_from: Some(at(1_000)),
            created_to: Some(at(2_000)),
            ..ListFilter::default()
        };
        let ms = |id: Uuid| id.as_u128() >> 80;
        let (from, to) = filter.ids();
        assert_eq!((ms(from), ms(to)), (400_000, 2_600_000));
        let before = Uuid::from_u128(1_500_000 << 80);
        assert_eq!(ListFilter { before: Some(before), ..filter }.ids(), (from, before));
        assert_eq!(ListFilter::default().ids(), (Uuid::nil(), Uuid::max()));
    }
}
