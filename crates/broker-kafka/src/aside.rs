//! Clients are closed aside: that blocks, for a moment or for as long as a broker does not answer, and whoever drops one
//! may be a task of the runtime.

use std::ops::Deref;
use std::thread::Builder;

/// A value that is dropped on a thread of its own.
pub(crate) struct Aside<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Aside<T> {
    pub const fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T: Send + 'static> Deref for Aside<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().unwrap_or_else(|| unreachable!("only dropping takes the value"))
    }
}

impl<T: Send + 'static> Drop for Aside<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        let closing = Builder::new().name("kafka-close".to_owned()).spawn(move || drop(value));
        if let Err(error) = closing {
            tracing::debug!(%error, "no thread to close a Kafka client on; it was closed in place");
        }
    }
}
