//! Closed sets: what is chosen by a word.

use crate::value::{Scope, Shape, Value};

macro_rules! words {
    ($(#[$meta:meta])* pub enum $Name:ident { $($(#[$doc:meta])+ $Word:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $Name { $($(#[$doc])+ $Word,)+ }

        impl $Name {
            /// Every choice, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$Word),+];

            /// The word, as it is written in configuration and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$Word => $text),+ }
            }

            /// The choice that `word` names, if any.
            pub fn from_name(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$Word),)+ _ => None }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl Value for $Name {
            const SHAPE: Shape = Shape::Text;
            const CHOICES: &'static [&'static str] = &[$($text),+];

            fn accepted() -> String {
                format!("one of {}", Self::CHOICES.join(", "))
            }

            fn parse(text: &str, _: &Scope) -> Option<Self> {
                Self::from_name(text)
            }

            fn show(&self) -> String {
                self.name().to_owned()
            }
        }
    };
}

words! {
    /// A service that a process can serve, each with a database of its own.
    pub enum Role {
        /// Takes, prices and concludes orders.
        Orders = "orders",
        /// Charges, voids and refunds.
        Payments = "payments",
        /// Processes orders.
        Processing = "processing",
        /// Owns products, prices and stock.
        Catalog = "catalog",
        /// Tells customers and subscribers.
        Notifications = "notifications",
        /// The payment provider that ships with ordo.
        Provider = "provider",
    }
}

impl Role {
    /// The services of the shop.
    pub const OF_SHOP: [Self; 5] =
        [Self::Orders, Self::Payments, Self::Processing, Self::Catalog, Self::Notifications];
}

words! {
    /// A language in which customers are told something.
    pub enum Language {
        /// English.
        English = "en",
        /// Russian.
        Russian = "ru",
    }
}

words! {
    /// A step of an order that customers are told of, called by its event.
    pub enum Notice {
        /// It was received.
        Created = "order.created",
        /// It is paid.
        Paid = "order.paid",
        /// It is done.
        Completed = "order.completed",
        /// It could not be done.
        Failed = "order.failed",
        /// It was called off.
        Cancelled = "order.cancelled",
        /// Money was given back.
        Refunded = "payment.refunded",
    }
}

words! {
    /// How log lines are written.
    pub enum LogFormat {
        /// Text on a terminal, JSON elsewhere.
        Auto = "auto",
        /// Coloured text for people.
        Text = "text",
        /// One JSON object per line.
        Json = "json",
    }
}

words! {
    /// The least severe lines that are logged.
    pub enum LogLevel {
        /// Nothing.
        Off = "off",
        /// What needs a person.
        Error = "error",
        /// What is unusual, and handled.
        Warn = "warn",
        /// What happens, in one line each.
        Info = "info",
        /// What each step does.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

words! {
    /// How a user signs in at Kafka (SASL).
    pub enum SaslMechanism {
        /// The password itself is sent; only over TLS (RFC 4616).
        Plain = "plain",
        /// The password is proved, not sent (RFC 5802, with SHA-256).
        ScramSha256 = "scram-sha-256",
        /// The password is proved, not sent (RFC 5802, with SHA-512).
        ScramSha512 = "scram-sha-512",
    }
}

words! {
    /// How the pause before a retry is spread, so that clients do not come back all at once.
    pub enum Jitter {
        /// Anywhere from nothing to the whole pause ("full jitter", AWS Architecture Blog, 2015).
        Full = "full",
        /// From half of the pause to the whole of it.
        Equal = "equal",
        /// The pause exactly.
        None = "none",
    }
}
