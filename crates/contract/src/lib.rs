//! The contract that clients and services share: pure data, no input or output, no clock.

pub mod amount;
pub mod delivery;
pub mod events;
pub mod kinds;
pub mod money;
pub mod product;
pub mod reason;
pub mod status;

pub use amount::Amount;
pub use delivery::Delivery;
pub use kinds::{KINDS, Kind};
pub use money::{AmountError, Currency, DecimalNumber, MAX_MINOR, Money, MoneyError};
pub use product::{Listed, Product};
pub use reason::Reason;
pub use status::{PaymentStatus, ProcessingStatus, Status};
