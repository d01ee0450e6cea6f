-- What a relay keeps beside the log that it forwards to a broker. How far it is stands in cursors, under this service's
-- own name.

-- Which relay forwards which partition.
CREATE TABLE holds (
    partition INTEGER PRIMARY KEY, -- from 0
    relay     TEXT    NOT NULL,    -- who, a UUID
    token     INTEGER NOT NULL,    -- higher with every new hold: nothing is written under an older one
    until     INTEGER NOT NULL     -- when another relay may take it
) STRICT;

-- Records that the broker refused, and the later ones of their keys.
CREATE TABLE parked (
    place    INTEGER PRIMARY KEY, -- as in log
    key      ANY     NOT NULL,    -- as in log
    sequence INTEGER NOT NULL,    -- as in log
    kind     TEXT    NOT NULL,    -- as in log
    time     INTEGER NOT NULL,    -- as in log
    data     TEXT    NOT NULL,    -- as in log
    reason   TEXT    NOT NULL,    -- why the broker refused it, empty for one that only waits
    attempts INTEGER NOT NULL,    -- how often it was tried
    due      INTEGER              -- when it is tried again, NULL: when what it waits behind is gone
) STRICT;
CREATE INDEX parked_by_key ON parked (key, place);
CREATE INDEX parked_by_due ON parked (due) WHERE due IS NOT NULL;
