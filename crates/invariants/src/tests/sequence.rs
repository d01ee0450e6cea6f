use engine::Record;
use orders::timeline::{Entry, EntryKind, Placed};

use super::*;
use crate::{Sequences, timeline_has_no_gaps};

fn record(source: &str, key: &str, sequence: u64) -> Record {
    Record {
        source: source.to_owned(),
        key: Key::name(key),
        sequence: Some(sequence),
        foreign_id: None,
        steps: None,
        kind: "said".to_owned(),
        time: at(0),
        data: "{}".to_owned(),
    }
}

fn follow(records: &[Record]) -> Vec<Violation> {
    let mut sequences = Sequences::new();
    records.iter().filter_map(|record| sequences.see(record)).collect()
}

fn placed(seq: u64, second: i64) -> Placed {
    Placed {
        seq,
        at: at(second),
        entry: Entry::new(EntryKind::Event, "order.created", "It was accepted.", "orders"),
    }
}

#[test]
fn each_source_counts_each_key_from_one() {
    assert_clean(follow(&[
        record("a", "x", 1),
        record("b", "x", 1),
        record("a", "y", 1),
        record("a", "x", 2),
    ]));
}

#[test]
fn gaps_repetitions_and_late_beginnings_are_found() {
    assert_broken(5, &follow(&[record("a", "x", 1), record("a", "x", 3)]), "not 2");
    assert_broken(5, &follow(&[record("a", "x", 1), record("a", "x", 1)]), "not 2");
    assert_broken(5, &follow(&[record("a", "x", 2)]), "not 1");
}

#[test]
fn a_timeline_counts_from_one_by_whichever_clock() {
    assert_clean(timeline_has_no_gaps(ID, &[placed(1, 0), placed(2, 9), placed(3, 7)]));
    assert_broken(5, &timeline_has_no_gaps(ID, &[placed(1, 0), placed(3, 0)]), "entry 3 stands in place 2");
    assert_broken(5, &timeline_has_no_gaps(ID, &[]), "no timeline");
}
