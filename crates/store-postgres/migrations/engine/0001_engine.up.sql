-- The engine's own tables, the same in the schema of every service.
-- Keys are text: an id of ours as a UUID, else the name that users gave. They sort by their bytes, so that all
-- instances lock them in one order.

CREATE TABLE log (
    partition  integer     NOT NULL,
    log_offset bigint      NOT NULL,
    key        text        NOT NULL COLLATE "C",
    sequence   bigint      NOT NULL,
    kind       text        NOT NULL,
    time       timestamptz NOT NULL,
    data       text        NOT NULL,
    PRIMARY KEY (partition, log_offset)
);
COMMENT ON TABLE log IS 'The outbox: what the service published, until every consumer has read it.';
COMMENT ON COLUMN log.partition IS 'By the hash of the key.';
COMMENT ON COLUMN log.log_offset IS '1, 2, 3 per partition, in the order of the commits, without gaps.';
COMMENT ON COLUMN log.key IS 'What the event is about.';
COMMENT ON COLUMN log.sequence IS '1, 2, 3 for the events about one key.';
COMMENT ON COLUMN log.kind IS 'What happened, such as order.paid.';
COMMENT ON COLUMN log.time IS 'When it was published.';
COMMENT ON COLUMN log.data IS 'The data of the event, JSON.';

-- Its rows are updated by every batch: room on the page keeps them there.
CREATE TABLE heads (
    partition  integer PRIMARY KEY,
    log_offset bigint  NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE heads IS 'The partitions of the log. Kept apart from it, so that offsets go on when it is trimmed to nothing.';
COMMENT ON COLUMN heads.partition IS 'From 0.';
COMMENT ON COLUMN heads.log_offset IS 'Of the newest record ever written, 0 before the first.';

CREATE TABLE streams (
    key     text    PRIMARY KEY COLLATE "C",
    emitted bigint  NOT NULL,
    noted   bigint  NOT NULL,
    held    integer NOT NULL,
    marks   text    NOT NULL
) WITH (fillfactor = 70);
COMMENT ON TABLE streams IS 'The marks: where each key stands with the events it published and consumed.';
COMMENT ON COLUMN streams.key IS 'What the stream is about.';
COMMENT ON COLUMN streams.emitted IS 'The sequence of the last event published about it.';
COMMENT ON COLUMN streams.noted IS 'The sequence of the last note in its journal.';
COMMENT ON COLUMN streams.held IS 'How many of its events are set aside.';
COMMENT ON COLUMN streams.marks IS 'The sequence of the last event applied, per source: payments=2 processing=1.';

CREATE TABLE journal (
    key      text        NOT NULL COLLATE "C",
    sequence bigint      NOT NULL,
    at       timestamptz NOT NULL,
    data     text        NOT NULL,
    PRIMARY KEY (key, sequence)
);
COMMENT ON TABLE journal IS 'The history of each key, in the words of the service.';
COMMENT ON COLUMN journal.key IS 'Whose history.';
COMMENT ON COLUMN journal.sequence IS '1, 2, 3 per key.';
COMMENT ON COLUMN journal.at IS 'When it was written.';
COMMENT ON COLUMN journal.data IS 'What it says, JSON that the service chose.';

CREATE TABLE claims (
    digest      bytea       PRIMARY KEY,
    claim       text        NOT NULL,
    kind        text        NOT NULL DEFAULT 'pending',
    fingerprint text        NOT NULL DEFAULT '',
    reply       text        NOT NULL DEFAULT '',
    expires     timestamptz
) WITH (fillfactor = 70);
CREATE INDEX claims_by_expiry ON claims (expires) WHERE expires IS NOT NULL;
COMMENT ON TABLE claims IS 'The inbox: what is claimed once is never applied twice.';
COMMENT ON COLUMN claims.digest IS 'The first 16 bytes of the SHA-256 of the claim.';
COMMENT ON COLUMN claims.claim IS 'What is claimed, scope and all, such as place/anonymous/key-1.';
COMMENT ON COLUMN claims.kind IS 'request, external or message: which rule a conflict breaks. pending only within a transaction.';
COMMENT ON COLUMN claims.fingerprint IS 'A hash of what the sender said, empty if not compared.';
COMMENT ON COLUMN claims.reply IS 'What the sender was answered, JSON, empty if nobody waited.';
COMMENT ON COLUMN claims.expires IS 'When it may be forgotten, NULL: never.';

CREATE TABLE scheduled (
    key         text        NOT NULL COLLATE "C",
    name        text        NOT NULL COLLATE "C",
    kind        text        NOT NULL,
    due         timestamptz,
    lease_until timestamptz,
    standing    text        NOT NULL,
    attempts    integer     NOT NULL,
    token       bigint      NOT NULL,
    message     text        NOT NULL,
    data        text        NOT NULL,
    PRIMARY KEY (key, name)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX scheduled_messages ON scheduled (due) WHERE kind <> 'effect' AND due IS NOT NULL;
CREATE INDEX scheduled_effects ON scheduled ((coalesce(lease_until, due))) WHERE kind = 'effect' AND due IS NOT NULL;
COMMENT ON TABLE scheduled IS 'The schedule: timers, set-aside events and effects.';
COMMENT ON COLUMN scheduled.key IS 'What it is about.';
COMMENT ON COLUMN scheduled.name IS 'What it is called among the rows of its key.';
COMMENT ON COLUMN scheduled.kind IS 'timer, held or effect.';
COMMENT ON COLUMN scheduled.due IS 'When, NULL: it waits for a predecessor or for an operator.';
COMMENT ON COLUMN scheduled.lease_until IS 'Until when a worker has the effect, NULL: nobody has.';
COMMENT ON COLUMN scheduled.standing IS 'live, dead (waits for an operator) or redriven.';
COMMENT ON COLUMN scheduled.attempts IS 'Attempts that were used up.';
COMMENT ON COLUMN scheduled.token IS 'The fencing token of the last lease.';
COMMENT ON COLUMN scheduled.message IS 'The type of the message or effect.';
COMMENT ON COLUMN scheduled.data IS 'Its data, JSON; of a held event the whole record.';

CREATE SEQUENCE fencing;
COMMENT ON SEQUENCE fencing IS 'The fencing tokens of leases. One for all rows, so that a row that is put anew never gets an old token again.';

CREATE TABLE dead_letters (
    key             text        NOT NULL COLLATE "C",
    name            text        NOT NULL COLLATE "C",
    kind            text        NOT NULL,
    code            text        NOT NULL,
    reason          text        NOT NULL,
    attempts        integer     NOT NULL,
    replays         integer     NOT NULL,
    state           text        NOT NULL,
    first_failed_at timestamptz NOT NULL,
    last_failed_at  timestamptz NOT NULL,
    PRIMARY KEY (key, name)
);
CREATE INDEX dead_letters_by_state ON dead_letters (state, last_failed_at);
COMMENT ON TABLE dead_letters IS 'Why rows of the schedule do not move any more. They outlive their row.';
COMMENT ON COLUMN dead_letters.key IS 'The key whose later messages wait.';
COMMENT ON COLUMN dead_letters.name IS 'The row of the schedule.';
COMMENT ON COLUMN dead_letters.kind IS 'The type of the message or effect.';
COMMENT ON COLUMN dead_letters.code IS 'Why, in a word.';
COMMENT ON COLUMN dead_letters.reason IS 'Why, in a sentence.';
COMMENT ON COLUMN dead_letters.attempts IS 'How often it was tried.';
COMMENT ON COLUMN dead_letters.replays IS 'How often an operator redrove it.';
COMMENT ON COLUMN dead_letters.state IS 'DEAD, REDRIVING, RESOLVED or DISCARDED.';
COMMENT ON COLUMN dead_letters.first_failed_at IS 'When it failed first.';
COMMENT ON COLUMN dead_letters.last_failed_at IS 'When it failed last.';

CREATE TABLE cursors (
    source     text    NOT NULL,
    partition  integer NOT NULL,
    log_offset bigint  NOT NULL,
    PRIMARY KEY (source, partition)
) WITH (fillfactor = 10);
COMMENT ON TABLE cursors IS 'How far the service has consumed the logs of others.';
COMMENT ON COLUMN cursors.source IS 'Whose log.';
COMMENT ON COLUMN cursors.partition IS 'Which partition of it.';
COMMENT ON COLUMN cursors.log_offset IS 'The last applied offset.';
