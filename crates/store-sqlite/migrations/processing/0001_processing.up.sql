-- The processing service's own table.
CREATE TABLE records (
    order_id   BLOB    NOT NULL PRIMARY KEY, -- the order
    stage      TEXT    NOT NULL,             -- working, completed, failed or cancelled
    error      TEXT,                         -- why it failed
    updated_at INTEGER NOT NULL              -- microseconds since 1970 UTC
) STRICT, WITHOUT ROWID;
