-- What a relay keeps beside the log that it forwards to a broker. How far it is stands in cursors, under this service's
-- own name.

CREATE TABLE holds (
    partition  integer     PRIMARY KEY,
    relay      text        NOT NULL,
    token      bigint      NOT NULL,
    held_until timestamptz NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE holds IS 'Which relay forwards which partition of the log.';
COMMENT ON COLUMN holds.partition IS 'From 0.';
COMMENT ON COLUMN holds.relay IS 'Who, a UUID.';
COMMENT ON COLUMN holds.token IS 'Higher with every new hold: nothing is written under an older one.';
COMMENT ON COLUMN holds.held_until IS 'When another relay may take it.';

CREATE TABLE parked (
    partition  integer     NOT NULL,
    log_offset bigint      NOT NULL,
    key        text        NOT NULL COLLATE "C",
    sequence   bigint      NOT NULL,
    kind       text        NOT NULL,
    time       timestamptz NOT NULL,
    data       text        NOT NULL,
    reason     text        NOT NULL,
    attempts   integer     NOT NULL,
    due        timestamptz,
    PRIMARY KEY (partition, log_offset)
);
CREATE INDEX parked_by_key ON parked (key, log_offset);
CREATE INDEX parked_by_due ON parked (partition, due) WHERE due IS NOT NULL;
COMMENT ON TABLE parked IS 'Records that the broker refused, and the later ones of their keys. The first columns are as in log.';
COMMENT ON COLUMN parked.reason IS 'Why the broker refused it, empty for one that only waits.';
COMMENT ON COLUMN parked.attempts IS 'How often it was tried.';
COMMENT ON COLUMN parked.due IS 'When it is tried again, NULL: when what it waits behind is gone.';
