-- What an escalation level runs, 0 for nothing.
ALTER TABLE priority_level ADD COLUMN script BIGINT NOT NULL DEFAULT 0;

-- Scripts that tickets which reached a level are owed. A row goes when its script
-- has come to an end.
CREATE TABLE script_run (
	id           {ID},
	ticket_id    BIGINT NOT NULL REFERENCES ticket (id),
	level        BIGINT NOT NULL,
	script_id    BIGINT NOT NULL REFERENCES script (id),
	leased_until BIGINT, -- until then somebody is at it
	begun        BIGINT NOT NULL -- how often somebody was
);
CREATE INDEX script_run_ticket ON script_run (ticket_id, id);
CREATE INDEX script_run_script ON script_run (script_id);
