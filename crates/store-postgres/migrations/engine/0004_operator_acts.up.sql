-- What an operator did with a dead letter last: it leaves a trace also where there is no order to tell it.
ALTER TABLE dead_letters ADD COLUMN actor text;
ALTER TABLE dead_letters ADD COLUMN act_reason text;
ALTER TABLE dead_letters ADD COLUMN acted_at timestamptz;
COMMENT ON COLUMN dead_letters.actor IS 'Who did something with it last, NULL: nobody did anything.';
COMMENT ON COLUMN dead_letters.act_reason IS 'Why, empty if they gave no reason.';
COMMENT ON COLUMN dead_letters.acted_at IS 'When.';

-- All letters in the order in which they are listed.
CREATE INDEX dead_letters_by_time ON dead_letters (last_failed_at, key, name);
