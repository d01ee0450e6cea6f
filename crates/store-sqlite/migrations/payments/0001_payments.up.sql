-- The payments service's own table: one payment per order.
CREATE TABLE payments (
    order_id   BLOB    NOT NULL PRIMARY KEY, -- the order, and the payment's id
    state      TEXT    NOT NULL,             -- pending, unknown, captured or failed
    settled    INTEGER NOT NULL,             -- 1 when nothing is under way any more
    amount     INTEGER NOT NULL,             -- minor units to be charged
    currency   TEXT    NOT NULL,             -- ISO 4217
    captured   INTEGER NOT NULL,             -- minor units captured
    refunded   INTEGER NOT NULL,             -- minor units given back
    updated_at INTEGER NOT NULL,             -- microseconds since 1970 UTC
    payment    TEXT    NOT NULL              -- all of it, JSON
) STRICT, WITHOUT ROWID;
CREATE INDEX payments_open ON payments (order_id) WHERE settled = 0;
