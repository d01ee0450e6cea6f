//! What can be asked of the catalog. The port of the query side; store adapters answer it.

use async_trait::async_trait;
use contract::Product;
use engine::Fault;

/// Questions about the menu. Answers are committed states.
#[async_trait]
pub trait Queries: Send + Sync {
    /// The menu, by name.
    async fn menu(&self) -> Result<Vec<Product>, Fault>;

    /// A product.
    async fn product(&self, id: &str) -> Result<Option<Product>, Fault>;
}
