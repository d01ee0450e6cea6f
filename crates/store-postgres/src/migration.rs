//! A migration: what it does, and what undoes it.

/// One migration. Its statements name no schema: it runs with the service's schema as the search path.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// What it is called, folder and all, such as `orders/0001_orders`; the same as SQLite's.
    pub name: &'static str,
    /// What it does.
    pub up: &'static str,
    /// What undoes it.
    pub down: &'static str,
}

/// The migration of this name, from the crate's `migrations` folder: `migration!("orders/0001_orders")`.
#[macro_export]
macro_rules! migration {
    ($name:literal) => {
        $crate::Migration {
            name: $name,
            up: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, ".up.sql")),
            down: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name, ".down.sql")),
        }
    };
}
