//! Dead letters: what could not be handled, and what an operator does about it.
//!
//! It guarantees that an act leaves a trace before it is done: in the order's timeline where there is an order, and in the
//! letter itself with the act. It deliberately knows no service: each is an [`Office`](crate::Office).

mod act;
pub(crate) mod discard;
pub(crate) mod get;
mod id;
pub(crate) mod list;
mod page;
pub(crate) mod redrive;

use engine::{FiledLetter, Scheduled};

use crate::api::{Api, Office};
use crate::problem::Problem;
use crate::problems::NOT_FOUND;
use crate::view::dead_letter::LetterView;

use id::LetterId;

/// A letter that was found.
struct Found<'a> {
    office: &'a Office,
    id: LetterId,
    filed: FiledLetter,
    row: Option<Scheduled>,
}

impl Found<'_> {
    /// All that is known of it.
    fn view(&self) -> LetterView {
        LetterView::new(self.id.text(), self.office.consumer, &self.filed, self.row.as_ref())
    }
}

/// The letter of this id. One that is malformed is the id of nothing.
async fn find<'a>(api: &'a Api, id: &str) -> Result<Found<'a>, Problem> {
    let nothing = || Problem::new(NOT_FOUND, "there is no dead letter with this id");
    let id = LetterId::read(id).ok_or_else(nothing)?;
    let office = api.offices.iter().find(|office| office.consumer == id.consumer).ok_or_else(nothing)?;
    let (filed, row) = office.letters.letter(&id.key, &id.name).await?.ok_or_else(nothing)?;
    Ok(Found { office, id, filed, row })
}
