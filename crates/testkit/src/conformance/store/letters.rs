//! Dead letters, as they are written and as they are asked for.

use std::sync::Arc;

use engine::DeadLetterState::{Dead, Discarded, Redriving, Resolved};
use engine::store::DeadLetterWrite;
use engine::{
    DeadLetter, DeadLetterState, DeadLetters, Key, LetterPlace, LetterQuestion, OperatorAct, Scheduled,
    Standing, Writes,
};

use super::StoreHarness;
use crate::conformance::{TallyState, at, commit, event, key, nothing};

/// A letter that failed at this second.
fn letter(name: &str, second: i64) -> DeadLetter {
    DeadLetter {
        key: key("a"),
        name: name.to_owned(),
        kind: "tally.ask".to_owned(),
        code: "exhausted".to_owned(),
        reason: format!("it failed at {second}"),
        attempts: u32::try_from(second).expect("small"),
        replays: 0,
        state: Dead,
        first_failed_at: at(second),
        last_failed_at: at(second),
        act: None,
    }
}

fn writes(letters: Vec<DeadLetterWrite>) -> Writes<TallyState> {
    Writes { dead_letters: letters, ..nothing() }
}

fn died(letter: DeadLetter) -> DeadLetterWrite {
    DeadLetterWrite::Died(letter)
}

fn moved(name: &str, state: DeadLetterState) -> DeadLetterWrite {
    DeadLetterWrite::Moved(key("a"), name.to_owned(), state)
}

fn any(limit: usize) -> LetterQuestion {
    LetterQuestion { limit, ..LetterQuestion::default() }
}

async fn asked(letters: &Arc<dyn DeadLetters>, question: &LetterQuestion) -> Vec<DeadLetter> {
    let filed = letters.letters(question).await.expect("letters can be read");
    filed.into_iter().map(|filed| filed.letter).collect()
}

async fn all(harness: &impl StoreHarness) -> Vec<DeadLetter> {
    asked(&harness.letters().await, &any(1_000)).await
}

/// A letter that dies again is the same letter.
pub async fn a_dead_letter_keeps_its_first_time_and_counts_its_replays(harness: impl StoreHarness) {
    let store = harness.open().await;
    commit(&*store, writes(vec![died(letter("e", 1))])).await;
    assert_eq!(all(&harness).await, [letter("e", 1)]);

    commit(&*store, writes(vec![moved("e", Redriving)])).await;
    let redriving = DeadLetter { state: Redriving, replays: 1, ..letter("e", 1) };
    assert_eq!(all(&harness).await, [redriving]);

    commit(&*store, writes(vec![died(letter("e", 5))])).await;
    let again = DeadLetter { replays: 1, first_failed_at: at(1), ..letter("e", 5) };
    assert_eq!(all(&harness).await, std::slice::from_ref(&again));

    commit(&*store, writes(vec![moved("e", Redriving)])).await;
    commit(&*store, writes(vec![moved("e", Resolved)])).await;
    let resolved = DeadLetter { state: Resolved, replays: 2, ..again };
    assert_eq!(all(&harness).await, [resolved]);
}

/// Also when it dies again.
pub async fn what_an_operator_did_last_stays_with_the_letter(harness: impl StoreHarness) {
    let store = harness.open().await;
    let act = |second, reason: &str| OperatorAct {
        actor: "ann".to_owned(),
        reason: reason.to_owned(),
        at: at(second),
    };
    let acted = |act| DeadLetterWrite::Acted(key("a"), "e".to_owned(), act);
    commit(&*store, writes(vec![died(letter("e", 1)), died(letter("f", 1))])).await;
    commit(&*store, writes(vec![acted(act(2, "once"))])).await;
    commit(&*store, writes(vec![acted(act(3, "")), died(letter("e", 4))])).await;
    let acts: Vec<_> = all(&harness).await.into_iter().map(|letter| (letter.name, letter.act)).collect();
    assert_eq!(acts, [("e".to_owned(), Some(act(3, ""))), ("f".to_owned(), None)]);
}

/// Those that failed last come first; in one batch many fail at the same time.
pub async fn letters_come_page_by_page_whatever_failed_at_the_same_time(harness: impl StoreHarness) {
    let store = harness.open().await;
    let named = |number: i64| DeadLetter {
        key: if number % 3 == 0 { Key::Id(uuid(number)) } else { key("a") },
        ..letter(&format!("held/{number}"), number / 4)
    };
    commit(&*store, writes((4..24).map(|number| died(named(number))).collect())).await;
    let (letters, mut seen, mut behind) = (harness.letters().await, Vec::new(), None);
    loop {
        let page = asked(&letters, &LetterQuestion { behind, ..any(3) }).await;
        let Some(last) = page.last() else { break };
        let place = (last.key.clone(), last.name.clone());
        behind = Some(LetterPlace { failed_at: last.last_failed_at, letter: Some(place) });
        seen.extend(page);
    }
    assert_eq!(seen, all(&harness).await, "the pages are the list");
    assert!(seen.is_sorted_by_key(|letter| std::cmp::Reverse(letter.last_failed_at)));
    assert_eq!(seen.len(), 20);
    let behind = Some(LetterPlace { failed_at: at(3), letter: None });
    let older = asked(&letters, &LetterQuestion { behind, ..any(99) }).await;
    assert_eq!(older.len(), 8, "those that failed at 1 and 2");
}

fn uuid(number: i64) -> uuid::Uuid {
    uuid::Uuid::from_u128(number.unsigned_abs().into())
}

/// And all filters hold at once.
pub async fn a_filter_leaves_the_others_out(harness: impl StoreHarness) {
    let store = harness.open().await;
    let other = DeadLetter { key: key("b"), kind: "tally.told".to_owned(), ..letter("f", 2) };
    commit(&*store, writes(vec![died(letter("e", 1)), died(other), died(letter("g", 3))])).await;
    commit(&*store, writes(vec![moved("g", Redriving)])).await;
    let letters = harness.letters().await;
    let names = async |question: LetterQuestion| -> Vec<String> {
        asked(&letters, &question).await.into_iter().map(|letter| letter.name).collect()
    };
    let (kind, of) = (Some("tally.told".to_owned()), Some(key("a")));
    assert_eq!(names(LetterQuestion { states: vec![Dead], ..any(9) }).await, ["f", "e"]);
    assert_eq!(names(LetterQuestion { states: vec![Dead, Redriving], ..any(9) }).await, ["g", "f", "e"]);
    assert_eq!(names(LetterQuestion { kind: kind.clone(), ..any(9) }).await, ["f"]);
    assert_eq!(names(LetterQuestion { key: of.clone(), ..any(1) }).await, ["g"]);
    assert_eq!(names(LetterQuestion { key: of, kind, ..any(9) }).await, [""; 0]);
}

/// What waits is what is set aside of the same key.
pub async fn a_letter_tells_its_row_and_what_waits_behind_it(harness: impl StoreHarness) {
    let store = harness.open().await;
    let held = |name: &str, sequence| Scheduled::held(&event(&key(name), sequence));
    let dead = Scheduled { standing: Standing::Dead, ..held("a", 1) };
    let effect = Scheduled::effect(key("a"), "charge", at(1), "tally.ask", "{}".to_owned());
    let rows = [dead.clone(), held("a", 2), held("a", 3), held("b", 1), effect.clone()];
    let row = |row: Scheduled| (row.key.clone(), row.name.clone(), Some(row));
    let scheduled = rows.into_iter().map(row).collect();
    let dead_letters = vec![died(letter(&dead.name, 1)), died(letter("charge", 1))];
    commit(&*store, Writes { scheduled, dead_letters, ..nothing() }).await;
    let letters = harness.letters().await;
    let (filed, row) = letters.letter(&key("a"), &dead.name).await.expect("reads").expect("is there");
    assert_eq!((filed.waiting, row.expect("its row")), (2, dead));
    let (filed, row) = letters.letter(&key("a"), "charge").await.expect("reads").expect("is there");
    assert_eq!(
        (filed.waiting, row.map(|row| row.kind)),
        (0, Some(effect.kind)),
        "nothing waits for an effect"
    );
    assert_eq!(letters.letter(&key("b"), "charge").await, Ok(None));
}

/// And none that rests for less than that.
pub async fn only_settled_letters_are_forgotten_and_not_too_many(harness: impl StoreHarness) {
    let store = harness.open().await;
    let names = ["a", "b", "c", "d", "e"];
    commit(&*store, writes(names.map(|name| died(letter(name, 10))).to_vec())).await;
    let act = OperatorAct { actor: "ann".to_owned(), reason: String::new(), at: at(30) };
    let states = [("a", Resolved), ("b", Discarded), ("c", Discarded), ("d", Redriving)];
    let mut settled: Vec<_> = states.into_iter().map(|(name, state)| moved(name, state)).collect();
    settled.push(DeadLetterWrite::Acted(key("a"), "c".to_owned(), act));
    commit(&*store, writes(settled)).await;
    let letters = harness.letters().await;
    let forget = async |second, limit| letters.forget_letters(at(second), limit).await.expect("forgets");
    assert_eq!(forget(9, 9).await, 0, "they failed later");
    assert_eq!((forget(20, 1).await, forget(20, 9).await), (1, 1));
    assert_eq!((forget(29, 9).await, forget(30, 9).await), (0, 1), "it was acted on at 30");
    let mut left: Vec<_> = all(&harness).await.into_iter().map(|letter| letter.name).collect();
    left.sort_unstable();
    assert_eq!(left, ["d", "e"], "nobody forgets what is not settled");
}
