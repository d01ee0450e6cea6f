-- The notifications service's own table: what customers were told, and why not.
CREATE TABLE notifications (
    id           uuid PRIMARY KEY,
    order_id     uuid NOT NULL,
    kind         text NOT NULL,
    state        text NOT NULL,
    notification json NOT NULL
);
CREATE UNIQUE INDEX notifications_by_order ON notifications (order_id, kind);
-- Small, because nearly every notification is SENT in the end.
CREATE INDEX notifications_unsent ON notifications (state, id) WHERE state <> 'SENT';
COMMENT ON TABLE notifications IS 'What customers were told, and why not: one for each order and kind.';
COMMENT ON COLUMN notifications.id IS 'UUIDv7: ids sort by the time they were made.';
COMMENT ON COLUMN notifications.order_id IS 'The order it is about.';
COMMENT ON COLUMN notifications.kind IS 'What it tells of, such as order.paid.';
COMMENT ON COLUMN notifications.state IS 'PENDING, SENT, FAILED, UNKNOWN or SKIPPED.';
COMMENT ON COLUMN notifications.notification IS 'All of it; amounts in minor units.';
