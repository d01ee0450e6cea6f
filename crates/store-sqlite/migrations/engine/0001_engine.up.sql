-- The engine's own tables, the same in the file of every service.
-- Keys: an id of ours is a 16-byte blob (hex(key) shows it), a name that users gave is text.
-- Times: microseconds since 1970 UTC (datetime(x / 1000000, 'unixepoch') shows one).

-- The outbox: what the service published, until every consumer has read it.
-- A rowid table, because its leaves take a row of up to a page without overflow; those of a WITHOUT ROWID table
-- take a quarter of that. Each partition is a range of rowids, and appends at the end of its range.
CREATE TABLE log (
    place    INTEGER PRIMARY KEY, -- partition << 40 | offset
    key      ANY     NOT NULL,    -- what the event is about
    sequence INTEGER NOT NULL,    -- 1, 2, 3 for the events about one key
    kind     TEXT    NOT NULL,    -- what happened, such as order.paid
    time     INTEGER NOT NULL,    -- when it was published
    data     TEXT    NOT NULL     -- the event's data, JSON
) STRICT;

-- The partitions of the log. Kept apart from it, so that offsets go on when the log is trimmed to nothing.
CREATE TABLE heads (
    partition INTEGER PRIMARY KEY, -- from 0
    offset    INTEGER NOT NULL     -- of the newest record ever written, 0 before the first
) STRICT;

-- The marks: where each key stands with the events it published and consumed.
CREATE TABLE streams (
    key     ANY     NOT NULL PRIMARY KEY, -- what the stream is about
    emitted INTEGER NOT NULL,             -- the sequence of the last event published about it
    noted   INTEGER NOT NULL,             -- the sequence of the last note in its journal
    held    INTEGER NOT NULL,             -- how many of its events are set aside
    marks   TEXT    NOT NULL              -- the sequence of the last event applied, per source: payments=2 processing=1
) STRICT, WITHOUT ROWID;

-- The journals: the history of each key, in the service's own words. Clustered by key, since one key's is read at a time;
-- keys are ordered by their birth, so notes are written where the newest keys lie.
CREATE TABLE journal (
    key      ANY     NOT NULL, -- whose history
    sequence INTEGER NOT NULL, -- 1, 2, 3 per key
    at       INTEGER NOT NULL, -- when it was written
    data     TEXT    NOT NULL, -- what it says, JSON that the service chose
    PRIMARY KEY (key, sequence)
) STRICT, WITHOUT ROWID;

-- The inbox: what is claimed once is never applied twice. Rows are appended; only the small index is written at random.
CREATE TABLE claims (
    id          INTEGER PRIMARY KEY, -- the order in which claims were made
    hash        INTEGER NOT NULL,    -- the first 8 bytes of SHA-256 of the claim
    claim       TEXT    NOT NULL,    -- what is claimed, scope and all, such as place/anonymous/key-1
    kind        TEXT    NOT NULL,    -- request, external or message: which rule a conflict breaks
    fingerprint TEXT    NOT NULL,    -- a hash of what the sender said, empty if not compared
    reply       TEXT    NOT NULL,    -- what the sender was answered, JSON, empty if nobody waited
    expires     INTEGER              -- when it may be forgotten, NULL: never
) STRICT;
CREATE INDEX claims_by_hash ON claims (hash);
CREATE INDEX claims_by_expiry ON claims (expires) WHERE expires IS NOT NULL;

-- The schedule: timers, set-aside events and effects.
CREATE TABLE scheduled (
    key         ANY     NOT NULL, -- what it is about
    name        TEXT    NOT NULL, -- what it is called among the rows of its key
    kind        TEXT    NOT NULL, -- timer, held or effect
    due         INTEGER,          -- when, NULL: it waits for a predecessor or for an operator
    lease_until INTEGER,          -- until when a worker has the effect, NULL: nobody has
    standing    TEXT    NOT NULL, -- live, dead (waits for an operator) or redriven
    attempts    INTEGER NOT NULL, -- attempts that were used up
    token       INTEGER NOT NULL, -- the fencing token of the last lease
    message     TEXT    NOT NULL, -- the type of the message or effect
    data        TEXT    NOT NULL, -- its data, JSON; of a held event the whole record
    PRIMARY KEY (key, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_messages ON scheduled (due) WHERE kind <> 'effect' AND due IS NOT NULL;
CREATE INDEX scheduled_effects ON scheduled (coalesce(lease_until, due)) WHERE kind = 'effect' AND due IS NOT NULL;

-- The fencing tokens of leases. One counter for all rows, so that a row that is put anew never gets an old token again.
CREATE TABLE fencing (
    id    INTEGER PRIMARY KEY CHECK (id = 1), -- there is one row
    token INTEGER NOT NULL                    -- the last token given
) STRICT;
INSERT INTO fencing (id, token) VALUES (1, 0);

-- Why rows of the schedule do not move any more. They outlive their row.
CREATE TABLE dead_letters (
    key             ANY     NOT NULL, -- the key whose later messages wait
    name            TEXT    NOT NULL, -- the row of the schedule
    kind            TEXT    NOT NULL, -- the type of the message or effect
    code            TEXT    NOT NULL, -- why, in a word
    reason          TEXT    NOT NULL, -- why, in a sentence
    attempts        INTEGER NOT NULL, -- how often it was tried
    replays         INTEGER NOT NULL, -- how often an operator redrove it
    state           TEXT    NOT NULL, -- DEAD, REDRIVING, RESOLVED or DISCARDED
    first_failed_at INTEGER NOT NULL, -- when it failed first
    last_failed_at  INTEGER NOT NULL, -- when it failed last
    PRIMARY KEY (key, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letters_by_state ON dead_letters (state, last_failed_at);

-- A dead row that the service takes back, or puts anew, leaves no dead letter behind.
CREATE TRIGGER scheduled_deleted AFTER DELETE ON scheduled WHEN old.standing = 'dead' BEGIN
    UPDATE dead_letters SET state = 'DISCARDED' WHERE key = old.key AND name = old.name AND state = 'DEAD';
END;
CREATE TRIGGER scheduled_replaced AFTER UPDATE ON scheduled WHEN old.standing = 'dead' AND new.standing = 'live' BEGIN
    UPDATE dead_letters SET state = 'DISCARDED' WHERE key = old.key AND name = old.name AND state = 'DEAD';
END;

-- A redriven row that the service takes back has done what it was redriven for.
CREATE TRIGGER scheduled_resolved AFTER DELETE ON scheduled WHEN old.standing = 'redriven' BEGIN
    UPDATE dead_letters SET state = 'RESOLVED' WHERE key = old.key AND name = old.name AND state = 'REDRIVING';
END;

-- How far the service has consumed the logs of others.
CREATE TABLE cursors (
    source    TEXT    NOT NULL, -- whose log
    partition INTEGER NOT NULL, -- which partition of it
    offset    INTEGER NOT NULL, -- the last applied offset
    PRIMARY KEY (source, partition)
) STRICT, WITHOUT ROWID;
