//! Where events go: one topic per source on Kafka; one exchange on RabbitMQ, with the event's type as the routing key.

use contract::events::{
    ORDER_CANCELLED, ORDER_COMPLETED, ORDER_CREATED, ORDER_FAILED, ORDER_PAID, ORDER_PROCESSED,
    PAYMENT_FAILED, PAYMENT_PAID, PAYMENT_REFUNDED, PAYMENT_UNKNOWN, PRODUCT_CHANGED, STOCK_CHANGED,
    STOCK_REJECTED, STOCK_RESERVED,
};

/// What one source says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Whose events.
    pub source: &'static str,
    /// Whether the source numbers its events, as our services do.
    pub counts: bool,
    /// The topic on Kafka.
    pub name: &'static str,
    /// The types of its events, which are routing keys on RabbitMQ. The first is the type of a message that names none.
    pub kinds: &'static [&'static str],
}

/// The exchange on RabbitMQ.
pub const EXCHANGE: &str = "orders";

/// All topics. The first is where orders come in, in any of the five forms; on RabbitMQ it is a queue of that name.
pub const TOPICS: [Topic; 5] = [
    Topic { source: "ingress", counts: false, name: "orders", kinds: &["order.place"] },
    Topic {
        source: "orders",
        counts: true,
        name: "order-events",
        kinds: &[ORDER_CREATED, ORDER_PAID, ORDER_COMPLETED, ORDER_FAILED, ORDER_CANCELLED],
    },
    Topic {
        source: "payments",
        counts: true,
        name: "payment-events",
        kinds: &[PAYMENT_PAID, PAYMENT_FAILED, PAYMENT_UNKNOWN, PAYMENT_REFUNDED],
    },
    Topic { source: "processing", counts: true, name: "processing-events", kinds: &[ORDER_PROCESSED] },
    Topic {
        source: "catalog",
        counts: true,
        name: "catalog-events",
        kinds: &[PRODUCT_CHANGED, STOCK_RESERVED, STOCK_REJECTED, STOCK_CHANGED],
    },
];

impl Topic {
    /// The topic of a source.
    pub fn of(source: &str) -> Option<&'static Self> {
        TOPICS.iter().find(|topic| topic.source == source)
    }
}
