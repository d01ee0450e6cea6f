-- The payment provider's ledger: what is known under each idempotency key.
CREATE TABLE charges (
    key      text   PRIMARY KEY COLLATE "C",
    status   text   NOT NULL,
    currency text,
    captured bigint NOT NULL,
    refunded bigint NOT NULL,
    charge   json   NOT NULL
);
COMMENT ON TABLE charges IS 'The ledger of the payment provider: what is known under each idempotency key.';
COMMENT ON COLUMN charges.key IS 'The idempotency key.';
COMMENT ON COLUMN charges.status IS 'captured, declined or voided.';
COMMENT ON COLUMN charges.currency IS 'ISO 4217, NULL for a voided key.';
COMMENT ON COLUMN charges.captured IS 'Minor units that were taken.';
COMMENT ON COLUMN charges.refunded IS 'Minor units of it that were given back.';
COMMENT ON COLUMN charges.charge IS 'All of it.';
