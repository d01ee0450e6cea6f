-- Which steps of the saga a key takes.

ALTER TABLE streams ADD COLUMN steps text;
ALTER TABLE log ADD COLUMN steps text;
ALTER TABLE parked ADD COLUMN steps text;
COMMENT ON COLUMN streams.steps IS 'Which steps it takes, as its first event said, with commas between them. NULL: every service has a part in it.';
COMMENT ON COLUMN log.steps IS 'As in streams.';
COMMENT ON COLUMN parked.steps IS 'As in streams.';
