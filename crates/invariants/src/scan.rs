//! Reading a table from its first to its last id, a page at a time.

use std::collections::VecDeque;

use engine::Fault;
use uuid::Uuid;

use crate::sources::Sources;

/// Something that an audit scans.
pub(crate) trait Scanned: Sized {
    /// What it is sorted by.
    fn id(&self) -> Uuid;

    /// The next page behind `after`.
    async fn page(sources: &Sources<'_>, after: Option<Uuid>, limit: usize) -> Result<Vec<Self>, Fault>;
}

impl Scanned for orders::Order {
    fn id(&self) -> Uuid {
        self.id
    }

    async fn page(sources: &Sources<'_>, after: Option<Uuid>, limit: usize) -> Result<Vec<Self>, Fault> {
        sources.orders.scan(after, limit).await
    }
}

impl Scanned for payments::Payment {
    fn id(&self) -> Uuid {
        self.order_id
    }

    async fn page(sources: &Sources<'_>, after: Option<Uuid>, limit: usize) -> Result<Vec<Self>, Fault> {
        sources.payments.scan(after, limit).await
    }
}

impl Scanned for catalog::Reservation {
    fn id(&self) -> Uuid {
        self.order_id
    }

    async fn page(sources: &Sources<'_>, after: Option<Uuid>, limit: usize) -> Result<Vec<Self>, Fault> {
        sources.catalog.scan(after, limit).await
    }
}

impl Scanned for processing::Record {
    fn id(&self) -> Uuid {
        self.order_id
    }

    async fn page(sources: &Sources<'_>, after: Option<Uuid>, limit: usize) -> Result<Vec<Self>, Fault> {
        match sources.processing {
            Some(processing) => processing.scan(after, limit).await,
            None => Ok(Vec::new()),
        }
    }
}

/// A scan under way. It holds one page.
pub(crate) struct Scan<T> {
    page: VecDeque<T>,
    last: Option<Uuid>,
    exhausted: bool,
    limit: usize,
}

impl<T: Scanned> Scan<T> {
    pub fn new(limit: usize) -> Self {
        Self { page: VecDeque::new(), last: None, exhausted: false, limit: limit.max(1) }
    }

    /// The id that comes next. None: there are no more.
    pub async fn peek(&mut self, sources: &Sources<'_>) -> Result<Option<Uuid>, Fault> {
        if self.page.is_empty() && !self.exhausted {
            self.page = T::page(sources, self.last, self.limit).await?.into();
            self.exhausted = self.page.len() < self.limit;
            self.last = self.page.back().map(Scanned::id).or(self.last);
        }
        Ok(self.page.front().map(Scanned::id))
    }

    /// Takes the next one, if it is `id`.
    pub fn take(&mut self, id: Uuid) -> Option<T> {
        self.page.pop_front_if(|front| front.id() == id)
    }
}
