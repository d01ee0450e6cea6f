//! The three states of an order that the world sees.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$state_doc:meta])* $state:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$state_doc])* #[serde(rename = $text)] $state,)+
        }

        impl $name {
            /// All of them, in the order of an order's life.
            pub const ALL: &'static [Self] = &[$(Self::$state,)+];

            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$state => $text,)+ }
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = Self::ALL.iter().map(|state| state.as_str());
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
            }
        }

        impl ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or(())
            }
        }
    };
}

states! {
    /// Where an order stands.
    Status {
        /// It waits for something.
        Pending = "PENDING",
        /// It is paid and waits to be processed.
        Paid = "PAID",
        /// Done. Terminal.
        Processed = "PROCESSED",
        /// It could not be done. Terminal.
        Failed = "FAILED",
        /// Somebody, or the payment deadline, called it off. Terminal.
        Cancelled = "CANCELLED",
    }
}

states! {
    /// Where the money of an order stands.
    PaymentStatus {
        /// Nothing is to be paid here.
        None = "NONE",
        /// It is to be paid.
        Pending = "PENDING",
        /// It is paid.
        Paid = "PAID",
        /// It will not be paid.
        Failed = "FAILED",
        /// It is not known yet whether it was paid.
        Unknown = "UNKNOWN",
        /// All of it was given back.
        Refunded = "REFUNDED",
        /// Some of it was given back.
        PartiallyRefunded = "PARTIALLY_REFUNDED",
    }
}

states! {
    /// Where the processing of an order stands.
    ProcessingStatus {
        /// It waits.
        Pending = "PENDING",
        /// It is done.
        Processed = "PROCESSED",
        /// It could not be done.
        Rejected = "REJECTED",
    }
}

impl Status {
    /// Whether nothing moves an order on from here.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Processed | Self::Failed | Self::Cancelled)
    }
}
