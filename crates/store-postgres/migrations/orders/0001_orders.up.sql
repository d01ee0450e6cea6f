-- The orders service's own tables.

CREATE TABLE orders (
    id                uuid        PRIMARY KEY,
    status            text        NOT NULL,
    payment_status    text        NOT NULL,
    processing_status text        NOT NULL,
    customer_id       text,
    customer_name     text,
    external_id       text,
    payment_method    text,
    total             bigint      NOT NULL,
    currency          text        NOT NULL,
    version           bigint      NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    facts             json        NOT NULL,
    content           json        NOT NULL
);
CREATE UNIQUE INDEX orders_by_external_id ON orders (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX orders_by_customer ON orders (customer_id, id) WHERE customer_id IS NOT NULL;
-- Small, because nearly every order is PROCESSED in the end.
CREATE INDEX orders_unprocessed ON orders (status, id) WHERE status <> 'PROCESSED';
COMMENT ON TABLE orders IS 'The orders.';
COMMENT ON COLUMN orders.id IS 'UUIDv7: ids sort by the time they were made.';
COMMENT ON COLUMN orders.status IS 'PENDING, PAID, PROCESSED, FAILED or CANCELLED.';
COMMENT ON COLUMN orders.payment_status IS 'NONE, PENDING, PAID, FAILED, UNKNOWN, REFUNDED or PARTIALLY_REFUNDED.';
COMMENT ON COLUMN orders.processing_status IS 'PENDING, PROCESSED or REJECTED.';
COMMENT ON COLUMN orders.customer_id IS 'Who ordered, if known.';
COMMENT ON COLUMN orders.customer_name IS 'Who ordered, by name, if known.';
COMMENT ON COLUMN orders.external_id IS 'What another system calls it.';
COMMENT ON COLUMN orders.payment_method IS 'How it is to be paid, NULL: nothing is charged.';
COMMENT ON COLUMN orders.total IS 'What it costs, in minor units of the currency.';
COMMENT ON COLUMN orders.currency IS 'ISO 4217, of all amounts of the order.';
COMMENT ON COLUMN orders.version IS 'How often it was changed, from 1.';
COMMENT ON COLUMN orders.created_at IS 'When it was accepted.';
COMMENT ON COLUMN orders.updated_at IS 'When it was changed last.';
COMMENT ON COLUMN orders.facts IS 'What became of it; the three states are computed from it.';
COMMENT ON COLUMN orders.content IS 'What was ordered, as it was accepted. It never changes; order_items and deliveries say the same in columns.';

CREATE TABLE order_items (
    order_id   uuid    NOT NULL,
    line       integer NOT NULL,
    product_id text    NOT NULL,
    name       text,
    quantity   bigint  NOT NULL,
    price      bigint,
    total      bigint,
    PRIMARY KEY (order_id, line)
);
COMMENT ON TABLE order_items IS 'The lines of the orders. They never change.';
COMMENT ON COLUMN order_items.order_id IS 'The order.';
COMMENT ON COLUMN order_items.line IS 'Its place among the lines of the order, from 1.';
COMMENT ON COLUMN order_items.product_id IS 'The product.';
COMMENT ON COLUMN order_items.name IS 'What it was called then, if known.';
COMMENT ON COLUMN order_items.quantity IS 'How many.';
COMMENT ON COLUMN order_items.price IS 'Minor units for one, if known.';
COMMENT ON COLUMN order_items.total IS 'Minor units for the line, if known.';

CREATE TABLE deliveries (
    order_id uuid PRIMARY KEY,
    name     text,
    phone    text,
    zip      text,
    city     text,
    address  text,
    region   text,
    email    text
);
COMMENT ON TABLE deliveries IS 'Where orders go, if anywhere. They never change.';
COMMENT ON COLUMN deliveries.order_id IS 'The order.';
COMMENT ON COLUMN deliveries.name IS 'Who receives it.';
COMMENT ON COLUMN deliveries.phone IS 'How to reach them.';
COMMENT ON COLUMN deliveries.zip IS 'Postal code.';
COMMENT ON COLUMN deliveries.city IS 'Town or city.';
COMMENT ON COLUMN deliveries.address IS 'Street, house and whatever else finds the door.';
COMMENT ON COLUMN deliveries.region IS 'State, province or republic.';
COMMENT ON COLUMN deliveries.email IS 'E-mail address of the recipient.';

CREATE TABLE documents (
    order_id uuid PRIMARY KEY,
    document text NOT NULL
);
COMMENT ON TABLE documents IS 'The documents that orders from other systems came as.';
COMMENT ON COLUMN documents.order_id IS 'The order.';
COMMENT ON COLUMN documents.document IS 'The exact text.';

CREATE TABLE products (
    id      text PRIMARY KEY COLLATE "C",
    product json NOT NULL
);
COMMENT ON TABLE products IS 'The replica of the menu.';
COMMENT ON COLUMN products.id IS 'The id its buyers use.';
COMMENT ON COLUMN products.product IS 'The product; the price in minor units.';
