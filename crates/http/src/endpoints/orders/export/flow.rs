//! The flow of an export: page after page, each read when the client has taken the one before. Nothing of it runs by itself, so a
//! client that goes away ends it.

use std::io::{Error, Result};
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, stream};
use orders::page::Next;
use orders::{ListFilter, Page, Queries};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::format::Format;
use crate::problem::Problem;

/// An export on its way.
pub(super) struct Flow {
    queries: Arc<dyn Queries>,
    filter: ListFilter,
    format: Format,
    /// Cancelled when the server stops.
    leaving: CancellationToken,
    /// One of the exports that may flow at once.
    _place: OwnedSemaphorePermit,
    /// What was written and not taken yet.
    written: Option<Vec<u8>>,
    goes_on: bool,
}

impl Flow {
    /// Reads the first page, so that what goes wrong at once is answered as a problem.
    pub async fn open(
        queries: Arc<dyn Queries>,
        filter: ListFilter,
        format: Format,
        leaving: CancellationToken,
        place: OwnedSemaphorePermit,
    ) -> core::result::Result<Self, Problem> {
        let page = queries.list(&filter).await?;
        let mut written = format.opening();
        let mut flow =
            Self { queries, filter, format, leaving, _place: place, written: None, goes_on: false };
        flow.write(&mut written, &page)?;
        flow.written = Some(written);
        Ok(flow)
    }

    /// What is sent.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes>> {
        stream::unfold(Some(self), async |flow| {
            let mut flow = flow?;
            match flow.next().await {
                Ok(piece) => piece.map(|piece| (Ok(piece), Some(flow))),
                // An error is what breaks the answer off without its end.
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    /// The next piece. None: that was all.
    async fn next(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(written) = self.written.take().filter(|written| !written.is_empty()) {
                return Ok(Some(written.into()));
            }
            if !self.goes_on {
                return Ok(None);
            }
            if self.leaving.is_cancelled() {
                return Err(Error::other("the server stops; export again"));
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<()> {
        let page = self.queries.list(&self.filter).await.map_err(|fault| {
            tracing::warn!(%fault, "an export broke off");
            Error::other(fault)
        })?;
        let mut written = Vec::new();
        self.write(&mut written, &page).map_err(|problem| Error::other(problem.detail))?;
        self.written = Some(written);
        Ok(())
    }

    /// Writes the page, and turns to the next one.
    fn write(&mut self, out: &mut Vec<u8>, page: &Page) -> core::result::Result<(), Problem> {
        page.orders.iter().try_for_each(|order| self.format.write(out, order))?;
        self.goes_on = page.next.is_some();
        if let Some(Next { before, skip }) = page.next {
            (self.filter.before, self.filter.skip) = (Some(before), skip);
        }
        Ok(())
    }
}
