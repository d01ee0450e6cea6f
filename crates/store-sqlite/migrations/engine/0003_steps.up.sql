-- Which steps of the saga a key takes, as its first event said, with commas between them. NULL: nobody said so, and every
-- service has a part in it.
ALTER TABLE streams ADD COLUMN steps TEXT;
ALTER TABLE log ADD COLUMN steps TEXT;
ALTER TABLE parked ADD COLUMN steps TEXT;
