//! A page of a list: how far it was looked for, and where the next one begins.
//!
//! Pages follow each other by the id of the last order that was looked at, so none is counted off, and none is missed or
//! comes twice. A page ends when it is full, when nothing is left, or when as many orders were looked at as may be; in the last
//! case it is shorter, and may be empty, although there is a next one.

use uuid::Uuid;

use crate::filter::ListFilter;
use crate::model::Order;

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The orders, newest first.
    pub orders: Vec<Order>,
    /// Where the next page begins. None: this was the last one.
    pub next: Option<Next>,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Only older orders than this one.
    pub before: Uuid,
    /// So many of them are still to be left out.
    pub skip: usize,
}

/// A page on its way: it is shown one order after the other, the newest first, until it has enough.
#[derive(Debug)]
pub struct Walk<'f> {
    filter: &'f ListFilter,
    orders: Vec<Order>,
    skip: usize,
    looked_at: usize,
    last: Option<Uuid>,
    is_full: bool,
}

impl<'f> Walk<'f> {
    /// Nothing was shown yet.
    pub fn new(filter: &'f ListFilter) -> Self {
        let (orders, skip) = (Vec::new(), filter.skip);
        Self { filter, orders, skip, looked_at: 0, last: None, is_full: false }
    }

    /// How many orders may still be shown.
    pub fn left(&self) -> usize {
        self.filter.reach.max(1) - self.looked_at
    }

    /// How many orders that fit are still wanted, with the one that tells that there is a next page.
    pub fn wanted(&self) -> usize {
        self.skip + self.filter.limit + 1 - self.orders.len()
    }

    /// Whether it needs to be shown no more.
    pub fn is_over(&self) -> bool {
        self.is_full || self.left() == 0
    }

    /// Shows the next order; None: one that does not fit. It must not be over.
    pub fn show(&mut self, id: Uuid, order: Option<Order>) {
        if let Some(order) = order {
            if self.skip > 0 {
                self.skip -= 1;
            } else if self.orders.len() == self.filter.limit {
                self.is_full = true;
                return;
            } else {
                self.orders.push(order);
            }
        }
        self.looked_at += 1;
        self.last = Some(id);
    }

    /// Nothing that fits is left down to this id, this one too.
    pub fn pass(&mut self, id: Uuid) {
        self.last = Some(id);
    }

    /// The page. `ended`: nothing is left that was not shown.
    pub fn finish(self, ended: bool) -> Page {
        let goes_on = self.is_full || !ended;
        let next = self.last.or(self.filter.before).map(|before| Next { before, skip: self.skip });
        Page { orders: self.orders, next: next.filter(|_| goes_on) }
    }
}

/// The page of a list that at most one order can be in.
pub fn only(filter: &ListFilter, order: Option<Order>) -> Page {
    let mut walk = Walk::new(filter);
    if let Some(order) = order {
        walk.show(order.id, Some(order).filter(|order| filter.fits(order, None)));
    }
    walk.finish(true)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::Content;

    fn order(number: u128) -> Order {
        let content = Content {
            customer_id: None,
            customer_name: None,
            lines: Vec::new(),
            total: 1,
            currency: "USD".parse().unwrap(),
            delivery: None,
            payment_method: None,
            external_id: None,
            metadata: serde_json::Map::new(),
            document: None,
        };
        Order::new(Uuid::from_u128(number), content, false, Timestamp::UNIX_EPOCH)
    }

    /// Shows the numbers, of which the even ones fit.
    fn page(filter: &ListFilter, numbers: &[u128]) -> (Vec<u128>, Option<(u128, usize)>) {
        let mut walk = Walk::new(filter);
        let mut shown = 0;
        for number in numbers {
            if walk.is_over() {
                break;
            }
            walk.show(Uuid::from_u128(*number), (number % 2 == 0).then(|| order(*number)));
            shown += 1;
        }
        let page = walk.finish(shown == numbers.len());
        let ids = page.orders.iter().map(|order| order.id.as_u128()).collect();
        (ids, page.next.map(|next| (next.before.as_u128(), next.skip)))
    }

    #[test]
    fn a_page_tells_where_the_next_one_begins() {
        let all = [9, 8, 7, 6, 5, 4, 3];
        let filter = |limit, skip, reach| ListFilter { limit, skip, reach, ..ListFilter::default() };
        assert_eq!(page(&filter(2, 0, 99), &all), (vec![8, 6], Some((5, 0))), "it is full");
        assert_eq!(page(&filter(3, 0, 99), &all), (vec![8, 6, 4], None), "nothing is left");
        assert_eq!(
            page(&filter(3, 0, 7), &all),
            (vec![8, 6, 4], None),
            "nothing is left at the end of its reach"
        );
        assert_eq!(page(&filter(3, 0, 3), &all), (vec![8], Some((7, 0))), "it reaches no further");
        assert_eq!(
            page(&filter(3, 2, 3), &all),
            (vec![], Some((7, 1))),
            "what is left out goes on being left out"
        );
        assert_eq!(page(&filter(3, 2, 99), &all), (vec![4], None));
        assert_eq!(page(&filter(3, 0, 99), &[]), (vec![], None));
    }
}
