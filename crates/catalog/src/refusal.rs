//! The business noes of the catalog.

use thiserror::Error;

/// Why a command was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is a product with this id.
    #[error("the menu has a product '{0}' already")]
    AlreadyThere(String),
    /// There is no such product.
    #[error("the menu has no product '{0}'")]
    NotOnMenu(String),
    /// The product was changed since the caller saw it.
    #[error("the product has version {0} by now")]
    VersionChanged(u64),
}
