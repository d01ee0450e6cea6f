//! The table `claims`. A claim is made, pending, when it is asked for: so others who ask wait for the end of the
//! transaction. What is still pending at the end is taken back.

use std::collections::HashMap;

use engine::claim::ClaimKind;
use engine::{Claim, Claimed, Fault};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio_postgres::types::Type;

use crate::columns::{Word, column, limit, words};
use crate::session::{Session, Value};

words!(ClaimKind { Request = "request", External = "external", Message = "message" });

/// What a claim is found by: the first 16 bytes of SHA-256, the same in every version; nobody can make two collide.
pub fn digest(id: &str) -> Vec<u8> {
    Sha256::digest(id.as_bytes())[..16].to_vec()
}

/// Makes the claims that nobody made, and answers those of the others that somebody did.
pub async fn ask(session: &Session, ids: &[&str]) -> Result<HashMap<Vec<u8>, Claimed>, Fault> {
    let mut asked: Vec<(Vec<u8>, &str)> = ids.iter().map(|id| (digest(id), *id)).collect();
    asked.sort_unstable();
    let (digests, ids): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    let make = "INSERT INTO @claims (digest, claim) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING";
    let find = "SELECT digest, fingerprint, reply FROM @claims WHERE digest = ANY($1) AND kind <> 'pending'";
    let making: &[Value<'_>] = &[(&digests, Type::BYTEA_ARRAY), (&ids, Type::TEXT_ARRAY)];
    let finding: &[Value<'_>] = &[(&digests, Type::BYTEA_ARRAY)];
    let (made, found) = futures::join!(session.execute(make, making), session.query(find, finding));
    made?;
    let claimed = found?.into_iter().map(|row| {
        Ok((column(&row, 0)?, Claimed { fingerprint: column(&row, 1)?, reply: column(&row, 2)? }))
    });
    claimed.collect()
}

/// Makes the claims, whether they were asked for or not.
pub async fn insert(session: &Session, claims: &[(Claim, String)]) -> Result<(), Fault> {
    let mut claims: Vec<_> = claims.iter().map(|(claim, reply)| (digest(&claim.id), claim, reply)).collect();
    claims.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let sql = "INSERT INTO @claims (digest, claim, kind, fingerprint, reply, expires)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        ON CONFLICT (digest) DO UPDATE SET kind = excluded.kind, fingerprint = excluded.fingerprint,
            reply = excluded.reply, expires = excluded.expires";
    let digests: Vec<_> = claims.iter().map(|(digest, ..)| digest.as_slice()).collect();
    let ids: Vec<_> = claims.iter().map(|(_, claim, _)| claim.id.as_str()).collect();
    let kinds: Vec<_> = claims.iter().map(|(_, claim, _)| claim.kind.word()).collect();
    let fingerprints: Vec<_> = claims.iter().map(|(_, claim, _)| claim.fingerprint.as_str()).collect();
    let replies: Vec<_> = claims.iter().map(|(.., reply)| reply.as_str()).collect();
    let expiries: Vec<_> = claims.iter().map(|(_, claim, _)| claim.expires).collect();
    let values: &[Value<'_>] = &[
        (&digests, Type::BYTEA_ARRAY),
        (&ids, Type::TEXT_ARRAY),
        (&kinds, Type::TEXT_ARRAY),
        (&fingerprints, Type::TEXT_ARRAY),
        (&replies, Type::TEXT_ARRAY),
        (&expiries, Type::TIMESTAMPTZ_ARRAY),
    ];
    session.execute(sql, values).await.map(drop)
}

/// Takes back what was asked for and not made.
pub async fn take_back(session: &Session, digests: &[Vec<u8>]) -> Result<(), Fault> {
    let sql = "DELETE FROM @claims WHERE digest = ANY($1) AND kind = 'pending'";
    session.execute(sql, &[(&digests, Type::BYTEA_ARRAY)]).await.map(drop)
}

/// Forgets up to `rows` claims that expired at or before `now`, the oldest first. Answers how many.
pub async fn forget(session: &Session, now: Timestamp, rows: usize) -> Result<usize, Fault> {
    let sql = "DELETE FROM @claims WHERE digest = ANY(ARRAY(
        SELECT digest FROM @claims WHERE expires IS NOT NULL AND expires <= $1 ORDER BY expires LIMIT $2
        FOR UPDATE SKIP LOCKED))";
    let forgotten = session.execute(sql, &[(&now, Type::TIMESTAMPTZ), (&limit(rows), Type::INT8)]).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}
