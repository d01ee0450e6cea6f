//! The table `claims`. Rows are found by a 64-bit hash of the claim and then compared in full.

use engine::claim::ClaimKind;
use engine::{Claim, Claimed};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::columns::{TimeColumn, Word, limit, words};

words!(ClaimKind { Request = "request", External = "external", Message = "message" });

/// Who made the claim before, if somebody did.
pub fn find(conn: &Connection, id: &str) -> rusqlite::Result<Option<Claimed>> {
    let sql = "SELECT fingerprint, reply FROM claims WHERE hash = ?1 AND claim = ?2";
    let mut statement = conn.prepare_cached(sql)?;
    let claimed = |row: &rusqlite::Row<'_>| Ok(Claimed { fingerprint: row.get(0)?, reply: row.get(1)? });
    statement.query_row(params![hash(id), id], claimed).optional()
}

/// Makes the claim. The transaction has looked for it before.
pub fn insert(conn: &Connection, claim: &Claim, reply: &str) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO claims (hash, claim, kind, fingerprint, reply, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    conn.prepare_cached(sql)?
        .execute(params![
            hash(&claim.id),
            claim.id,
            Word(claim.kind),
            claim.fingerprint,
            reply,
            claim.expires.map(TimeColumn)
        ])
        .map(drop)
}

/// Forgets up to `rows` claims that expired at or before `now`, the oldest first. Answers how many.
pub fn forget(conn: &Connection, now: Timestamp, rows: usize) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM claims WHERE id IN
        (SELECT id FROM claims WHERE expires IS NOT NULL AND expires <= ?1 ORDER BY expires LIMIT ?2)";
    conn.prepare_cached(sql)?.execute(params![TimeColumn(now), limit(rows)])
}

/// The first 8 bytes of SHA-256: the same in every version, and nobody can make two claims collide on purpose.
fn hash(id: &str) -> i64 {
    let digest = Sha256::digest(id.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}
