-- The notifications service's own table: what customers were told, and why not.
CREATE TABLE notifications (
    id           BLOB NOT NULL PRIMARY KEY, -- UUIDv7, so the newest lie at the end
    order_id     BLOB NOT NULL,             -- the order it is about
    kind         TEXT NOT NULL,             -- what it tells of, such as order.paid
    state        TEXT NOT NULL,             -- PENDING, SENT, FAILED, UNKNOWN or SKIPPED
    notification TEXT NOT NULL              -- all of it, JSON; amounts in minor units
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX notifications_by_order ON notifications (order_id, kind);
-- Small, because nearly every notification is SENT in the end.
CREATE INDEX notifications_unsent ON notifications (state, id) WHERE state <> 'SENT';
