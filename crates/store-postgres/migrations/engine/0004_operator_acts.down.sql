DROP INDEX dead_letters_by_time;
ALTER TABLE dead_letters DROP COLUMN acted_at;
ALTER TABLE dead_letters DROP COLUMN act_reason;
ALTER TABLE dead_letters DROP COLUMN actor;
