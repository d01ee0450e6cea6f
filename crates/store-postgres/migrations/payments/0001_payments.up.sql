-- The payments service's own table: one payment per order.
CREATE TABLE payments (
    order_id   uuid        PRIMARY KEY,
    state      text        NOT NULL,
    settled    boolean     NOT NULL,
    amount     bigint      NOT NULL,
    currency   text        NOT NULL,
    captured   bigint      NOT NULL,
    refunded   bigint      NOT NULL,
    updated_at timestamptz NOT NULL,
    payment    json        NOT NULL
);
CREATE INDEX payments_open ON payments (order_id) WHERE NOT settled;
COMMENT ON TABLE payments IS 'The payments, one per order.';
COMMENT ON COLUMN payments.order_id IS 'The order, and the id of the payment.';
COMMENT ON COLUMN payments.state IS 'pending, unknown, captured or failed.';
COMMENT ON COLUMN payments.settled IS 'Whether nothing is under way any more.';
COMMENT ON COLUMN payments.amount IS 'Minor units to be charged.';
COMMENT ON COLUMN payments.currency IS 'ISO 4217.';
COMMENT ON COLUMN payments.captured IS 'Minor units captured.';
COMMENT ON COLUMN payments.refunded IS 'Minor units given back.';
COMMENT ON COLUMN payments.updated_at IS 'When it was changed last.';
COMMENT ON COLUMN payments.payment IS 'All of it.';
