-- The processing service's own table.
CREATE TABLE records (
    order_id   uuid        PRIMARY KEY,
    stage      text        NOT NULL,
    error      text,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE records IS 'What became of the work on each order.';
COMMENT ON COLUMN records.order_id IS 'The order.';
COMMENT ON COLUMN records.stage IS 'working, completed, failed or cancelled.';
COMMENT ON COLUMN records.error IS 'Why it failed.';
COMMENT ON COLUMN records.updated_at IS 'When it was changed last.';
