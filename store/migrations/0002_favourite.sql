-- The tickets users keep an eye on without owning them.
CREATE TABLE favourite (
	ticket_id BIGINT NOT NULL REFERENCES ticket (id),
	user_id   BIGINT NOT NULL,
	PRIMARY KEY (ticket_id, user_id)
) {CLUSTERED};
