-- What an action was done to, who had logged in, and the way it came in by.
ALTER TABLE action_log ADD COLUMN kind {TEXT} NOT NULL DEFAULT '';
ALTER TABLE action_log ADD COLUMN row_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE action_log ADD COLUMN auth_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE action_log ADD COLUMN via {TEXT} NOT NULL DEFAULT '';

-- The name of the value; '' in rows older than it, which only have its number.
ALTER TABLE change_value ADD COLUMN name {TEXT} NOT NULL DEFAULT '';
