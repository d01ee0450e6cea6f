-- The payment provider's ledger: what is known under each idempotency key.
CREATE TABLE charges (
    key      ANY     NOT NULL PRIMARY KEY, -- the idempotency key: a UUID's 16 bytes, else text
    status   TEXT    NOT NULL,             -- captured, declined or voided
    currency TEXT,                         -- ISO 4217; NULL for a voided key
    captured INTEGER NOT NULL,             -- minor units that were taken
    refunded INTEGER NOT NULL,             -- minor units of it that were given back
    charge   TEXT    NOT NULL              -- all of it, JSON
) STRICT, WITHOUT ROWID;
