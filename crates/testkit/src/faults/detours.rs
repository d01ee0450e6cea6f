//! Detours: deliveries that were taken out of the stream, to come back later. They are not lost: the inlet port promises
//! that what is not settled comes again, also in the next process.

use std::collections::BTreeMap;

use engine::{Delivery, Position};

/// The consumer and the source of an inlet.
pub type Place = (&'static str, &'static str);

/// Deliveries on detours, by inlet.
#[derive(Debug, Default)]
pub struct Detours {
    waiting: BTreeMap<Place, Vec<Delivery>>,
    /// Delivered, and not yet settled.
    out: BTreeMap<Place, Vec<Delivery>>,
    /// The highest offset polled since the inlet was rewound, and the highest settled, by partition.
    polled: BTreeMap<(Place, u16), u64>,
    settled: BTreeMap<(Place, u16), u64>,
}

impl Detours {
    /// Takes note of what was polled: so far the consumer's cursor may go.
    pub fn note(&mut self, place: Place, polled: &[Delivery]) {
        for Delivery { position, .. } in polled {
            let highest = self.polled.entry((place, position.partition)).or_default();
            *highest = position.offset.max(*highest);
        }
    }

    /// Keeps a delivery for later.
    pub fn keep(&mut self, place: Place, delivery: Delivery) {
        self.waiting.entry(place).or_default().push(delivery);
    }

    /// How many wait at the place.
    pub fn waiting(&self, place: Place) -> usize {
        self.waiting.get(&place).map_or(0, Vec::len)
    }

    /// Takes the delivery with this index back into the stream. Where the inlet was rewound, its position does not take the
    /// consumer's cursor past what is to be polled again.
    pub fn take(&mut self, place: Place, index: usize) -> Option<Delivery> {
        let waiting = self.waiting.get_mut(&place).filter(|waiting| index < waiting.len())?;
        let delivery = waiting.remove(index);
        self.out.entry(place).or_default().push(delivery.clone());
        let Position { partition, offset } = delivery.position;
        let polled = self.polled.get(&(place, partition)).copied().unwrap_or(0);
        Some(Delivery { position: Position { partition, offset: offset.min(polled) }, ..delivery })
    }

    /// Everything delivered at the place is committed.
    pub fn settled(&mut self, place: Place) {
        self.out.remove(&place);
        let polled = self.polled.iter().filter(|((known, _), _)| *known == place);
        self.settled.extend(polled.map(|(partition, offset)| (*partition, *offset)));
    }

    /// What was delivered at the place since it was settled comes again.
    pub fn rewound(&mut self, place: Place) {
        let again = self.out.remove(&place).unwrap_or_default();
        self.waiting.entry(place).or_default().extend(again);
        self.polled.retain(|(known, _), _| *known != place);
        let settled = self.settled.iter().filter(|((known, _), _)| *known == place);
        self.polled.extend(settled.map(|(partition, offset)| (*partition, *offset)));
    }

    /// The process is dead: nothing that was not settled is known to be committed.
    pub fn restarted(&mut self) {
        let places: Vec<_> = self.out.keys().copied().collect();
        places.into_iter().for_each(|place| self.rewound(place));
        self.polled = self.settled.clone();
    }
}
