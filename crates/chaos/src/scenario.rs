//! The scenarios: what each is called, what it shows, and what the shop it is played in is like.

use clap::ValueEnum;

/// A scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// A buyer's card is declined.
    Declined,
    /// The provider charges, and does not answer.
    Unknown,
    /// The provider is away.
    ProviderOutage,
    /// The provider says no until nobody asks any more, and a person sends it again.
    DeadLetter,
    /// Everything is said twice.
    Duplicate,
    /// More comes than the server takes.
    Overload,
    /// The server is killed in the middle of it.
    Crash,
}

impl Scenario {
    /// All of them, the gentle ones first.
    pub const ALL: [Self; 7] = [
        Self::Declined,
        Self::Unknown,
        Self::ProviderOutage,
        Self::DeadLetter,
        Self::Duplicate,
        Self::Overload,
        Self::Crash,
    ];

    /// What it is called on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Unknown => "unknown",
            Self::ProviderOutage => "provider-outage",
            Self::DeadLetter => "dead-letter",
            Self::Duplicate => "duplicate",
            Self::Overload => "overload",
            Self::Crash => "crash",
        }
    }

    /// What it shows, in a line.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Declined => "a card is declined: the order fails with the reason, and nothing is charged",
            Self::Unknown => "the provider charges and does not answer: UNKNOWN, never guessed, charged once",
            Self::ProviderOutage => {
                "the provider is away: orders are taken all the same, and paid when it is back"
            }
            Self::DeadLetter => "the provider fails until the charge is a dead letter: redriven, it is paid",
            Self::Duplicate => "the same key, the same external id, the same batch twice: each order once",
            Self::Overload => "more than it takes: 503 or 429 with Retry-After, and nothing accepted is lost",
            Self::Crash => "kill -9 under load: what was answered is there, and nothing is there twice",
        }
    }

    /// What will happen, told beforehand.
    pub const fn story(self) -> &'static str {
        match self {
            Self::Declined => {
                "An order is paid by `card-declined`. The provider says no, which is an answer and no failure: payments\n\
                 publishes payment.failed, the order becomes FAILED and says why."
            }
            Self::Unknown => {
                "An order is paid by `card-timeout`. The provider captures the money and keeps silent. The payment becomes\n\
                 UNKNOWN, and the charge is repeated under the same key until the provider says what it did the first time."
            }
            Self::ProviderOutage => {
                "The provider is switched off, and orders are placed. All are accepted; their charges wait, using up no\n\
                 attempts, and the circuit breaker opens. Then the provider is switched on again, and they are paid."
            }
            Self::DeadLetter => {
                "The provider answers every call with an error. The charge is repeated with back-off until its attempts are\n\
                 used up: a dead letter, and the order is stuck, not failed. Then the provider is mended, and the dead letter\n\
                 is redriven, as an operator would with `ordo dlq redrive`."
            }
            Self::Duplicate => {
                "An order is placed eight times at once under one Idempotency-Key, another twice under one external id, and a\n\
                 batch of lines is sent twice. Whoever says the same again is answered the same order; whoever says something\n\
                 else under a name that is taken is refused."
            }
            Self::Overload => {
                "Many callers place orders at once, more than the server works on. It says 503 or 429, and when to come again,\n\
                 instead of queueing without end. What it did accept reaches its end."
            }
            Self::Crash => {
                "Orders are placed by several callers, and in the middle of it the server is killed with SIGKILL: no warning,\n\
                 no clean-up. It is started again on the same data, and every caller who got no answer repeats its request under\n\
                 the same key."
            }
        }
    }

    /// Whether it needs a shop that it may kill, or that is set up for it.
    pub const fn needs_own_shop(self) -> bool {
        matches!(self, Self::Crash)
    }

    /// How a shop of its own is set up: attempts that are used up soon, and limits that are reached soon.
    pub const fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Declined | Self::Duplicate | Self::Crash => &[],
            Self::Unknown => &[("ORDO_PAYMENTS_TIMEOUT", "300ms"), ("ORDO_RETRY_PROVIDER_BASE", "500ms")],
            Self::ProviderOutage => &[
                ("ORDO_BREAKER_MINIMUM_CALLS", "5"),
                ("ORDO_BREAKER_COOL_DOWN", "1s"),
                ("ORDO_RETRY_PROVIDER_CAP", "1s"),
            ],
            Self::DeadLetter => &[
                ("ORDO_RETRY_PROVIDER_ATTEMPTS", "4"),
                ("ORDO_RETRY_PROVIDER_CAP", "500ms"),
                ("ORDO_ORDERS_STUCK_AFTER", "1s"),
            ],
            Self::Overload => &[
                ("ORDO_HTTP_MAX_IN_FLIGHT", "4"),
                ("ORDO_HTTP_RATE_LIMIT_PER_SECOND", "200"),
                ("ORDO_HTTP_RATE_LIMIT_BURST", "300"),
                // The limit is the provider's too, which is to be no part of this.
                ("ORDO_PAYMENTS_MAX_IN_FLIGHT", "2"),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_is_known_by_its_name() {
        assert_eq!(Scenario::ALL.len(), Scenario::value_variants().len());
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::from_str(scenario.name(), false), Ok(scenario));
            for (option, value) in scenario.settings() {
                let known = settings::options().any(|known| known.env == *option);
                assert!(known, "{option}={value} is no option");
            }
        }
    }
}
