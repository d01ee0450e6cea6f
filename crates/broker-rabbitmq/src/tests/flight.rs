use engine::Fault;

use crate::failure::Failure;
use crate::flight::Flight;
use crate::tests::event;

fn kinds(results: &[Result<(), Fault>]) -> Vec<&'static str> {
    let kind = |result: &Result<(), Fault>| match result {
        Ok(()) => "taken",
        Err(Fault::Rejected(_)) => "rejected",
        Err(_) => "unavailable",
    };
    results.iter().map(kind).collect()
}

#[test]
fn the_largest_of_what_is_open_comes_first() {
    let records = [event("a", "1"), event("b", "333"), event("c", "22"), event("d", "4444")];
    let mut flight = Flight::new(&records);
    flight.settle(3, Ok(()));
    assert_eq!(flight.open(), [1, 2, 0]);
}

#[test]
fn what_is_still_open_at_the_end_is_not_known_to_be_taken() {
    let records = [event("a", ""), event("b", ""), event("c", "")];
    let mut flight = Flight::new(&records);
    flight.settle(0, Ok(()));
    flight.settle(1, Err(Fault::Rejected("too large".to_owned())));
    assert_eq!((flight.is_rejected(0), flight.is_rejected(1), flight.is_rejected(2)), (false, true, false));
    assert_eq!(kinds(&flight.results(Failure::Lost)), ["taken", "rejected", "unavailable"]);
}

#[test]
fn what_has_no_place_at_the_server_is_rejected_without_asking_it() {
    let mut stray = (*event("a", "")).clone();
    stray.source = "nobody".to_owned();
    let records = [stray.into(), event(&"k".repeat(256), ""), event(&"k".repeat(255), "")];
    let flight = Flight::new(&records);
    assert_eq!(flight.open(), [2]);
    assert_eq!(kinds(&flight.results(Failure::Lost)), ["rejected", "rejected", "unavailable"]);
}

#[test]
fn all_of_a_type_that_came_back_were_not_taken() {
    let records = [event("a", ""), event("b", ""), event("a", "")];
    let mut flight = Flight::new(&records);
    assert!(!flight.take_back());
    (0..3).for_each(|item| flight.settle(item, Ok(())));
    flight.note_returned("a");
    assert!(flight.take_back());
    assert_eq!(kinds(&flight.results(Failure::Lost)), ["unavailable", "taken", "unavailable"]);
}
