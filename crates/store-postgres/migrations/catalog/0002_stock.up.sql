-- The pieces that are there, and what of them is kept for orders.

ALTER TABLE products
    ADD COLUMN stock      bigint      CHECK (stock >= 0),
    ADD COLUMN reserved   bigint      NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    ADD COLUMN telling    boolean     NOT NULL DEFAULT false,
    ADD COLUMN version    bigint      NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT to_timestamp(0);
UPDATE products SET stock = (product ->> 'stock')::bigint;
-- All that was published so far is about products, which take no step: who reads it from now on has no part in them.
UPDATE streams SET steps = '';
COMMENT ON COLUMN products.stock IS 'Free pieces, as in product. NULL: not tracked.';
COMMENT ON COLUMN products.reserved IS 'Pieces that are kept for orders.';
COMMENT ON COLUMN products.telling IS 'Whether a timer is set to tell of its stock.';
COMMENT ON COLUMN products.version IS 'How often somebody changed it, from 1.';
COMMENT ON COLUMN products.updated_at IS 'When anything of it was changed last.';

CREATE TABLE reservations (
    order_id   uuid        PRIMARY KEY,
    stage      text        NOT NULL,
    reason     json,
    items      json        NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX reservations_open ON reservations (order_id) WHERE stage = 'reserved';
COMMENT ON TABLE reservations IS 'What is kept for orders, and was.';
COMMENT ON COLUMN reservations.order_id IS 'The order.';
COMMENT ON COLUMN reservations.stage IS 'reserved, rejected, consumed or released.';
COMMENT ON COLUMN reservations.reason IS 'Why it was rejected.';
COMMENT ON COLUMN reservations.items IS 'The pieces: [{"product_id", "quantity"}].';
COMMENT ON COLUMN reservations.created_at IS 'When it was made.';
COMMENT ON COLUMN reservations.updated_at IS 'When it was changed last.';
