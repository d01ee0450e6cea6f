-- The pieces that are there, and what of them is kept for orders.

ALTER TABLE products ADD COLUMN stock      INTEGER CHECK (stock >= 0);                          -- free pieces, as in product; NULL: not tracked
ALTER TABLE products ADD COLUMN reserved   INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0);    -- pieces that are kept for orders
ALTER TABLE products ADD COLUMN telling    INTEGER NOT NULL DEFAULT 0;                          -- 1: a timer is set to tell of its stock
ALTER TABLE products ADD COLUMN version    INTEGER NOT NULL DEFAULT 1;                          -- how often somebody changed it, from 1
ALTER TABLE products ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;                          -- microseconds since 1970 UTC
UPDATE products SET stock = json_extract(product, '$.stock');
-- All that was published so far is about products, which take no step: who reads it from now on has no part in them.
UPDATE streams SET steps = '';

-- What is kept for orders, and was.
CREATE TABLE reservations (
    order_id   BLOB    NOT NULL PRIMARY KEY, -- UUIDv7, 16 bytes
    stage      TEXT    NOT NULL,             -- reserved, rejected, consumed or released
    reason     TEXT,                         -- why it was rejected, JSON
    items      TEXT    NOT NULL,             -- the pieces, JSON: [{"product_id", "quantity"}]
    created_at INTEGER NOT NULL,             -- microseconds since 1970 UTC
    updated_at INTEGER NOT NULL              -- microseconds since 1970 UTC
) STRICT, WITHOUT ROWID;
-- Small, because nearly every reservation ends soon.
CREATE INDEX reservations_open ON reservations (order_id) WHERE stage = 'reserved';
