-- The orders service's own tables.

-- Orders. The key is a UUIDv7, so new orders lie at the end and the newest come last.
CREATE TABLE orders (
    id                BLOB    NOT NULL PRIMARY KEY, -- UUIDv7, 16 bytes
    status            TEXT    NOT NULL,             -- PENDING, PAID, PROCESSED, FAILED or CANCELLED
    payment_status    TEXT    NOT NULL,             -- NONE, PENDING, PAID, FAILED, UNKNOWN, REFUNDED or PARTIALLY_REFUNDED
    processing_status TEXT    NOT NULL,             -- PENDING, PROCESSED or REJECTED
    customer_id       TEXT,                         -- who ordered, if known
    external_id       TEXT,                         -- what another system calls it
    version           INTEGER NOT NULL,             -- how often it was changed, from 1
    created_at        INTEGER NOT NULL,             -- microseconds since 1970 UTC
    updated_at        INTEGER NOT NULL,             -- microseconds since 1970 UTC
    facts             TEXT    NOT NULL,             -- what became of it, JSON; the three states are computed from it
    content           TEXT    NOT NULL              -- what was ordered, JSON; it never changes; amounts in minor units
) STRICT, WITHOUT ROWID;
-- Small, because nearly every order is PROCESSED in the end.
CREATE INDEX orders_unprocessed ON orders (status, id) WHERE status <> 'PROCESSED';
CREATE UNIQUE INDEX orders_by_external_id ON orders (external_id) WHERE external_id IS NOT NULL;

-- The documents that orders from other systems came as.
CREATE TABLE documents (
    order_id BLOB NOT NULL PRIMARY KEY, -- the order
    document TEXT NOT NULL              -- the exact text
) STRICT, WITHOUT ROWID;

-- The replica of the menu.
CREATE TABLE products (
    id      TEXT NOT NULL PRIMARY KEY, -- the id its buyers use
    product TEXT NOT NULL              -- the product, JSON; the price in minor units
) STRICT, WITHOUT ROWID;
