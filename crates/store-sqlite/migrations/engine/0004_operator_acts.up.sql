-- What an operator did with a dead letter last: it leaves a trace also where there is no order to tell it.
ALTER TABLE dead_letters ADD COLUMN actor      TEXT;    -- who, NULL: nobody did anything
ALTER TABLE dead_letters ADD COLUMN act_reason TEXT;    -- why, empty if they gave no reason
ALTER TABLE dead_letters ADD COLUMN acted_at   INTEGER; -- when

-- All letters in the order in which they are listed.
CREATE INDEX dead_letters_by_time ON dead_letters (last_failed_at, key, name);
