//! Finding orders by their terms, from the newest part of the index on, in so many parts and no more.

use engine::Fault;
use search::{Found, Term};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::numbers::array;
use crate::columns::{column, limit};
use crate::session::{Session, Value};

/// Parts that are looked through in the first statement, and in each further one. Together a quarter of a million orders.
const ROUNDS: [usize; 3] = [1, 4, 11];

/// The newest orders that have all the terms, of those from `from` on and before `before`.
pub async fn find(
    session: &Session,
    terms: &[Term],
    from: Uuid,
    before: Uuid,
    rows: usize,
) -> Result<Found, Fault> {
    let parts = parts(session, from, before).await?;
    let (mut ids, mut rest, terms) = (Vec::new(), parts.as_slice(), array(terms));
    let mut down_to = from;
    for round in ROUNDS {
        let (now, later) = rest.split_at(round.min(rest.len()));
        let Some((oldest, _)) = now.last() else { break };
        ids.extend(matching(session, &terms, now, (from, before), rows - ids.len()).await?);
        (rest, down_to) = (later, if later.is_empty() { from } else { *oldest });
        if ids.len() == rows {
            break;
        }
    }
    match ids.last() {
        Some(oldest) if ids.len() == rows => Ok(Found { down_to: *oldest, ids }),
        _ => Ok(Found { ids, down_to }),
    }
}

/// The newest parts between two ids, with their terms, and one more.
async fn parts(session: &Session, from: Uuid, before: Uuid) -> Result<Vec<(Uuid, i32)>, Fault> {
    let sql = "SELECT first_id, term FROM @search_parts WHERE first_id < $2
            AND first_id >= coalesce((SELECT first_id FROM @search_parts WHERE first_id <= $1
                ORDER BY first_id DESC LIMIT 1), $1)
        ORDER BY first_id DESC LIMIT $3";
    let most = limit(ROUNDS.iter().sum::<usize>() + 1);
    let values: &[Value<'_>] = &[(&from, Type::UUID), (&before, Type::UUID), (&most, Type::INT8)];
    let rows = session.query(sql, values).await?;
    rows.iter().map(|row| Ok((column(row, 0)?, column(row, 1)?))).collect()
}

/// What has the terms in these parts. Within a part few enough are found to sort them.
async fn matching(
    session: &Session,
    terms: &str,
    parts: &[(Uuid, i32)],
    (from, before): (Uuid, Uuid),
    rows: usize,
) -> Result<Vec<Uuid>, Fault> {
    let sql = "WITH found AS MATERIALIZED (
            SELECT found.id FROM unnest($1) AS part (term), LATERAL (
                SELECT id FROM @search_terms WHERE terms @> ($2::text::integer[] || part.term)) AS found)
        SELECT id FROM found WHERE id >= $3 AND id < $4 ORDER BY id DESC LIMIT $5";
    let parts: Vec<i32> = parts.iter().map(|(_, term)| *term).collect();
    let values: &[Value<'_>] = &[
        (&parts, Type::INT4_ARRAY),
        (&terms, Type::TEXT),
        (&from, Type::UUID),
        (&before, Type::UUID),
        (&limit(rows), Type::INT8),
    ];
    session.query(sql, values).await?.iter().map(|row| column(row, 0)).collect()
}
