//! Live streams: how many are open, and how often one was told that something may be missing.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What a stream tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// An order's timeline.
    Order,
    /// The public events.
    Events,
}

/// The families.
pub(crate) struct LiveMetrics {
    open: Family<Open, Gauge>,
    pub gaps: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Open {
    stream: &'static str,
}

impl LiveMetrics {
    /// Meters at zero.
    pub fn register(registry: &mut Registry) -> Self {
        let this = Self { open: Family::default(), gaps: Counter::default() };
        registry.register("live_streams", "Streams that are open", this.open.clone());
        let help = "How often a stream of events was told that something may be missing";
        registry.register("live_gaps", help, this.gaps.clone());
        this
    }

    /// How many such streams are open.
    pub fn open(&self, stream: Stream) -> Gauge {
        let stream = match stream {
            Stream::Order => "order",
            Stream::Events => "events",
        };
        self.open.get_or_create_owned(&Open { stream })
    }
}
