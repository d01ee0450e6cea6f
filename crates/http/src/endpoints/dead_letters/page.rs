//! A page of the letters of all services, in one order: those that failed last first, and of those that failed at the same time
//! those of one service after the other.

use std::cmp::{Ordering, Reverse};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::{FiledLetter, LetterPlace, LetterQuestion};
use jiff::{Timestamp, ToSpan};

use super::id::LetterId;
use crate::api::Office;
use crate::cursor::invalid_cursor;
use crate::problem::Problem;

/// The letter that a page ended with.
pub(super) struct Last {
    failed_at: Timestamp,
    id: LetterId,
}

impl Last {
    /// The cursor behind a letter.
    pub fn cursor(consumer: &str, FiledLetter { letter, .. }: &FiledLetter) -> String {
        let (key, name) = (letter.key.clone(), letter.name.clone());
        let id = LetterId { consumer: consumer.to_owned(), key, name };
        URL_SAFE_NO_PAD.encode(format!("{} {}", letter.last_failed_at.as_microsecond(), id.text()))
    }

    /// Reads a cursor.
    pub fn read(cursor: &str) -> Result<Self, Problem> {
        let read = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
            let (failed_at, id) = text.split_once(' ')?;
            let failed_at = Timestamp::from_microsecond(failed_at.parse().ok()?).ok()?;
            Some(Self { failed_at, id: LetterId::read(id)? })
        };
        read().ok_or_else(invalid_cursor)
    }

    /// Where to go on in the letters of the `at`th of these services.
    fn place(&self, offices: &[Office], at: usize) -> LetterPlace {
        let of = offices.iter().position(|office| office.consumer == self.id.consumer);
        let LetterId { key, name, .. } = self.id.clone();
        match of.map_or(Ordering::Greater, |of| at.cmp(&of)) {
            Ordering::Equal => LetterPlace { failed_at: self.failed_at, letter: Some((key, name)) },
            Ordering::Less => LetterPlace { failed_at: self.failed_at, letter: None },
            // None of those that failed at that time was told yet.
            Ordering::Greater => {
                let next = self.failed_at.checked_add(1.microsecond()).unwrap_or(Timestamp::MAX);
                LetterPlace { failed_at: next, letter: None }
            }
        }
    }
}

/// The letters that the question is about, behind `last`, each with whose it is.
pub(super) async fn read(
    offices: &[Office],
    only: Option<&str>,
    question: &LetterQuestion,
    last: Option<&Last>,
) -> Result<Vec<(&'static str, FiledLetter)>, Problem> {
    let mut found = Vec::new();
    for (at, office) in offices.iter().enumerate() {
        if only.is_some_and(|only| only != office.consumer) {
            continue;
        }
        let behind = last.map(|last| last.place(offices, at));
        let letters = office.letters.letters(&LetterQuestion { behind, ..question.clone() }).await?;
        found.extend(letters.into_iter().map(|filed| (office.consumer, filed)));
    }
    // Stable: the order within a service stays its own.
    found.sort_by_key(|(_, filed)| Reverse(filed.letter.last_failed_at));
    found.truncate(question.limit);
    Ok(found)
}
