-- The search index over the orders. What writes it is a step of its own, never who places an order.

CREATE TABLE search_terms (
    id    uuid      PRIMARY KEY,
    terms integer[] NOT NULL
);
-- What is not merged into the index yet is read whole by every search.
CREATE INDEX search_terms_by_term ON search_terms USING gin (terms) WITH (gin_pending_list_limit = 1024);
COMMENT ON TABLE search_terms IS 'Under which terms an order is found.';
COMMENT ON COLUMN search_terms.id IS 'The order.';
COMMENT ON COLUMN search_terms.terms IS 'Hashes of its product ids, its customer id and of every three letters in a row; one of its part.';

CREATE TABLE search_parts (
    first_id uuid    PRIMARY KEY,
    number   integer NOT NULL UNIQUE,
    term     integer NOT NULL,
    orders   bigint  NOT NULL
) WITH (fillfactor = 50);
INSERT INTO search_parts (first_id, number, term, orders)
VALUES ('00000000-0000-0000-0000-000000000000', 0, -763240165, 0);
COMMENT ON TABLE search_parts IS 'Parts of the index of about the same size: so much is looked through and no more.';
COMMENT ON COLUMN search_parts.first_id IS 'The part has the orders from this id on, up to that of the next part.';
COMMENT ON COLUMN search_parts.number IS 'From 0, the newest last.';
COMMENT ON COLUMN search_parts.term IS 'The term that all orders of the part have.';
COMMENT ON COLUMN search_parts.orders IS 'How many orders were added while it was the newest.';

CREATE TABLE search_turn (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    indexer text    NOT NULL DEFAULT '',
    until   timestamptz NOT NULL DEFAULT '-infinity',
    sweep   text    NOT NULL DEFAULT 'unbegun',
    last_id uuid    NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
) WITH (fillfactor = 10);
INSERT INTO search_turn DEFAULT VALUES;
COMMENT ON TABLE search_turn IS 'Who writes the index, and how far its sweep over all orders is.';
COMMENT ON COLUMN search_turn.one IS 'There is one row.';
COMMENT ON COLUMN search_turn.indexer IS 'Who, a UUID.';
COMMENT ON COLUMN search_turn.until IS 'When another indexer may take the turn.';
COMMENT ON COLUMN search_turn.sweep IS 'unbegun, after (last_id) or done.';
COMMENT ON COLUMN search_turn.last_id IS 'The last order the sweep has been at.';

CREATE TABLE search_cursors (
    partition  integer PRIMARY KEY,
    log_offset bigint  NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE search_cursors IS 'How far the log was read for the index.';
COMMENT ON COLUMN search_cursors.partition IS 'Which partition of it.';
COMMENT ON COLUMN search_cursors.log_offset IS 'The last offset that was read.';
