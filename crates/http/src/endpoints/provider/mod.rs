//! The payment provider's own API. Its bodies are [`provider::wire`]'s, its misbehaviour [`provider::behaviour`]'s; here it is
//! carried out.

pub(crate) mod by_key;
pub(crate) mod charge;
pub(crate) mod ledger;
mod perform;
pub(crate) mod refund;
pub(crate) mod schema;
pub(crate) mod settings;
pub(crate) mod void;
