//! The audit: all promises, over all data, page by page. Only the keys of events that are underway are all in memory.

use std::collections::HashSet;
use std::time::Duration;

use catalog::Reservation;
use engine::{DeadLetter, DeadLetterState, Fault, Key};
use jiff::Timestamp;
use notifications::Kind;
use orders::Order;
use orders::timeline::Placed;
use payments::Payment;
use processing::Record;
use uuid::Uuid;

use crate::scan::Scan;
use crate::sources::Sources;
use crate::violation::Violation;
use crate::{
    charged_once, events_arrive, money_is_conserved, nobody_was_told, order_agrees_with_payment,
    order_agrees_with_processing, order_agrees_with_stock, status_is_the_function_of_the_facts,
    stock_is_conserved, terminal_or_stuck, timeline_has_no_gaps, timeline_knows_what_was_told, told_once,
};

/// An audit.
#[derive(Clone, Copy)]
pub struct Audit<'a> {
    /// Where the data comes from.
    pub sources: Sources<'a>,
    /// What the services may disagree about: the keys of events that are [underway](crate::underway).
    pub underway: &'a HashSet<Key>,
    /// The time.
    pub now: Timestamp,
    /// How long an order may stand still before it has to say why.
    pub stuck_after: Duration,
    /// Rows of a table in memory.
    pub page: usize,
}

/// What an audit went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Orders, and what other services have of none.
    pub orders: u64,
    /// Those of them about which an event is on its way, so that the services were not compared.
    pub underway: u64,
    /// Charges in the ledger.
    pub charges: u64,
    /// What was reported.
    pub violations: u64,
}

/// All that the services have about one order.
struct Case {
    id: Uuid,
    order: Option<Order>,
    payment: Option<Payment>,
    record: Option<Record>,
    reservation: Option<Reservation>,
}

/// Where violations go.
type Report<'r> = &'r mut (dyn FnMut(Violation) + Send);

impl Audit<'_> {
    /// Goes through everything and reports what looks broken. On a live system wait a few seconds and give the keys to
    /// [`Self::recheck`]: only what it reports too is broken.
    ///
    /// # Errors
    /// [`Fault`] if a store cannot answer.
    pub async fn run(&self, report: Report<'_>) -> Result<Summary, Fault> {
        let mut summary = Summary::default();
        let mut counted = |violation| {
            summary.violations += 1;
            report(violation);
        };
        let (mut orders, mut payments) = (Scan::<Order>::new(self.page), Scan::<Payment>::new(self.page));
        let (mut records, mut kept) = (Scan::<Record>::new(self.page), Scan::<Reservation>::new(self.page));
        let (mut cases, mut underway) = (0, 0);
        loop {
            let ids = [
                orders.peek(&self.sources).await?,
                payments.peek(&self.sources).await?,
                records.peek(&self.sources).await?,
                kept.peek(&self.sources).await?,
            ];
            let Some(id) = ids.into_iter().flatten().min() else { break };
            let (order, payment, record) = (orders.take(id), payments.take(id), records.take(id));
            let case = Case { id, order, payment, record, reservation: kept.take(id) };
            self.judge(&case, &mut counted).await?;
            cases += 1;
            underway += u64::from(self.underway.contains(&Key::Id(id)));
        }
        self.stock(&mut counted).await?;
        let charges = self.ledger(&mut counted).await?;
        Ok(Summary { orders: cases, underway, charges, ..summary })
    }

    /// Looks at the suspected keys again.
    ///
    /// # Errors
    /// [`Fault`] if a store cannot answer.
    pub async fn recheck(&self, suspected: &[Key], report: Report<'_>) -> Result<(), Fault> {
        for key in suspected {
            match key.id() {
                Some(id) => self.examine(id, report).await?,
                None => self.orphan(key, report).await?,
            }
        }
        if suspected.iter().any(|key| key.id().is_none()) {
            self.stock(&mut |violation| {
                if suspected.contains(&violation.key) {
                    report(violation);
                }
            })
            .await?;
        }
        Ok(())
    }

    /// Looks at one order.
    ///
    /// # Errors
    /// [`Fault`] if a store cannot answer.
    pub async fn examine(&self, id: Uuid, report: Report<'_>) -> Result<(), Fault> {
        let record = match self.sources.processing {
            Some(processing) => processing.record(id).await?,
            None => None,
        };
        let order = self.sources.orders.order(id).await?;
        let payment = self.sources.payments.payment(id).await?;
        let reservation = self.sources.catalog.reservation(id).await?;
        if order.is_none() && payment.is_none() && record.is_none() && reservation.is_none() {
            return self.orphan(&Key::Id(id), report).await;
        }
        self.judge(&Case { id, order, payment, record, reservation }, report).await
    }

    async fn judge(&self, case: &Case, report: Report<'_>) -> Result<(), Fault> {
        let (payment, record) = (case.payment.as_ref(), case.record.as_ref());
        if let Some(ledger) = self.sources.ledger {
            let key = payment.map_or(Key::Id(case.id), |payment| Key::from(payment.charge_key.as_str()));
            charged_once(payment, ledger.by_key(&key).await?.as_ref()).into_iter().for_each(&mut *report);
        }
        let Some(order) = &case.order else {
            report(Violation::new(2, case.id, "another service has it, orders has not"));
            return Ok(());
        };
        let mut broken = status_is_the_function_of_the_facts(order);
        let timeline = self.sources.orders.timeline(order.id, 0).await?;
        broken.extend(timeline_has_no_gaps(order.id, &timeline));
        broken.extend(match self.underway.contains(&Key::Id(order.id)) {
            false => {
                let mut broken = self.compare(order, case).await?;
                broken.extend(self.telling(order, &timeline).await?);
                broken
            }
            true => {
                let letters = self.all_letters(order.id).await?;
                events_arrive(order, &letters, payment, record, self.now, self.stuck_after)
            }
        });
        broken.into_iter().for_each(report);
        Ok(())
    }

    /// What the services say of an order, taken together.
    async fn compare(&self, order: &Order, case: &Case) -> Result<Vec<Violation>, Fault> {
        let (payment, record) = (case.payment.as_ref(), case.record.as_ref());
        let mut broken = money_is_conserved(order, payment);
        broken.extend(order_agrees_with_payment(order, payment));
        if self.sources.processing.is_some() {
            broken.extend(order_agrees_with_processing(order, record));
        }
        let letters = self.letters(order, payment).await?;
        broken.extend(self.stock_of(order, case.reservation.as_ref()).await?);
        broken.extend(terminal_or_stuck(order, &letters, payment, record, self.now, self.stuck_after));
        Ok(broken)
    }

    /// What the customer was told of an order. While a message of it is a dead letter, not all of it can be.
    async fn telling(&self, order: &Order, timeline: &[Placed]) -> Result<Vec<Violation>, Fault> {
        let Some(notifications) = self.sources.notifications else { return Ok(Vec::new()) };
        let told = notifications.of_order(order.id).await?;
        let mut broken = told_once(order, &told);
        if told.iter().all(|told| told.kind != Kind::Created) {
            let first = notifications.first_order().await?;
            broken.extend(first.filter(|first| order.id >= *first).map(|_| nobody_was_told(order)));
        }
        broken.extend(timeline_knows_what_was_told(order, &told, timeline));
        if broken.is_empty() {
            return Ok(broken);
        }
        let mut letters = notifications.dead_letters(order.id).await?;
        letters.extend(self.sources.orders.dead_letters(order.id).await?);
        let is_excused = letters.iter().any(|letter| letter.state == DeadLetterState::Dead);
        Ok(if is_excused { Vec::new() } else { broken })
    }

    /// Whether catalog and orders agree about an order's pieces. Where a message is dead the services are where it left them, and a
    /// person mends that.
    async fn stock_of(
        &self,
        order: &Order,
        reservation: Option<&Reservation>,
    ) -> Result<Vec<Violation>, Fault> {
        let broken = order_agrees_with_stock(order, reservation);
        if broken.is_empty() {
            return Ok(broken);
        }
        let letters = self.all_letters(order.id).await?;
        let is_excused = letters.iter().any(|letter| letter.state == DeadLetterState::Dead);
        Ok(if is_excused { Vec::new() } else { broken })
    }

    /// The dead letters of an order that has not ended. One that has ended may have what it likes.
    async fn letters(&self, order: &Order, payment: Option<&Payment>) -> Result<Vec<DeadLetter>, Fault> {
        if order.status().is_terminal() && payment.is_none_or(Payment::is_settled) {
            return Ok(Vec::new());
        }
        self.all_letters(order.id).await
    }

    async fn all_letters(&self, order: Uuid) -> Result<Vec<DeadLetter>, Fault> {
        let mut letters = self.sources.orders.dead_letters(order).await?;
        letters.extend(self.sources.payments.dead_letters(order).await?);
        letters.extend(self.sources.catalog.dead_letters(order).await?);
        if let Some(processing) = self.sources.processing {
            letters.extend(processing.dead_letters(order).await?);
        }
        Ok(letters)
    }

    /// Goes through the products.
    async fn stock(&self, report: Report<'_>) -> Result<(), Fault> {
        self.sources.catalog.stock().await?.iter().filter_map(stock_is_conserved).for_each(report);
        Ok(())
    }

    /// Goes through the ledger for charges that nobody asked for. Charges under a name are other callers' business.
    async fn ledger(&self, report: Report<'_>) -> Result<u64, Fault> {
        let Some(ledger) = self.sources.ledger else { return Ok(0) };
        let (mut charges, mut after) = (0, None);
        loop {
            let page = ledger.page(after.as_ref(), self.page.max(1)).await?;
            for charge in &page {
                charges += 1;
                if let Some(id) = charge.key.id()
                    && self.sources.payments.payment(id).await?.is_none()
                {
                    charged_once(None, Some(charge)).into_iter().for_each(&mut *report);
                }
            }
            match page.last() {
                Some(last) if page.len() >= self.page.max(1) => after = Some(last.key.clone()),
                _ => return Ok(charges),
            }
        }
    }

    /// Looks at a charge again that nobody asked for.
    async fn orphan(&self, key: &Key, report: Report<'_>) -> Result<(), Fault> {
        if let Some(ledger) = self.sources.ledger {
            charged_once(None, ledger.by_key(key).await?.as_ref()).into_iter().for_each(report);
        }
        Ok(())
    }
}
